import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalJson } from '../../src/ledger/store/canonical.js';
import { hashEvent } from '../../src/ledger/store/event-chain.js';
import { EVENTS, MIDDLE_EVENT, TamperedLedger } from './tampering.js';

let tampered: TamperedLedger;
beforeAll(async () => {
  tampered = await TamperedLedger.start();
}, 30_000);
afterAll(async () => tampered.stop());

it('a ledger that nobody touched has no fault, and is counted', async () => {
  const report = await tampered.ledger.verify('main');
  const [last] = await tampered.ledger.events('main', { limit: 1 });
  expect(report).toEqual({
    accounts: [
      { account: 'main', events: EVENTS, runs: 4, faults: [], lastEvent: { sequence: EVENTS, hash: last?.hash } },
    ],
  });
  expect(await tampered.ledger.verify()).toEqual(report);
});

it('an account that the ledger does not know cannot be verified', async () => {
  await expect(tampered.ledger.verify('nobody')).rejects.toThrow('does not know the account "nobody"');
});

describe('a change of an event is found, whichever column it is in', () => {
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
    const report = await tampered.reportAfter(
      `UPDATE plumbline.event SET ${change} WHERE account = 'main' AND sequence = ${MIDDLE_EVENT}`,
    );
    const places = report.accounts.flatMap(({ faults }) => faults.map(({ sequence }) => sequence));
    expect(places.some((sequence) => sequence === MIDDLE_EVENT || sequence === MIDDLE_EVENT + 1)).toBe(true);
  });

  it('and no column is left out', async () => {
    const columns = await tampered.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'plumbline' AND table_name = 'event'`,
    );
    expect(new Set(columns.map(({ name }) => name))).toEqual(new Set(changes.map(([column]) => column)));
  });

  it('and an event moved to an account that has no row is reported when all are verified', async () => {
    const report = await tampered.reportAfter(
      `UPDATE plumbline.event SET account = 'stray' WHERE sequence = ${MIDDLE_EVENT}`,
      null,
    );
    expect(report.accounts.find(({ account }) => account === 'stray')?.faults).toEqual([
      { account: 'stray', sequence: null, fault: '1 event(s) belong to this account, which has no row' },
    ]);
  });
});

describe('what is done to the order of events is found', () => {
  it.each([
    ['one in the middle taken out', `DELETE FROM plumbline.event WHERE sequence = 7`, /event 7 is missing/],
    ['several taken out', `DELETE FROM plumbline.event WHERE sequence in (7, 8)`, /7 to 8 are missing/],
    ['the first taken out', `DELETE FROM plumbline.event WHERE sequence = 1`, /event 1 is missing/],
    ['the last taken out', `DELETE FROM plumbline.event WHERE sequence = 14`, /end at 13.* 14/],
    ['all taken out', `DELETE FROM plumbline.event`, /end at 0.* 14/],
    [
      'one taken out of the middle and the rest moved up',
      `DELETE FROM plumbline.event WHERE sequence = 7;
       UPDATE plumbline.event SET sequence = sequence + 1000 WHERE sequence > 7;
       UPDATE plumbline.event SET sequence = sequence - 1001 WHERE sequence > 1000;
       UPDATE plumbline.account SET last_sequence = 13`,
      /its columns do not give its hash/,
    ],
    [
      'two swapped',
      `UPDATE plumbline.event SET sequence = 1007 WHERE sequence = 7;
       UPDATE plumbline.event SET sequence = 7 WHERE sequence = 8;
       UPDATE plumbline.event SET sequence = 8 WHERE sequence = 1007`,
      /its columns do not give its hash/,
    ],
    [
      'one put in at the end',
      `INSERT INTO plumbline.event SELECT account, 15, gen_random_uuid(), type, at, workflow_run_id, run_number, null,
         payload, hash, repeat('a', 64) FROM plumbline.event WHERE sequence = 14`,
      /end at 15.* 14/,
    ],
  ])('%s', async (_what, sql, fault) => {
    expect(await tampered.faultsAfter(sql)).toContainEqual(expect.stringMatching(fault));
  });

  it('one that was written anew with a fitting hash breaks the chain after it', async () => {
    const [event] = await tampered.ledger.events('main', { after: MIDDLE_EVENT - 1, limit: 1 });
    if (event === undefined) throw new Error('the middle event is not there');
    const { hash: _hash, ...columns } = event;
    const payload = canonicalJson({ ...event.payload, threshold: 99 });
    const hash = hashEvent({ ...columns, at: event.at.toISOString(), requestId: null, payload });
    const report = await tampered.reportAfter(
      `UPDATE plumbline.event SET payload = '${payload}', hash = '${hash}' WHERE sequence = ${MIDDLE_EVENT}`,
    );
    expect(report.accounts[0]?.faults).toEqual([
      { account: 'main', sequence: MIDDLE_EVENT + 1, fault: 'does not hold the hash of the event before it' },
    ]);
  });

  it('the last one, written anew with a fitting hash, is not the one that the account wrote', async () => {
    const [event] = await tampered.ledger.events('main', { limit: 1 });
    if (event === undefined) throw new Error('there is no event');
    const { hash: _hash, ...columns } = event;
    const payload = canonicalJson(event.payload);
    const requestId = 'snooze/other';
    const hash = hashEvent({ ...columns, at: event.at.toISOString(), requestId, payload });
    const faults = await tampered.faultsAfter(
      `UPDATE plumbline.event SET request_id = '${requestId}', hash = '${hash}' WHERE sequence = ${EVENTS}`,
    );
    expect(faults).toEqual(['is not the event that the account wrote last: the hashes differ']);
  });
});

it('more than a hundred faults are counted, not reported', async () => {
  const report = await tampered.reportAfter(
    `INSERT INTO plumbline.event SELECT 'main', n, gen_random_uuid(), 'RECONCILIATION_PAUSED', now(), null, null, null,
       '{}', repeat('a', 64), repeat('b', 64) FROM generate_series(15, 214) n`,
  );
  const faults = report.accounts[0]?.faults ?? [];
  expect(faults).toHaveLength(101);
  expect(faults.at(-1)?.fault).toMatch(/^\d+ more faults$/);
});
