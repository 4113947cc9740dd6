import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { canonicalJson } from '../../src/ledger/canonical.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import { hashEvent } from '../../src/ledger/event-chain.js';
import type { Ledger, LedgerFault } from '../../src/ledger/ledger.js';
import { migrateLedger } from '../../src/ledger/migrate.js';
import { order, snapshot } from '../domain/snapshots.js';
import { createTestDatabase } from '../support/postgres.js';
import { failed, openedOutside, orderPlaced, register, runKey, verdict } from './records.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let ledger: Ledger;
let intruder: Client;
let accounts = 0;
let main: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateLedger(database.url);
  ledger = createLedger(database.url);
  intruder = new Client({ connectionString: database.url });
  await intruder.connect();
}, 30_000);
afterAll(async () => {
  await intruder.end();
  await ledger.close();
  await database.drop();
});

/** A ledger with something of everything. */
beforeEach(async () => {
  main = `main-${++accounts}`;
  await register(ledger, main);
  await putLook(1);
  await ledger.recordVerdict(verdict(1, {}, main));
  await putLook(2);
  await ledger.recordVerdict(verdict(2, { confirmed: [openedOutside(), orderPlaced('17')] }, main));
  await ledger.recordFailure(failed(3, { consecutiveFailures: 1, threshold: 1, thresholdReached: true }, main));
  await ledger.recordVerdict(
    verdict(4, { confirmed: [openedOutside('0.7')], agreed: [orderPlaced('17').identity] }, main),
  );
  await ledger.recordPause({ account: main, paused: true, by: 'ada', reason: null, requestId: 'p' });
  await ledger.openIntervention({ account: main, interventionId: `${main}/call`, reasons: [] });
  await ledger.acknowledgeIntervention({ interventionId: `${main}/call`, by: 'ada', note: 'seen' });
});

async function putLook(run: number): Promise<void> {
  const orders = [order({ id: String(run) })];
  await ledger.putSnapshot(runKey(run, main), 1, snapshot('exchange', { orders }));
  await ledger.putSnapshot(runKey(run, main), 1, snapshot('internal', { orders }));
}

/** Changes the database as one who may do anything. */
async function tamper(sql: string): Promise<void> {
  await intruder.query('BEGIN');
  for (const table of ['event', 'run', 'sighting']) {
    await intruder.query(`ALTER TABLE plumbline.${table} DISABLE TRIGGER ALL`);
  }
  await intruder.query(sql.replaceAll('$main', `'${main}'`));
  for (const table of ['event', 'run', 'sighting']) {
    await intruder.query(`ALTER TABLE plumbline.${table} ENABLE TRIGGER ALL`);
    await intruder.query(`ALTER TABLE plumbline.${table} ENABLE ALWAYS TRIGGER ${table}_is_append_only`);
  }
  await intruder.query('COMMIT');
}

async function faults(account = main): Promise<LedgerFault[]> {
  const report = await ledger.verify(account);
  return report.accounts.flatMap((entry) => entry.faults);
}

it('a ledger that nobody touched has no fault, and is counted', async () => {
  const report = await ledger.verify(main);
  expect(report).toEqual({ accounts: [{ account: main, events: 11, runs: 4, faults: [] }] });
});

it('an account that the ledger does not know cannot be verified', async () => {
  await expect(ledger.verify('nobody')).rejects.toThrow('does not know the account "nobody"');
});

describe('a change of an event is found, whichever column it is in', () => {
  // The sixth event is the call at the failure threshold.
  const changes: [column: string, change: string][] = [
    ['account', `account = 'elsewhere'`],
    ['sequence', `sequence = 999`],
    ['id', `id = gen_random_uuid()`],
    ['type', `type = 'RECONCILIATION_COMPLETED'`],
    ['type', `type = 'SOMETHING_ELSE'`],
    ['at', `at = at + interval '1 millisecond'`],
    ['at', `at = (at::text || ' BC')::timestamptz`],
    ['at', `at = 'infinity'`],
    ['workflow_run_id', `workflow_run_id = 'other'`],
    ['run_number', `run_number = 2`],
    ['run_number', `run_number = null`],
    ['request_id', `request_id = 'x'`],
    ['payload', `payload = replace(payload::text, 'reset', 'Reset')::json`],
    ['payload', `payload = (payload::text || ' ')::json`],
    ['payload', `payload = payload::jsonb::json`],
    ['payload', `payload = 'null'`],
    ['previous_hash', `previous_hash = repeat('f', 64)`],
    ['hash', `hash = repeat('f', 64)`],
  ];

  it.each(changes)('%s: %s', async (_column, change) => {
    expect((await ledger.events(main, { after: 5, limit: 1 }))[0]?.payload['action']).toMatch(/THRESHOLD/);
    await tamper(`UPDATE plumbline.event SET ${change} WHERE account = $main AND sequence = 6`);
    const places = (await faults()).map(({ sequence }) => sequence);
    expect(places.some((sequence) => sequence === 6 || sequence === 7)).toBe(true);
  });

  it('and no column is left out', async () => {
    const columns = await intruder.query<{ column_name: string }>(
      `SELECT column_name FROM information_schema.columns WHERE table_schema = 'plumbline' AND table_name = 'event'`,
    );
    const tried = new Set(changes.map(([column]) => column));
    expect(columns.rows.map(({ column_name }) => column_name).filter((column) => !tried.has(column))).toEqual([]);
  });

  it('and events moved to an account that has no row are told in a verification of all', async () => {
    await tamper(`UPDATE plumbline.event SET account = 'stray' WHERE account = $main AND sequence = 6`);
    const report = await ledger.verify();
    expect(report.accounts.find(({ account }) => account === 'stray')?.faults).toMatchObject([
      { sequence: null, fault: '1 event(s) belong to this account, which has no row' },
    ]);
    await tamper(`DELETE FROM plumbline.event WHERE account = 'stray'`);
  });
});

describe('what is done to the order of events is found', () => {
  it.each([
    [
      'one in the middle taken out',
      `DELETE FROM plumbline.event WHERE account = $main AND sequence = 6`,
      /event 6 is missing/,
    ],
    [
      'several taken out',
      `DELETE FROM plumbline.event WHERE account = $main AND sequence in (6, 7)`,
      /6 to 7 are missing/,
    ],
    ['the first taken out', `DELETE FROM plumbline.event WHERE account = $main AND sequence = 1`, /event 1 is missing/],
    ['the last taken out', `DELETE FROM plumbline.event WHERE account = $main AND sequence = 11`, /end at 10.* 11/],
    ['all taken out', `DELETE FROM plumbline.event WHERE account = $main`, /end at 0.* 11/],
    [
      'the middle taken out and the rest moved up',
      `DELETE FROM plumbline.event WHERE account = $main AND sequence = 6;
       UPDATE plumbline.event SET sequence = sequence - 1000 WHERE account = $main AND sequence > 6;
       UPDATE plumbline.event SET sequence = sequence + 999 WHERE account = $main AND sequence < 0;
       UPDATE plumbline.account SET last_sequence = 10 WHERE account = $main`,
      /its columns do not give its hash/,
    ],
    [
      'two swapped',
      `UPDATE plumbline.event SET sequence = 1006 WHERE account = $main AND sequence = 6;
       UPDATE plumbline.event SET sequence = 6 WHERE account = $main AND sequence = 7;
       UPDATE plumbline.event SET sequence = 7 WHERE account = $main AND sequence = 1006`,
      /its columns do not give its hash/,
    ],
    [
      'one put in at the end',
      `INSERT INTO plumbline.event SELECT account, 12, gen_random_uuid(), type, at, workflow_run_id, run_number, null,
         payload, hash, repeat('a', 64) FROM plumbline.event WHERE account = $main AND sequence = 11`,
      /end at 12.* 11/,
    ],
  ])('%s', async (_what, sql, fault) => {
    // A sequence below zero is refused by a check, not by a trigger.
    await intruder.query('ALTER TABLE plumbline.event DROP CONSTRAINT IF EXISTS event_sequence_check');
    await tamper(sql);
    expect((await faults()).map((found) => found.fault)).toEqual(
      expect.arrayContaining([expect.stringMatching(fault)]),
    );
  });

  it('one that was written anew with a fitting hash breaks the chain after it', async () => {
    const [event] = await ledger.events(main, { after: 5, limit: 1 });
    if (event === undefined) throw new Error('there is no event 6');
    const payload = canonicalJson({ ...event.payload, threshold: 99 });
    const { hash: _hash, ...columns } = event;
    const hash = hashEvent({ ...columns, at: event.at.toISOString(), requestId: null, payload });
    await tamper(
      `UPDATE plumbline.event SET payload = '${payload}', hash = '${hash}' WHERE account = $main AND sequence = 6`,
    );
    expect(await faults()).toEqual([
      { account: main, sequence: 7, fault: 'does not hold the hash of the event before it' },
    ]);
  });
});

describe('what the chain vouches for is proven too', () => {
  it.each([
    ['run', `looks = looks + 1`],
    ['run', `outcome = 'matched'`],
    ['run', `trigger = 'forced'`],
    ['run', `started_at = started_at + interval '1 second'`],
    ['run', `ended_at = ended_at + interval '1 second'`],
    ['run', `compared = '[]'`],
    ['run', `not_compared = '[]'`],
    ['run', `ignored = '{}'`],
    ['run', `positions = null`],
    ['run', `answer = 'null'`],
    ['run', `discrepancies = 0`],
    ['run', `run_number = 77`],
    ['discrepancy', `type = 'BALANCE_CHANGED_EXTERNALLY'`],
    ['discrepancy', `symbol = 'DOGE/USDT'`],
    ['discrepancy', `identity = 'other'`],
    ['discrepancy', `difference = replace(difference::text, '"amount":"0.', '"amount":"1.')::json`],
    ['discrepancy', `difference = 'null'`],
    ['discrepancy', `difference = '{"type":"POSITION_OPENED_EXTERNALLY","exchange":5}'`],
    ['discrepancy', `times_seen = 9`],
    ['discrepancy', `state = 'open', resolved_at = null, resolved_by_run = null`],
    ['intervention', `note = 'somebody else'`],
    ['intervention', `acknowledged_by = 'bob'`],
    ['intervention', `state = 'open', acknowledged_at = null`],
    ['account', `success_total = success_total + 1`],
    ['account', `failure_total = 0`],
    ['account', `consecutive_failures = 5`],
    ['account', `discrepancy_total = '{"POSITION_OPENED_EXTERNALLY":9}'`],
    ['account', `open_discrepancies = '{}'`],
    ['account', `open_interventions = 1`],
    ['account', `last_run_number = 9`],
    ['account', `last_run_at = null`],
    ['account', `last_success_at = now()`],
    ['account', `last_outcome = 'matched'`],
    ['account', `paused = false`],
    ['account', `last_sequence = last_sequence - 1`],
    ['account', `last_hash = repeat('f', 64)`],
  ])('%s changed: %s', async (table, change) => {
    const which = table === 'run' ? 'and run_number = 2' : '';
    await tamper(`UPDATE plumbline.${table} SET ${change} WHERE account = $main ${which}`);
    expect(await faults()).not.toEqual([]);
  });

  it.each([
    [
      'a run',
      `DELETE FROM plumbline.run WHERE account = $main AND run_number = 3`,
      /tells of run 3, which is not there/,
    ],
    [
      'the event of a run',
      `INSERT INTO plumbline.run (account, workflow_run_id, run_number, trigger, outcome, started_at, ended_at, looks,
         discrepancies, unsettled, compared, not_compared, ignored, consecutive_failures, answer)
       SELECT account, workflow_run_id, 50, trigger, outcome, started_at, ended_at, looks,
         discrepancies, unsettled, compared, not_compared, ignored, consecutive_failures, answer
       FROM plumbline.run WHERE account = $main AND run_number = 1`,
      /run 50 has 0 events/,
    ],
    [
      'sightings',
      `DELETE FROM plumbline.sighting WHERE run_id = (SELECT max(id) FROM plumbline.run WHERE account = $main)`,
      /sightings of run 4/,
    ],
    [
      'discrepancies',
      `ALTER TABLE plumbline.discrepancy DISABLE TRIGGER ALL;
       DELETE FROM plumbline.discrepancy WHERE account = $main;
       ALTER TABLE plumbline.discrepancy ENABLE TRIGGER ALL`,
      /discrepancy .* is not there/,
    ],
    ['interventions', `DELETE FROM plumbline.intervention WHERE account = $main`, /intervention .* is not there/],
    [
      'the evidence of a drifted run',
      `DELETE FROM plumbline.snapshot WHERE account = $main AND run_number = 2 AND side = 'internal'`,
      /run 2 rested on the internal snapshot of look 1/,
    ],
    [
      'half of the evidence of a clean run',
      `DELETE FROM plumbline.snapshot WHERE account = $main AND run_number = 1 AND side = 'internal'`,
      /run 1 rested on the internal snapshot of look 1/,
    ],
  ])('%s missing', async (_what, sql, fault) => {
    await tamper(sql);
    expect((await faults()).map((found) => found.fault)).toEqual(
      expect.arrayContaining([expect.stringMatching(fault)]),
    );
    await tamper(`DELETE FROM plumbline.sighting WHERE discrepancy_id NOT IN (SELECT id FROM plumbline.discrepancy)`);
  });

  it.each([
    ['bytes that are no evidence', `deflated = 'x'::bytea`],
    [
      'the bytes of another body',
      `deflated = (SELECT deflated FROM plumbline.snapshot_body b
       WHERE b.account = snapshot_body.account AND b.digest <> snapshot_body.digest LIMIT 1)`,
    ],
  ])('evidence replaced by %s, which loading refuses as well', async (_what, change) => {
    await tamper(`UPDATE plumbline.snapshot_body SET ${change} WHERE account = $main`);
    expect((await faults()).map((found) => found.fault)).toContainEqual(
      expect.stringMatching(/evidence .* was changed/),
    );
    await expect(ledger.loadLooks(runKey(2, main))).rejects.toThrow(/is not what its digest says/);
  });

  it('evidence exchanged for that of another run', async () => {
    await tamper(`UPDATE plumbline.snapshot SET digest = (SELECT digest FROM plumbline.snapshot s
      WHERE s.account = $main AND s.run_number = 1 LIMIT 1) WHERE account = $main AND run_number = 2`);
    expect((await faults()).map((found) => found.fault)).toContainEqual(expect.stringMatching(/run 2 did not rest on/));
  });
});

it('many faults are counted, not all told', async () => {
  for (let run = 5; run < 125; run++) await ledger.recordFailure(failed(run, {}, main));
  await tamper(`UPDATE plumbline.event SET id = gen_random_uuid() WHERE account = $main`);
  const found = await faults();
  expect(found).toHaveLength(101);
  expect(found.at(-1)?.fault).toMatch(/^\d+ more faults$/);
});
