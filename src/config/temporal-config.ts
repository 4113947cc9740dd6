import { FailureError } from '../domain/failure/failure.js';
import { isMap } from '../domain/text/is-map.js';
import { keyBytesOf, type PayloadKey } from '../runtime/payload-key.js';
import type { UnplacedProblem } from './config-problems.js';
import { checkSources } from './secret-relations.js';
import type { SecretSource } from './secret-source.js';
import type { TemporalFields } from './temporal-schema.js';

/** Encryption of what Temporal's server stores. */
export interface EncryptionConfig {
  /** The first one encrypts, all decrypt. */
  keys: readonly [EncryptionKey, ...EncryptionKey[]];
  /** Whose pages may ask `serve` to decrypt. */
  webUiOrigins: readonly string[];
}

/** Workers with versions: Temporal gives work to those of the current version only. */
export interface VersioningConfig {
  /** The name of the worker deployment in Temporal. */
  deployment: string;
}

interface EncryptionKey {
  id: string;
  key: SecretSource;
}

/** @param sourceOf the source under `<name>_env` or `<name>_file` of these fields */
export function encryptionOf(
  fields: TemporalFields,
  sourceOf: (fields: Readonly<Record<string, unknown>>, name: string) => SecretSource | null,
): EncryptionConfig | null {
  if (fields.encryption === undefined) return null;
  const [first, ...others] = fields.encryption.keys.flatMap((entry) => {
    const key = sourceOf(entry, 'key');
    return key === null ? [] : [{ id: entry.id, key }];
  });
  // `checkTemporal` refuses a file without a key.
  if (first === undefined) throw new Error('encryption without a key');
  return { keys: [first, ...others], webUiOrigins: fields.encryption.web_ui_origins ?? [] };
}

/** Each key has one source and its own id. */
export function checkTemporal(temporal: unknown): UnplacedProblem[] {
  const encryption = isMap(temporal) ? temporal['encryption'] : null;
  const keys = isMap(encryption) && Array.isArray(encryption['keys']) ? encryption['keys'] : [];
  const ids = new Set<unknown>();
  return keys.flatMap((entry: unknown, index) => {
    if (!isMap(entry)) return [];
    const at = ['temporal', 'encryption', 'keys', index];
    const problems = checkSources(entry, ['key'], at);
    if (entry['key_env'] === undefined && entry['key_file'] === undefined) {
      problems.push({ at, value: 'a map', message: 'it names no key', remedy: 'add key_env or key_file' });
    }
    if (ids.has(entry['id'])) {
      const remedy = 'give each key its own id; a key that replaces another one is added, not exchanged';
      problems.push({ at: [...at, 'id'], value: null, message: 'another key has the same id', remedy });
    }
    ids.add(entry['id']);
    return problems;
  });
}

/** @throws FailureError (configuration) for a key that is not set or does not have 32 bytes */
export function payloadKeysOf(
  { keys: [first, ...others] }: EncryptionConfig,
  resolveSecret: (source: SecretSource, what: string) => string,
): [PayloadKey, ...PayloadKey[]] {
  const read = ({ id, key }: EncryptionKey): PayloadKey => {
    const what = `temporal.encryption.keys (${id})`;
    const bytes = keyBytesOf(resolveSecret(key, what));
    if (bytes !== null) return { id, bytes };
    throw new FailureError({
      kind: 'configuration',
      side: 'plumbline',
      message: `${what}: the key does not have 32 bytes in base64`,
      where: 'temporal.encryption.keys',
      remedy: 'make one with `openssl rand -base64 32`',
      retryAfterMs: null,
    });
  };
  return [read(first), ...others.map(read)];
}
