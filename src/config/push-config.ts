import type { PushConfig } from './config.js';
import { RUN_ON_PUSH_SECONDS, type SourceFields } from './internal-schema.js';
import { DEFAULT_MAX_BYTES } from './schema-parts.js';

/** @param account.maxInternalAgeSeconds of its policy */
export function pushOf(
  fields: Extract<SourceFields, { kind: 'push' }>,
  { name, maxInternalAgeSeconds }: { name: string; maxInternalAgeSeconds: number },
): PushConfig {
  const { run_on_push: runOnPush = false } = fields;
  return {
    kind: 'push',
    account: name,
    maxSilenceSeconds: fields.max_silence_seconds ?? fields.max_internal_age_seconds ?? maxInternalAgeSeconds,
    runEverySeconds: runOnPush === false ? null : runOnPush === true ? RUN_ON_PUSH_SECONDS : runOnPush.every_seconds,
    maxBytes: fields.max_bytes ?? DEFAULT_MAX_BYTES,
  };
}
