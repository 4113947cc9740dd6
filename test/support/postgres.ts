import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { askService } from './ask-service.js';
import { query } from './query.js';

const serverSchema = z.object({ url: z.string() });
const templateSchema = z.object({ url: z.string(), template: z.string() });

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/**
 * A new empty database in the jest run's PostgreSQL (a real one, which the first test that asks starts: allow the
 * `beforeAll` 30 s).
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  return create(serverSchema.parse(await askService('/postgres')).url);
}

/**
 * The same with the ledger's schema, as `migrateLedger` leaves it on a server without a deployment's roles. It is a copy
 * of one database, which takes a quarter of the time of the migrations.
 */
export async function createLedgerDatabase(): Promise<TestDatabase> {
  const { url, template } = templateSchema.parse(await askService('/ledger-template'));
  const database = await create(url, `template ${template}`);
  await query(database.url, OWN_DEPLOYMENT);
  return database;
}

/**
 * For the ledger of a test that asks much at once. By default a call fails after it has waited 5 s for one of the ten connections,
 * which happens on a busy machine.
 */
export const PATIENT = { limits: { connectMs: 60_000 } };

/** Each ledger is a deployment of its own. */
const OWN_DEPLOYMENT = `
  alter table plumbline.deployment disable trigger deployment_is_append_only;
  update plumbline.deployment set id = gen_random_uuid(), made_at = now();
  alter table plumbline.deployment enable always trigger deployment_is_append_only`;

async function create(serverUrl: string, options = ''): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(serverUrl, `create database ${name} ${options}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: async () => query(serverUrl, `drop database if exists ${name} with (force)`) };
}
