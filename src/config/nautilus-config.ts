import type { SourceFields } from './internal-schema.js';
import { DEFAULT_DEADLINE_SECONDS } from './schema-parts.js';
import type { SecretSource } from './secret-source.js';

/** The database of a NautilusTrader's cache. */
export interface NautilusConfig {
  kind: 'nautilus';
  database: { kind: 'redis' | 'postgres'; url: SecretSource };
  traderId: string;
  /** What all keys begin with, without the colon that follows it. */
  prefix: string;
  encoding: 'msgpack' | 'json';
  /** The time of the state. */
  asOf: 'newest_event' | 'read' | { heartbeatStream: string };
  venue: string | null;
  accountId: string | null;
  /** ccxt's id of the account's exchange; null if it is not known. */
  exchange: string | null;
  positionMode: 'one-way' | 'hedge';
  amounts: 'instrument' | 'base' | 'contracts';
  deadlineSeconds: number;
  maxBytes: number;
}

/** @param urlOf the URL's place in one of the maps of databases */
export function nautilusOf(
  fields: Extract<SourceFields, { kind: 'nautilus' }>,
  { exchange, maxBytes, urlOf }: { exchange: string; maxBytes: number; urlOf: (map: object) => SecretSource | null },
): NautilusConfig {
  const kind = fields.postgres === undefined ? 'redis' : 'postgres';
  const url = urlOf(fields[kind] ?? {});
  // `checkNautilus` refuses a file without it.
  if (url === null) throw new Error('a NautilusTrader without a database');
  const { as_of: asOf, heartbeat_stream: heartbeatStream } = fields;
  const time = heartbeatStream === undefined ? asOf : { heartbeatStream };
  // `checkNautilus` refuses a file without it.
  if (time === undefined) throw new Error('a NautilusTrader without a time');
  return {
    kind: 'nautilus',
    database: { kind, url },
    traderId: fields.trader_id,
    prefix: fields.key_prefix ?? `trader-${fields.trader_id}`,
    encoding: fields.encoding ?? 'msgpack',
    asOf: time,
    venue: fields.venue ?? null,
    accountId: fields.account_id ?? null,
    exchange,
    positionMode: fields.position_mode ?? 'one-way',
    amounts: fields.amounts ?? 'instrument',
    deadlineSeconds: fields.deadline_seconds ?? DEFAULT_DEADLINE_SECONDS,
    maxBytes,
  };
}
