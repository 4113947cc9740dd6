import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Client } from 'pg';
import { canonicalJson } from '../../src/ledger/store/canonical.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import { GENESIS_HASH, hashEvent } from '../../src/ledger/store/event-chain.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { migrateLedger } from '../../src/ledger/migrate/migrate.js';
import { verifyLedger } from '../../src/ledger/verify/verify.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { openedOutside, verdict } from './records.js';
import { recordEverything } from './tamper/everything.js';

/** Event fields that the version before the trail did not record. */
const NEW_FIELDS = new Set(['run_row', 'sightings', 'reworded', 'call_due', 'trail', 'evidence_rows']);
const PROTECTED = ['event', 'trail', 'roster', 'sighting', 'intervention_request', 'run'];

let database: TestDatabase;
let client: Client;
let ledger: Ledger;

beforeAll(async () => {
  database = await createLedgerDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  ledger = createLedger(database.url);
  for (const account of ['main', 'other']) {
    await recordEverything(ledger, account);
    await asBefore(account);
  }
  await migrateLedger(database.url);
}, 60_000);
afterAll(async () => {
  await ledger.close();
  await client.end();
  await database.drop();
});

async function switchTriggers(how: 'DISABLE' | 'ENABLE ALWAYS'): Promise<void> {
  for (const table of PROTECTED) {
    const name = table === 'intervention_request' ? 'request_is_append_only' : `${table}_is_append_only`;
    await client.query(`ALTER TABLE plumbline.${table} ${how} TRIGGER ${name}`);
  }
}

/**
 * Converts the account to what the version before the trail would have left: no trail, no roster, and events without
 * the newer fields.
 */
async function asBefore(account: string): Promise<void> {
  await switchTriggers('DISABLE');
  await client.query('DELETE FROM plumbline.trail');
  await client.query('DELETE FROM plumbline.roster');
  await client.query(`UPDATE plumbline.roster_head SET number = 0, hash = '${GENESIS_HASH}'`);
  await client.query(`UPDATE plumbline.account SET trail_number = 0, trail_hash = '${GENESIS_HASH}'`);
  // Also what that version changed without an event, or at another time.
  await client.query(`UPDATE plumbline.account SET registered_at = registered_at - interval '3 milliseconds'`);
  let previousHash = GENESIS_HASH;
  for (const { requestIds, payload, ...event } of await eventsOf(account)) {
    const columns = { ...event, requestId: requestIds, payload: canonicalJson(oldPayload(payload)), previousHash };
    const hash = hashEvent(columns);
    await client.query(
      `UPDATE plumbline.event SET payload = $3, previous_hash = $4, hash = $5 WHERE account = $1 AND sequence = $2`,
      [account, event.sequence, columns.payload, previousHash, hash],
    );
    previousHash = hash;
  }
  await client.query('UPDATE plumbline.account SET last_hash = $2 WHERE account = $1', [account, previousHash]);
  await switchTriggers('ENABLE ALWAYS');
}

async function eventsOf(account: string) {
  const events = await ledger.events(account, { limit: 1_000 });
  const { rows } = await client.query<{ request_id: string | null }>(
    'SELECT request_id FROM plumbline.event WHERE account = $1 ORDER BY sequence',
    [account],
  );
  return events.map(({ at, hash: _hash, previousHash: _previous, ...event }, index) => ({
    ...event,
    at: at.toISOString(),
    requestIds: rows[index]?.request_id ?? null,
  }));
}

function oldPayload(payload: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !NEW_FIELDS.has(name)));
}

async function faultsAfter(sql: string): Promise<string[]> {
  await client.query('BEGIN');
  try {
    await switchTriggers('DISABLE');
    await client.query(sql);
    await switchTriggers('ENABLE ALWAYS');
    const { accounts, database: ofDatabase = [] } = await verifyLedger(drizzle({ client }), null);
    return [
      ...accounts.flatMap(({ faults }) => faults.map(({ account, fault }) => `${account}: ${fault}`)),
      ...ofDatabase,
    ];
  } finally {
    await client.query('ROLLBACK');
  }
}

it('a ledger of an earlier version is proven once it is migrated, and a second migration anchors nothing again', async () => {
  expect(await faultsAfter('SELECT')).toEqual([]);
  const count = `SELECT count(*)::integer AS entries FROM plumbline.trail`;
  const { rows: before } = await client.query<{ entries: number }>(count);
  await migrateLedger(database.url);
  expect((await client.query<{ entries: number }>(count)).rows).toEqual(before);
});

describe('what was recorded before the anchor is covered by it', () => {
  it.each([
    [`UPDATE plumbline.account SET registered_at = now() WHERE account = 'main'`, /^main: registered_at/],
    [
      `UPDATE plumbline.account SET call_due = replace(call_due::text, 'ORDER', 'OTHER')::json WHERE account = 'main'`,
      /^main: the intervention that is due was changed/,
    ],
    [
      `UPDATE plumbline.account SET inspection = replace(inspection::text, 'may trade', 'x')::json WHERE account = 'main'`,
      /^main: what is known of the key was changed/,
    ],
    [
      `UPDATE plumbline.discrepancy SET description = 'all is well' WHERE account = 'main' AND state = 'open'`,
      /^main: discrepancy .* was changed/,
    ],
    [
      `UPDATE plumbline.discrepancy SET opened_at = now() WHERE account = 'main' AND state = 'open'`,
      /^main: opened_at of discrepancy/,
    ],
    [
      `UPDATE plumbline.discrepancy SET description = 'all is well' WHERE account = 'main' AND state = 'resolved'`,
      /^main: resolved discrepancies from before the anchor/,
    ],
    [
      `UPDATE plumbline.sighting SET change = 'seen' WHERE change = 'changed'`,
      /^main: sightings from before the anchor/,
    ],
    [
      `UPDATE plumbline.snapshot SET read_started_at = 1 WHERE account = 'main' AND run_number = 2`,
      /^main: evidence from before the anchor/,
    ],
    [
      `UPDATE plumbline.intervention SET reasons = '[]' WHERE id = 'main/waiting'`,
      /^main: the reasons of intervention/,
    ],
    [
      `UPDATE plumbline.intervention SET opened_at = now() WHERE id = 'main/called'`,
      /^main: opened_at of intervention/,
    ],
    [`UPDATE plumbline.intervention SET notified_times = 7 WHERE id = 'main/called'`, /^main: notified_times/],
    [
      `DELETE FROM plumbline.intervention_request WHERE intervention_id = 'main/called'`,
      /^main: the request .* not there/,
    ],
    [`UPDATE plumbline.unsettled SET runs_in_a_row = 1 WHERE account = 'main'`, /^main: runs in a row/],
    [`DELETE FROM plumbline.trail WHERE account = 'main'`, /^main: the trail ends at 0/],
  ])('%s', async (sql, fault) => {
    expect(await faultsAfter(sql)).toContainEqual(expect.stringMatching(fault));
  });
});

it('and the account goes on from there', async () => {
  await ledger.recordVerdict(
    verdict(6, { confirmed: [{ ...openedOutside('0.7'), description: 'in new words' }], unconfirmed: [] }, 'main'),
  );
  await ledger.addInterventionReason({
    interventionId: 'main/waiting',
    requestId: 'new',
    reason: { action: 'UNSETTLED', text: 'x', at: new Date().toISOString() },
  });
  await ledger.acknowledgeIntervention({ interventionId: 'main/waiting', by: 'ada', note: 'seen' });
  await ledger.recordNotification({ interventionId: 'main/called', requestId: 'late' });
  await ledger.recordVerdict(verdict(7, { agreed: [openedOutside().identity] }, 'main'));
  expect(await faultsAfter('SELECT')).toEqual([]);
  expect(
    await faultsAfter(
      `UPDATE plumbline.discrepancy SET description = 'x' WHERE account = 'main' AND state = 'resolved'`,
    ),
  ).toHaveLength(2);
});
