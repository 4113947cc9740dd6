import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client, escapeIdentifier } from 'pg';
import { FailureError } from '../../domain/failure/failure.js';
import { accountsToAnchor, anchorAccount } from './anchor.js';
import type { DatabaseSession } from '../store/database.js';
import { asLedgerError, describeDatabase, driverError, databaseCode } from '../store/database-failure.js';
import { MIGRATIONS_FOLDER, ownMigrations } from './migration-files.js';
import { setRights } from './rights.js';

const TARGET = { migrationsFolder: MIGRATIONS_FOLDER, migrationsSchema: 'plumbline', migrationsTable: 'migration' };

/** Key of the advisory lock that lets one process migrate at a time; an arbitrary unused number. */
const LOCK_KEY = 7_586_234_901;
const LOCK_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Brings the ledger's schema up to date and returns the migrations that were applied. Then anchors the accounts that
 * earlier versions registered, and sets the rights of the worker's and the reader's roles if the server has them.
 * Idempotent; concurrent calls wait for each other. Throws FailureError of kind `ledger`.
 */
export async function migrateLedger(url: string): Promise<{ applied: string[] }> {
  return withConnection(url, 'migrate its schema', async (client) => {
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    // The lock ends with the connection, so also with this process.
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    const session = drizzle({ client });
    const before = (await latestMigration(session)) ?? 0;
    await migrate(session, TARGET);
    for (const account of await accountsToAnchor(session)) {
      await session.transaction(async (one) => anchorAccount(one, account));
    }
    await session.transaction(setRights);
    const applied = ownMigrations().filter(({ when }) => when > before);
    return { applied: applied.map(({ tag }) => tag) };
  });
}

/**
 * Creates the database of the URL if it is missing and the URL's user has the right to. Safe to call concurrently.
 * Throws FailureError of kind `ledger`.
 */
export async function ensureDatabase(url: string): Promise<{ created: boolean }> {
  const doing = 'create its database';
  const database = describeDatabase(url);
  const wanted = new Client({ connectionString: url }).database;
  try {
    await withConnection(url, doing, async () => undefined);
    return { created: false };
  } catch (error) {
    if (!(error instanceof FailureError) || databaseCode(error.cause) !== '3D000' || wanted === undefined) throw error;
  }
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  return withConnection(maintenance.href, doing, async (client) => {
    try {
      await client.query(`CREATE DATABASE ${escapeIdentifier(wanted)} TEMPLATE template0 ENCODING 'UTF8'`);
      return { created: true };
    } catch (error) {
      // Another process created it first: before this statement, or during it.
      const code = databaseCode(error);
      if (code === '42P04' || code === '23505') return { created: false };
      throw asLedgerError(error, doing, database);
    }
  });
}

/**
 * Throws FailureError of kind `ledger` if the database's schema is not the one that this version of Plumbline needs.
 */
export async function requireCurrentSchema(session: DatabaseSession, database: string): Promise<void> {
  const found = await latestMigration(session);
  const newest = ownMigrations().at(-1);
  if (newest === undefined) throw new TypeError(`${MIGRATIONS_FOLDER} holds no migration`);
  if (found === newest.when) return;
  const refuse = (message: string, remedy: string) =>
    new FailureError({ kind: 'ledger', side: 'ledger', message, where: null, remedy, retryAfterMs: null });
  if (found === null) throw refuse(`The ledger (${database}) has no schema yet.`, 'Run `plumbline migrate`.');
  if (found > newest.when) {
    throw refuse(
      `The ledger (${database}) has a newer schema than this Plumbline knows.`,
      'Upgrade Plumbline here too.',
    );
  }
  throw refuse(`The ledger (${database}) has an older schema than this Plumbline needs.`, 'Run `plumbline migrate`.');
}

async function latestMigration(session: DatabaseSession): Promise<number | null> {
  const there = await session.execute<{ name: string | null }>(sql`select to_regclass('plumbline.migration') as name`);
  if ((there.rows[0]?.name ?? null) === null) return null;
  const latest = await session.execute<{ mark: string | null }>(
    sql`select max(created_at) as mark from plumbline.migration`,
  );
  const mark = latest.rows[0]?.mark ?? null;
  return mark === null ? null : Number(mark);
}

async function withConnection<T>(url: string, doing: string, work: (client: Client) => Promise<T>): Promise<T> {
  const database = describeDatabase(url);
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'plumbline migrate',
  });
  // The error of a connection that breaks between two statements reaches the next statement.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw asLedgerError(driverError(error), doing, database);
  } finally {
    await client.end().catch(() => undefined);
  }
}
