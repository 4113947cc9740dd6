import type { SourceFields } from './internal-schema.js';
import { DEFAULT_DEADLINE_SECONDS } from './schema-parts.js';
import type { SecretSource } from './secret-source.js';

/** Where a bot keeps its state. Which server it is (PostgreSQL, or MySQL and MariaDB) is in the URL, which is secret. */
export type BotDatabaseConfig = { kind: 'server'; url: SecretSource } | { kind: 'sqlite'; path: string };

/** A bot's own database. */
export interface SqlConfig {
  kind: 'sql';
  database: BotDatabaseConfig;
  /** `as_of` and at least one list. */
  queries: { as_of: string; positions?: string; orders?: string; balances?: string };
  /** What the queries cover. */
  scopes: readonly string[];
  positionMode: 'one-way' | 'hedge' | null;
  deadlineSeconds: number;
  maxBytes: number;
}

/** @param fileOf the absolute path of one in the configuration file */
export function sqlOf(
  fields: Extract<SourceFields, { kind: 'sql' }>,
  { maxBytes, url, fileOf }: { maxBytes: number; url: SecretSource | null; fileOf: (path: string) => string },
): SqlConfig {
  const { path, as_of, positions, orders, balances } = fields;
  const given = Object.entries({ positions, orders, balances }).filter(([, query]) => query !== undefined);
  return {
    kind: 'sql',
    database: databaseOf(url, path === undefined ? null : fileOf(path)),
    queries: { as_of, ...Object.fromEntries(given) },
    scopes: fields.scopes ?? given.map(([name]) => name),
    positionMode: fields.position_mode ?? null,
    deadlineSeconds: fields.deadline_seconds ?? DEFAULT_DEADLINE_SECONDS,
    maxBytes,
  };
}

/** @param path absolute */
export function databaseOf(url: SecretSource | null, path: string | null): BotDatabaseConfig {
  if (path !== null) return { kind: 'sqlite', path };
  if (url !== null) return { kind: 'server', url };
  // `checkDatabase` refuses a file with neither.
  throw new Error('a database without a path or url');
}
