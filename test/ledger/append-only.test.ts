import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TamperedLedger } from './tampering.js';

let tampered: TamperedLedger;
beforeAll(async () => {
  tampered = await TamperedLedger.start();
}, 30_000);
afterAll(async () => tampered.stop());

describe('the database itself refuses changes, even from its owner', () => {
  it.each([
    ['event', `UPDATE plumbline.event SET payload = '{}' WHERE sequence = 1`],
    ['event', `UPDATE plumbline.event SET payload = payload`],
    ['event', `UPDATE plumbline.event SET payload = '{}' WHERE false`],
    ['event', `DELETE FROM plumbline.event WHERE sequence = 14`],
    ['event', `DELETE FROM plumbline.event`],
    ['event', `TRUNCATE plumbline.event`],
    ['event', `TRUNCATE plumbline.account CASCADE`],
    ['event', `INSERT INTO plumbline.event SELECT * FROM plumbline.event ON CONFLICT (id) DO UPDATE SET type = 'X'`],
    [
      'event',
      `MERGE INTO plumbline.event USING (SELECT 1 AS one) s ON sequence = s.one WHEN MATCHED THEN UPDATE SET type = 'X'`,
    ],
    ['event', `SET LOCAL session_replication_role = replica; DELETE FROM plumbline.event`],
    ['run', `UPDATE plumbline.run SET outcome = 'matched'`],
    ['run', `DELETE FROM plumbline.run`],
    ['run', `TRUNCATE plumbline.run CASCADE`],
    ['sighting', `DELETE FROM plumbline.sighting`],
    ['sighting', `TRUNCATE plumbline.sighting`],
    ['execution', `UPDATE plumbline.execution SET account = 'main'`],
    ['execution', `DELETE FROM plumbline.execution`],
    ['execution', `TRUNCATE plumbline.execution`],
  ])('%s: %s', async (table, sql) => {
    await tampered.query('BEGIN');
    try {
      await expect(tampered.query(sql)).rejects.toThrow(/the ledger is append-only: (UPDATE|DELETE|TRUNCATE) on/);
    } finally {
      await tampered.query('ROLLBACK');
    }
    expect(table).toMatch(/event|run|sighting|execution/);
  });

  it.each([
    ['an event without an account', `account = 'nobody', sequence = 99`, /event_account_fkey/],
    [
      'an event of a run that is not there',
      `sequence = 99, run_number = 99`,
      /event_account_workflow_run_id_run_number/,
    ],
    ['a sequence taken twice', `sequence = 2`, /event_pkey/],
    ['a sequence that does not count', `sequence = 0`, /event_sequence_check/],
  ])('%s', async (_what, changes, constraint) => {
    const change = new Map(changes.split(', ').map((pair) => pair.split(' = ') as [string, string]));
    const columns = ['account', 'sequence', 'type', 'at', 'workflow_run_id', 'run_number', 'payload', 'hash'];
    await expect(
      tampered.query(
        `INSERT INTO plumbline.event (id, previous_hash, ${columns.join(', ')})
         SELECT gen_random_uuid(), hash, ${columns.map((column) => change.get(column) ?? column).join(', ')}
         FROM plumbline.event WHERE sequence = 2`,
      ),
    ).rejects.toThrow(constraint);
  });
});

it('none of these statements changed the ledger', async () => {
  expect((await tampered.ledger.verify()).accounts[0]?.faults).toEqual([]);
});
