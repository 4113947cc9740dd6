import type { NautilusConfig } from '../../../../src/config/nautilus-config.js';
import type { InternalSource } from '../../../../src/internal/internal-source.js';
import { createNautilusSource } from '../../../../src/internal/nautilus/nautilus-source.js';
import { createRedactor } from '../../../../src/redaction/redactor.js';

export const HEARTBEATS = 'trader-PROBE-001:stream:health:heartbeat';
/** The clock of the reader. */
export const NOW_MS = Date.parse('2026-11-29T18:00:00Z');

export function nautilusSource(url: string, overrides: Partial<NautilusConfig> = {}): InternalSource {
  const config: NautilusConfig = {
    kind: 'nautilus',
    database: { kind: 'redis', url: { env: 'NAUTILUS_REDIS_URL' } },
    traderId: 'PROBE-001',
    prefix: 'trader-PROBE-001',
    encoding: 'msgpack',
    asOf: { heartbeatStream: HEARTBEATS },
    venue: null,
    accountId: null,
    exchange: null,
    positionMode: 'one-way',
    amounts: 'instrument',
    deadlineSeconds: 10,
    maxBytes: 1_000_000,
    ...overrides,
  };
  return createNautilusSource(config, {
    resolveSecret: () => url,
    redactor: createRedactor(),
    now: () => NOW_MS,
  });
}
