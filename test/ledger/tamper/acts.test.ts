import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GENESIS_HASH, hashEvent } from '../../../src/ledger/store/event-chain.js';
import type { VerifyReport } from '../../../src/ledger/contract/ledger.js';
import { hashTrailEntry } from '../../../src/ledger/store/trail.js';
import { isTaken, SHARE } from '../../support/thorough.js';
import { DEFINITIONS } from './cases.js';
import { literal } from './literal.js';
import { TamperStage, type Role } from './stage.js';

let stage: TamperStage;
beforeAll(async () => {
  stage = await TamperStage.start();
}, 60_000);
afterAll(async () => stage.stop());

function faultsOf({ accounts, database = [] }: VerifyReport): string[] {
  return [...accounts.flatMap(({ faults }) => faults.map(({ account, fault }) => `${account}: ${fault}`)), ...database];
}

async function found(role: Role, ...statements: string[]): Promise<string[]> {
  const attempt = await stage.attempt(role, statements);
  return attempt.outcome === 'done' ? faultsOf(attempt.report) : [attempt.outcome];
}

describe('the protection of the ledger', () => {
  it.each(DEFINITIONS)('is reported as missing if it is removed: %s', async (definition) => {
    await stage.client.query('SAVEPOINT definition');
    try {
      await stage.query(definition);
      expect((await stage.verify()).database?.length ?? 0).toBeGreaterThan(0);
    } finally {
      await stage.client.query('ROLLBACK TO SAVEPOINT definition');
    }
  });

  it.each(DEFINITIONS)('cannot be removed by the worker: %s', async (definition) => {
    const attempt = await stage.attempt('worker', [definition]);
    // Without the right to grant, GRANT is only a warning in PostgreSQL and changes nothing.
    expect(attempt.outcome === 'done' ? attempt.report.database : undefined).toBeUndefined();
  });
});

describe('the trading gate', () => {
  const NOW_AND_THEN = `UPDATE plumbline.account SET last_success_at = clock_timestamp(), last_run_at = clock_timestamp() WHERE account = 'main'`;
  const OPENS: [what: string, ...statements: string[]][] = [
    [
      'an open intervention is deleted and its reasons moved into an acknowledged one',
      `UPDATE plumbline.intervention SET reasons = (SELECT reasons FROM plumbline.intervention WHERE id = 'main/waiting')
       WHERE id = 'main/called'`,
      `DELETE FROM plumbline.intervention_request WHERE intervention_id IN ('main/waiting', 'main/snoozed')`,
      `DELETE FROM plumbline.intervention WHERE id IN ('main/waiting', 'main/snoozed')`,
      `UPDATE plumbline.account SET open_interventions = 0, call_due = NULL WHERE account = 'main'`,
    ],
    [
      'open interventions are acknowledged without an event',
      `UPDATE plumbline.intervention SET state = 'acknowledged', acknowledged_at = now(), acknowledged_by = 'ada', note = 'ok',
       snoozed_until = NULL WHERE account = 'main' AND state <> 'acknowledged'`,
      `UPDATE plumbline.account SET open_interventions = 0 WHERE account = 'main'`,
    ],
    [
      'the intervention that is due is forgotten',
      `UPDATE plumbline.account SET call_due = NULL WHERE account = 'main'`,
    ],
    [
      'the call is reported by a reason that nobody was given',
      `UPDATE plumbline.account SET call_due = NULL, called_at = now() WHERE account = 'main'`,
    ],
    [
      'discrepancies are accepted without an event',
      `UPDATE plumbline.discrepancy SET accepted_by = 'ada', accepted_note = 'x', accepted_at = now(),
       accepted_until = now() + interval '1 day' WHERE account = 'main' AND state = 'open'`,
    ],
    [
      'discrepancies are resolved without an event',
      `UPDATE plumbline.discrepancy SET accepted_by = NULL, accepted_note = NULL, accepted_at = NULL, accepted_until = NULL,
       state = 'resolved', resolved_at = now(), resolved_by_run = opened_by_run WHERE account = 'main' AND state = 'open'`,
      `UPDATE plumbline.account SET open_discrepancies = '{}' WHERE account = 'main'`,
    ],
    [
      'discrepancies turn into a type that calls nobody',
      `UPDATE plumbline.discrepancy SET type = 'BALANCE_CHANGED_EXTERNALLY' WHERE account = 'main'`,
    ],
    [
      'the policy calls for nothing',
      `UPDATE plumbline.account SET policy = regexp_replace(policy::text, '"interveneOn":\\[[^]]*\\]', '"interveneOn":[]')::json
       WHERE account = 'main'`,
    ],
    [
      'the policy never finds a success too old',
      `UPDATE plumbline.account SET policy = regexp_replace(policy::text, '"gateMaxAgeMinutes":[0-9]+', '"gateMaxAgeMinutes":99999')::json
       WHERE account = 'main'`,
    ],
    [
      'a call that reached nobody is delivered without an event',
      `UPDATE plumbline.notification SET delivered_at = now(), delivered_key = 'x', receipt = 'x' WHERE delivered_at IS NULL`,
    ],
    ['an intervention closes nothing', `UPDATE plumbline.account SET closing_interventions = 0 WHERE account = 'main'`],
    ['the last success is now', NOW_AND_THEN],
    ['the account is active', `UPDATE plumbline.account SET active = NOT active WHERE account = 'main'`],
  ];

  it.each(OPENS)('is not opened by the worker: %s', async (_what, ...statements) => {
    const attempt = await stage.attempt('worker', statements);
    expect(attempt).toMatchObject({
      outcome: 'refused',
      why: expect.stringMatching(/permission denied|without a record of it is refused/),
    });
  });

  it.each(OPENS)('and where the owner does it, it is found: %s', async (_what, ...statements) => {
    const faults = await found('owner, triggers off', ...statements);
    expect(faults.filter((fault) => fault.startsWith('main: ')).length).toBeGreaterThan(0);
  });
});

describe('a whole account that is removed', () => {
  /** Deletes everything of one account, in an order that foreign keys allow. */
  const removal = (account: string): string[] =>
    [
      `sighting WHERE run_id IN (SELECT id FROM plumbline.run WHERE account = '${account}')`,
      `intervention_request WHERE intervention_id IN (SELECT id FROM plumbline.intervention WHERE account = '${account}')`,
      ...[
        'event',
        'notification',
        'intervention',
        'discrepancy',
        'unsettled',
        'snapshot',
        'snapshot_body',
        'trail',
        'execution',
        'run',
      ].map((table) => `${table} WHERE account = '${account}'`),
      `roster WHERE account = '${account}'`,
      `account WHERE account = '${account}'`,
    ].map((rows) => `DELETE FROM plumbline.${rows}`);
  /** What else spoke of its notifications: a batch that another account shares, and the totals of channels. */
  const FITTED = [
    `UPDATE plumbline.notification SET batch_key = NULL WHERE channel = 'pager'`,
    `UPDATE plumbline.channel SET delivered_total = delivered_total / 2, failure_total = failure_total / 2,
       last_success_at = (SELECT max(delivered_at) FROM plumbline.notification n WHERE n.channel = channel.channel)`,
  ];
  const newHead = (number: number, hash: string) =>
    `UPDATE plumbline.roster_head SET number = ${number}, hash = ${hash}`;

  it('cannot be removed by the worker, nor by the owner while triggers are on', async () => {
    for (const role of ['worker', 'owner'] as const) expect(await found(role, ...removal('main'))).toEqual(['refused']);
  });

  it('leaves a gap in the roster', async () => {
    expect(await found('owner, triggers off', ...removal('main'), ...FITTED)).toEqual([
      expect.stringMatching(/roster of accounts lacks an entry before number 2 \(other\)/),
    ]);
    expect(await found('owner, triggers off', ...removal('other'), ...FITTED)).toEqual([
      expect.stringMatching(/roster of accounts ends at number 1, its head says 2/),
    ]);
    const kept = removal('other').filter((statement) => !statement.includes('plumbline.roster'));
    expect(await found('administrator', ...kept, ...FITTED)).toContainEqual(
      'other: is on the roster of accounts and is not there',
    );
  });

  it('the last one, with the head of the roster set back, is missed by heads that were kept elsewhere', async () => {
    const heads = await stage.ledger.heads();
    const statements = [
      ...removal('other'),
      ...FITTED,
      newHead(1, `(SELECT hash FROM plumbline.roster WHERE number = 1)`),
    ];
    const attempt = await stage.attempt('owner, triggers off', statements, heads);
    expect(attempt.outcome === 'done' ? faultsOf(attempt.report) : attempt).toEqual([
      'other: is among the heads that were kept, and the ledger does not know the account',
    ]);
  });

  it('and so is a chain whose end was cut off and whose rows were set back', async () => {
    const heads = await stage.ledger.heads();
    const cut = [
      `DELETE FROM plumbline.trail WHERE account = 'main' AND number > (SELECT min(number) FROM plumbline.trail WHERE account = 'main')`,
      `DELETE FROM plumbline.event WHERE account = 'main' AND sequence > 1`,
      `UPDATE plumbline.account SET last_sequence = 1,
         last_hash = (SELECT hash FROM plumbline.event WHERE account = 'main' AND sequence = 1) WHERE account = 'main'`,
    ];
    const attempt = await stage.attempt('owner, triggers off', cut, heads);
    expect(attempt.outcome === 'done' ? faultsOf(attempt.report) : []).toContainEqual(
      expect.stringMatching(/^main: is not there; its hash was kept elsewhere as [0-9a-f]{64}$/),
    );
  });
});

describe(`an event or an entry of the trail with a right hash and an odd payload is no exception (${SHARE})`, () => {
  /** `npm test` tries one of so many payloads of each event. */
  const ONE_OF = 3;
  const PAYLOADS = [
    'null',
    '5',
    '"x"',
    '[]',
    '[[]]',
    '{}',
    '{"a":1e9999}',
    '"\\u0000"',
    '{"discrepancy_id":"\\u0000","by":"x","note":"x","until":"x","closed":["\\u0000"],"intervention_id":"\\u0000"}',
    '{"discrepancy_id":"x","intervene":true,"change":true,"closed":[],"by":1,"note":null}',
    '{"action":"X","identity":"i","symbol":"s","description":"d","remedy":"r","difference":{"a":1e9999},"discrepancy_id":"x"}',
    '{"started_at":"","run_digest":"","evidence":[],"run_row":1e300,"trail":{"number":1e300,"hash":""},"reworded":{"x":"y"}}',
    '{"exchange":"x","policy":1e9999,"after":{"exchange":"x","policy":null,"active":true},"before":{"exchange":"x","policy":{"unsettledThreshold":"x"}}}',
    `${'['.repeat(2_000)}${']'.repeat(2_000)}`,
  ];
  const EVENT_TYPES = [
    'RECONCILIATION_COMPLETED',
    'RECONCILIATION_FAILED',
    'RECONCILIATION_PAUSED',
    'RECONCILIATION_RESUMED',
    'MANUAL_INTERVENTION',
    'DISCREPANCY_RESOLVED',
    'MANUAL_REVIEW_ACKNOWLEDGED',
    'KEY_PERMISSIONS_CHANGED',
    'ACCOUNT_REGISTERED',
    'POLICY_CHANGED',
    'RECONCILIATION_STOPPED',
    'RECONCILIATION_CANCELLED',
    'REQUEST_REFUSED',
    'ACCOUNT_REPAIRED',
    'INTERVENTION_SNOOZED',
    'DISCREPANCY_ACCEPTED',
    'ACCEPTANCE_ENDED',
    'NOTIFICATION_DELIVERED',
    'NOTIFICATION_FAILED',
    'SOMETHING_ELSE',
  ];
  /** An event of the type that needs no payload, so that any payload can be used. */
  const SAY_ENOUGH = new Set([
    'RECONCILIATION_CANCELLED',
    'REQUEST_REFUSED',
    'ACCOUNT_REPAIRED',
    'RECONCILIATION_PAUSED',
  ]);
  const AT = '2026-11-28T12:00:00.000Z';

  it.each(EVENT_TYPES)('%s', async (type) => {
    const [head] = (await stage.ledger.heads()).filter(({ account }) => account === 'main');
    const [{ run } = { run: '' }] = await stage.query<{ run: string }>(
      `SELECT workflow_run_id AS run FROM plumbline.run WHERE account = 'main' LIMIT 1`,
    );
    for (const payload of PAYLOADS.filter((_, number) => isTaken(number + EVENT_TYPES.indexOf(type), ONE_OF))) {
      for (const ofRun of [false, true]) {
        const columns = {
          account: 'main',
          sequence: (head?.sequence ?? 0) + 1,
          id: '00000000-0000-4000-8000-000000000000',
          type,
          at: AT,
          workflowRunId: ofRun ? run : null,
          runNumber: ofRun ? 2 : null,
          requestId: null,
          payload,
          previousHash: head?.hash ?? '',
        };
        const hash = hashEvent(columns);
        const faults = await found(
          'owner',
          `INSERT INTO plumbline.event (account, sequence, id, type, at, workflow_run_id, run_number, payload, previous_hash, hash)
           VALUES ('main', ${columns.sequence}, '${columns.id}', '${type}', '${AT}',
             ${ofRun ? `${literal(run)}, 2` : 'NULL, NULL'}, ${literal(payload)}, '${columns.previousHash}', '${hash}')`,
          `UPDATE plumbline.account SET last_sequence = ${columns.sequence}, last_hash = '${hash}' WHERE account = 'main'`,
        );
        const reported = SAY_ENOUGH.has(type) ? 0 : 1;
        expect([payload.slice(0, 60), faults, faults.length >= reported]).toEqual([payload.slice(0, 60), faults, true]);
        expect(faults).not.toContain('refused');
      }
    }
  });

  it.each([
    'intervention_opened',
    'reason_added',
    'notified',
    'notification_wanted',
    'inspected',
    'anchored',
    'anchored_interventions',
    'anchored_discrepancies',
    'something_else',
  ])('%s', async (kind) => {
    const [head] = await stage.query<{ number: number; hash: string }>(
      `SELECT number::integer, hash FROM plumbline.trail WHERE account = 'main' ORDER BY number DESC LIMIT 1`,
    );
    const more = [
      '{"intervention_id":"\\u0000","reasons":[1e9999],"request_id":"\\u0000","reason":1e9999}',
      '{"event_sequence":1e300,"last_run_row":1e300}',
      '{"open":[{"id":"\\u0000","opened_at":"x","words":"x"}],"interventions":[{"id":"\\u0000"}]}',
    ];
    for (const payload of [...PAYLOADS, ...more].filter((_, number) => isTaken(number + kind.length, ONE_OF))) {
      const columns = {
        account: 'main',
        number: (head?.number ?? 0) + 1,
        kind,
        at: AT,
        payload,
        previousHash: head?.hash ?? '',
      };
      const hash = hashTrailEntry(columns);
      const faults = await found(
        'owner',
        `INSERT INTO plumbline.trail (account, number, kind, at, payload, previous_hash, hash)
         VALUES ('main', ${columns.number}, '${kind}', '${AT}', ${literal(payload)}, '${columns.previousHash}', '${hash}')`,
        `UPDATE plumbline.account SET trail_number = ${columns.number}, trail_hash = '${hash}' WHERE account = 'main'`,
      );
      const reported = kind === 'anchored_discrepancies' && payload === more[2] ? 0 : 1;
      expect([payload.slice(0, 60), faults, faults.length >= reported]).toEqual([payload.slice(0, 60), faults, true]);
      expect(faults).not.toContain('refused');
    }
  });
});

it('the first hash of every chain is that of no event', async () => {
  const rows = await stage.query<{ previous_hash: string }>(
    `SELECT previous_hash FROM plumbline.event WHERE sequence = 1 UNION SELECT previous_hash FROM plumbline.trail WHERE number = 1`,
  );
  expect(rows).toEqual([{ previous_hash: GENESIS_HASH }]);
});
