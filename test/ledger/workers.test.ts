import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { createLedger, migrateLedger } from '../../src/ledger/create-ledger.js';
import { createTestDatabase } from '../support/postgres.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let ledger: Ledger;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrateLedger(database.url);
  ledger = createLedger(database.url);
}, 30_000);
afterAll(async () => {
  await ledger.close();
  await database.drop();
});

const report = (worker: string, accounts: string[], taskQueue = 'plumbline') => ({
  worker,
  taskQueue,
  accounts,
  configDigest: 'ab',
});

it('knows the workers of a task queue that reported within a minute, with their newest report', async () => {
  expect(await ledger.workers('plumbline')).toEqual([]);
  await ledger.reportWorker(report('1', ['main']));
  await ledger.reportWorker(report('2', []));
  await ledger.reportWorker(report('3', ['main'], 'other'));
  await ledger.reportWorker(report('1', ['main', `o'hara "x", {y}`]));
  expect(await ledger.workers('plumbline')).toEqual([report('1', ['main', `o'hara "x", {y}`]), report('2', [])]);
  await ledger.forgetWorker('2');
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`UPDATE plumbline.worker SET seen_at = now() - interval '61 seconds' WHERE worker = '1'`);
  expect(await ledger.workers('plumbline')).toEqual([]);
  await client.query(`UPDATE plumbline.worker SET seen_at = now() - interval '61 minutes' WHERE worker = '1'`);
  await ledger.reportWorker(report('4', ['main']));
  const { rows } = await client.query(`SELECT worker FROM plumbline.worker ORDER BY worker`);
  expect(rows).toEqual([{ worker: '3' }, { worker: '4' }]);
  await client.end();
});
