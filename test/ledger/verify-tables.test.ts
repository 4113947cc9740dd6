import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TamperedLedger } from './tampering.js';

let tampered: TamperedLedger;
beforeAll(async () => {
  tampered = await TamperedLedger.start();
}, 30_000);
afterAll(async () => tampered.stop());

describe('a change of a run is found, whichever column it is in', () => {
  const changes: [column: string, change: string][] = [
    ['account', `account = 'elsewhere'`],
    ['workflow_run_id', `workflow_run_id = 'other'`],
    ['run_number', `run_number = 77`],
    ['trigger', `trigger = 'forced'`],
    ['outcome', `outcome = 'matched'`],
    ['started_at', `started_at = started_at + interval '1 second'`],
    ['ended_at', `ended_at = 'infinity'`],
    ['looks', `looks = looks + 1`],
    ['discrepancies', `discrepancies = 0`],
    ['unsettled', `unsettled = '[{}]'`],
    ['compared', `compared = '[]'`],
    ['not_compared', `not_compared = '[]'`],
    ['ignored', `ignored = '{}'`],
    ['positions', `positions = null`],
    ['orders', `orders = '{"exchange":0,"internal":0}'`],
    ['failure', `failure = '{}'`],
    ['consecutive_failures', `consecutive_failures = 1`],
    ['answer', `answer = 'null'`],
  ];

  it.each(changes)('%s: %s', async (_column, change) => {
    const faults = await tampered.faultsAfter(`UPDATE plumbline.run SET ${change} WHERE run_number = 2`);
    expect(faults).toContainEqual(expect.stringMatching(/run 2/));
  });

  it('and no column but the row number is left out', async () => {
    const columns = await tampered.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'plumbline' AND table_name = 'run'`,
    );
    expect(new Set(columns.map(({ name }) => name))).toEqual(new Set(['id', ...changes.map(([column]) => column)]));
  });
});

describe('discrepancies and interventions are compared with what the events report', () => {
  it.each([
    ['discrepancy', `type = 'BALANCE_CHANGED_EXTERNALLY'`, /was changed/],
    ['discrepancy', `symbol = 'DOGE/USDT'`, /was changed/],
    ['discrepancy', `identity = 'other'`, /was changed/],
    ['discrepancy', `difference = replace(difference::text, '"amount":"0.', '"amount":"1.')::json`, /was changed/],
    ['discrepancy', `difference = 'null'`, /was changed/],
    ['discrepancy', `difference = '{"type":"POSITION_OPENED_EXTERNALLY","exchange":5}'`, /was changed/],
    ['discrepancy', `times_seen = 9`, /times_seen/],
    ['discrepancy', `state = 'open', resolved_at = null, resolved_by_run = null`, /is open; the events say/],
    ['discrepancy', `id = gen_random_uuid()`, /no event opened/],
    ['discrepancy', `accepted_until = 'infinity' WHERE accepted_by IS NOT NULL`, /^acceptance of .*"until":null/],
    ['discrepancy', `accepted_by = 'bob' WHERE accepted_by IS NOT NULL`, /^acceptance of .*"by":"bob"/],
    ['discrepancy', `accepted_note = 'x' WHERE accepted_by IS NOT NULL`, /^acceptance of .*"note":"x"/],
    ['discrepancy', `accepted_at = now() WHERE accepted_by IS NOT NULL`, /^acceptance of /],
    [
      'discrepancy',
      `accepted_by = null, accepted_note = null, accepted_at = null, accepted_until = null`,
      /^acceptance of .* is stored as null/,
    ],
    ['intervention', `snoozed_until = now() WHERE id = 'snoozed'`, /snooze of intervention snoozed was changed/],
    ['intervention', `snoozed_by = 'bob' WHERE id = 'snoozed'`, /snooze of intervention snoozed was changed/],
    ['intervention', `state = 'open' WHERE id = 'snoozed'`, /snooze of intervention snoozed was changed/],
    ['intervention', `note = 'somebody else'`, /acknowledgement .* was changed/],
    ['intervention', `acknowledged_by = 'bob'`, /acknowledgement .* was changed/],
    ['intervention', `state = 'open', acknowledged_at = null`, /is open; the events say/],
    ['intervention', `id = 'another' WHERE id = 'call'`, /intervention call is not there/],
  ])('%s: %s', async (table, change, fault) => {
    expect(await tampered.faultsAfter(`UPDATE plumbline.${table} SET ${change}`)).toContainEqual(
      expect.stringMatching(fault),
    );
  });
});

describe('totals are counted again', () => {
  it.each([
    ['success_total', `success_total + 1`],
    ['failure_total', `0`],
    ['consecutive_failures', `5`],
    ['discrepancy_total', `'{"POSITION_OPENED_EXTERNALLY":9}'`],
    ['open_discrepancies', `'{}'`],
    ['open_interventions', `7`],
    ['closing_interventions', `7`],
    ['last_run_number', `9`],
    ['last_run_at', `null`],
    ['last_success_at', `now() + interval '1 day'`],
    ['last_outcome', `'matched'`],
    ['paused', `false`],
    ['exchange', `'bybit'`],
    ['policy', `replace(policy::text, '"interveneOn":[', '"interveneOn":["X",')::json`],
    ['active', `false`],
    ['streak_called', `true`],
    ['last_sequence', `last_sequence - 1`],
    ['last_hash', `repeat('f', 64)`],
    ['call_due', `'{"runStartedAt":"2026-01-01T00:00:00.000Z","since":"2026-01-01T00:00:00.000Z","calls":[]}'`],
    ['called_at', `null`],
  ])('%s', async (column, value) => {
    const faults = await tampered.faultsAfter(`UPDATE plumbline.account SET ${column} = ${value}`);
    expect(faults).toHaveLength(1);
  });
});

describe('what is missing is found', () => {
  it.each([
    ['a run', `DELETE FROM plumbline.run WHERE run_number = 3`, /reports run 3, which is not there/],
    [
      'the event of a run',
      `INSERT INTO plumbline.run (account, workflow_run_id, run_number, trigger, outcome, started_at, ended_at, looks,
         discrepancies, unsettled, compared, not_compared, ignored, consecutive_failures, answer)
       SELECT account, workflow_run_id, 50, trigger, outcome, started_at, ended_at, looks,
         discrepancies, unsettled, compared, not_compared, ignored, consecutive_failures, answer
       FROM plumbline.run WHERE run_number = 1`,
      /run 50 has 0 events/,
    ],
    [
      'a sighting',
      `DELETE FROM plumbline.sighting WHERE run_id = (SELECT max(id) FROM plumbline.run)`,
      /sightings of run 4/,
    ],
    ['a discrepancy', `DELETE FROM plumbline.discrepancy`, /discrepancy .* is not there/],
    ['an execution', `DELETE FROM plumbline.execution`, /run 1 was recorded under .*, which belongs to no account/],
    ['an intervention', `DELETE FROM plumbline.intervention`, /intervention call is not there/],
    [
      'evidence of a drifted run',
      `DELETE FROM plumbline.snapshot WHERE run_number = 2 AND side = 'internal'`,
      /run 2 rested on the internal snapshot of observation 1/,
    ],
    [
      'half of the evidence of a clean run',
      `DELETE FROM plumbline.snapshot WHERE run_number = 1 AND side = 'internal'`,
      /run 1 rested on the internal snapshot of observation 1/,
    ],
    [
      'a body of evidence',
      `ALTER TABLE plumbline.snapshot_body DISABLE TRIGGER ALL; DELETE FROM plumbline.snapshot_body`,
      /evidence with the digest [0-9a-f]{64} is gone/,
    ],
  ])('%s', async (_what, sql, fault) => {
    expect(await tampered.faultsAfter(sql)).toContainEqual(expect.stringMatching(fault));
  });
});

describe('evidence is proven by its digests', () => {
  it.each([
    ['its bytes are none', `UPDATE plumbline.snapshot_body SET deflated = 'x'`, /evidence .* was changed/],
    [
      'its bytes are those of another body',
      `UPDATE plumbline.snapshot_body SET deflated = (SELECT deflated FROM plumbline.snapshot_body other
         WHERE other.digest <> snapshot_body.digest LIMIT 1)`,
      /evidence .* was changed/,
    ],
    [
      'a run holds that of another',
      `UPDATE plumbline.snapshot SET digest = (SELECT digest FROM plumbline.snapshot WHERE run_number = 1 LIMIT 1)
       WHERE run_number = 2`,
      /run 2 did not rest on/,
    ],
  ])('%s', async (_what, sql, fault) => {
    expect(await tampered.faultsAfter(sql)).toContainEqual(expect.stringMatching(fault));
  });
});
