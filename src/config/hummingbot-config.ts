import type { SourceFields } from './internal-schema.js';
import { DEFAULT_DEADLINE_SECONDS } from './schema-parts.js';
import type { SecretSource } from './secret-source.js';
import { databaseOf, type SqlConfig } from './sql-config.js';

/** One connector in a Hummingbot's own database. */
export interface HummingbotConfig {
  kind: 'hummingbot';
  database: SqlConfig['database'];
  connector: string;
  /** Null if the database has one bot. */
  configFile: string | null;
  /** The time of the state. */
  asOf: 'newest_event' | 'read';
  /** Whether positions are compared, as the sums of all fills. */
  positions: boolean;
  deadlineSeconds: number;
  maxBytes: number;
}

/** Digits after the point that the bot's whole numbers have; what is finer was cut off. */
export const HUMMINGBOT_DIGITS = 6;

/** @param fileOf the absolute path of one in the configuration file */
export function hummingbotOf(
  fields: Extract<SourceFields, { kind: 'hummingbot' }>,
  { maxBytes, url, fileOf }: { maxBytes: number; url: SecretSource | null; fileOf: (path: string) => string },
): HummingbotConfig {
  const { path } = fields;
  return {
    kind: 'hummingbot',
    database: databaseOf(url, path === undefined ? null : fileOf(path)),
    connector: fields.connector,
    configFile: fields.config_file ?? null,
    asOf: fields.as_of,
    positions: fields.positions !== undefined,
    deadlineSeconds: fields.deadline_seconds ?? DEFAULT_DEADLINE_SECONDS,
    maxBytes,
  };
}
