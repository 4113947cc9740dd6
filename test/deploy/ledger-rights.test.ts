import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, escapeIdentifier } from 'pg';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { migrateLedger } from '../../src/ledger/migrate/migrate.js';
import { snapshot } from '../domain/snapshots.js';
import { failed, openedOutside, register, verdict } from '../ledger/records.js';
import { CHANNEL_DOWN, toSend, wanted } from '../ledger/wanted.js';
import { createTestDatabase } from '../support/postgres.js';
import { readRepositoryFile } from './compose-file.js';

const ROLES = ['owner', 'worker', 'serve', 'reader'] as const;
type Role = (typeof ROLES)[number];

let database: Awaited<ReturnType<typeof createTestDatabase>>;
const urls = new Map<Role, string>();
const open: { close(): Promise<void> }[] = [];

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function urlOf(role: Role): string {
  const url = urls.get(role);
  if (url === undefined) throw new Error(`there is no ${role}`);
  return url;
}

function ledgerOf(role: Role): Ledger {
  const ledger = createLedger(urlOf(role));
  open.push(ledger);
  return ledger;
}

/** Roles belong to the server and outlive the test's database. */
async function makeRole(role: Role): Promise<void> {
  const name = `plumbline_${role}`;
  await query(
    database.url,
    `DO $$ BEGIN CREATE ROLE ${name}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
     ALTER ROLE ${name} LOGIN PASSWORD 'of-the-test'`,
  );
  const url = new URL(database.url);
  url.username = name;
  url.password = 'of-the-test';
  urls.set(role, url.href);
}

beforeAll(async () => {
  database = await createTestDatabase();
  for (const role of ROLES) await makeRole(role);
  const name = escapeIdentifier(new URL(database.url).pathname.slice(1));
  await query(database.url, `ALTER DATABASE ${name} OWNER TO plumbline_owner`);
  const rights = readRepositoryFile('deploy/ledger-rights.sql');
  // As the stack does: before the first migration, and again at every later start.
  await query(database.url, rights);
  await migrateLedger(urlOf('owner'));
  await query(database.url, rights);
}, 30_000);

afterAll(async () => {
  for (const ledger of open) await ledger.close();
  await database.drop();
});

describe('the rights of deploy/ledger-rights.sql', () => {
  it('let the worker record, prune and prove', async () => {
    const ledger = ledgerOf('worker');
    await ledger.ping();
    await register(ledger, 'main');
    await ledger.recordVerdict(verdict(1, { confirmed: [openedOutside()] }));
    await ledger.putSnapshot(verdict(2).key, 1, snapshot('exchange'));
    await ledger.recordFailure(failed(2));
    await ledger.expectSign('main', 60);
    const until = new Date(Date.now() + 60_000);
    await ledger.acceptDiscrepancies({ account: 'main', discrepancyIds: null, by: 'ann', until, note: 'hedged' });
    await ledger.recordRepair({ account: 'main', by: 'ann', requestId: 'r', found: 'nothing', actions: [] });
    await ledger.recordPause({ account: 'main', paused: true, by: 'ann', reason: null, requestId: 'pause-1' });
    await ledger.openIntervention({
      account: 'main',
      interventionId: 'call-1',
      reasons: [{ action: 'POSITION_OPENED_EXTERNALLY', text: '0.5 BTC', at: '2026-11-22T15:00:00.000Z' }],
    });
    const called = await toSend(ledger, wanted('main', { interventionId: 'call-1' }));
    await ledger.recordDeliveryFailure(called, CHANNEL_DOWN);
    await ledger.recordDelivery(called, { id: 'msg-1', thread: null });
    await toSend(ledger, wanted('main', { interventionId: 'call-1', channel: 'phone' }));
    await ledger.acknowledgeIntervention({ interventionId: 'call-1', by: 'ann', note: 'mine' });
    await ledger.pruneEvidence(1);
    expect(await ledger.verify()).toMatchObject({ accounts: [{ account: 'main', faults: [] }] });
  });

  it('let serve record what people do, and nothing else', async () => {
    const reasons = [{ action: 'POSITION_OPENED_EXTERNALLY', text: '0.5 BTC', at: '2026-11-22T16:00:00.000Z' }];
    for (const interventionId of ['call-2', 'call-3']) {
      await ledgerOf('worker').openIntervention({ account: 'main', interventionId, reasons });
    }
    const ledger = ledgerOf('serve');
    const until = new Date(Date.now() + 60_000);
    const by = { by: 'ada', via: 'http', note: 'mine', requestId: 'r-1' } as const;
    await ledger.acceptDiscrepancies({ ...by, account: 'main', discrepancyIds: null, until });
    await ledger.snoozeIntervention({ ...by, requestId: 'r-2', interventionId: 'call-3', until });
    await ledger.acknowledgeIntervention({ ...by, interventionId: 'call-3' });
    expect(await ledger.actOf('main', 'r-2', null)).toMatchObject({ type: 'INTERVENTION_SNOOZED', by: 'ada' });
    expect(await ledger.verify()).toMatchObject({ accounts: [{ account: 'main', faults: [] }] });
    await expect(ledger.recordVerdict(verdict(3))).rejects.toThrow('permission denied');
    await expect(ledger.openIntervention({ account: 'main', interventionId: 'x', reasons })).rejects.toThrow(
      'permission',
    );
    await expect(ledger.recordFailure(failed(3))).rejects.toThrow('permission denied');
    await expect(register(ledger, 'other')).rejects.toThrow('permission denied');
  });

  it('let the reader answer everything that is served', async () => {
    const ledger = ledgerOf('reader');
    await ledger.ping();
    expect((await ledger.accounts()).map(({ account }) => account)).toEqual(['main']);
    expect(await ledger.account('main')).toMatchObject({ account: 'main', paused: true });
    expect(await ledger.runs('main')).toHaveLength(2);
    expect(await ledger.streak('main')).toEqual({ failures: 1, called: false });
    expect(await ledger.acknowledgedBy('call-1')).toBe('ann');
    expect(await ledger.openInterventionOf('main')).toBeNull();
    expect((await ledger.events('main')).length).toBeGreaterThan(2);
    expect(await ledger.discrepancies('main')).toHaveLength(1);
    expect(await ledger.interventions()).toHaveLength(3);
    expect(await ledger.notifications('main', 10)).toHaveLength(2);
    expect(await ledger.channelTotals()).toMatchObject([{ deliveredTotal: 1, failureTotal: 1 }, { deliveredTotal: 0 }]);
  });

  it.each([
    ['reader', 'write', `UPDATE plumbline.account SET paused = false`],
    ['serve', 'change a pause', `UPDATE plumbline.account SET paused = false`],
    ['serve', 'resolve', `UPDATE plumbline.discrepancy SET state = 'resolved'`],
    ['serve', 'make tables', 'CREATE TABLE plumbline.mine ()'],
    ['reader', 'make tables', 'CREATE TABLE plumbline.mine ()'],
    ['worker', 'make tables', 'CREATE TABLE plumbline.mine ()'],
    ['worker', 'drop the record', 'DROP TABLE plumbline.event CASCADE'],
    ['worker', 'empty the record', 'TRUNCATE plumbline.event'],
    ['worker', 'switch its protection off', 'ALTER TABLE plumbline.event DISABLE TRIGGER event_is_append_only'],
    [
      'worker',
      'replace its protection',
      'CREATE OR REPLACE FUNCTION plumbline.refuse_change() RETURNS trigger AS $$ BEGIN RETURN NULL; END $$ LANGUAGE plpgsql',
    ],
    ['worker', 'silence its protection', 'SET session_replication_role = replica'],
  ] as const)('do not let the %s %s', async (role, _what, sql) => {
    await expect(query(urlOf(role), sql)).rejects.toThrow(/permission denied|must be owner/);
  });

  it.each([
    "UPDATE plumbline.event SET payload = '{}'",
    'DELETE FROM plumbline.event',
    'DELETE FROM plumbline.run',
    'DELETE FROM plumbline.execution',
    'DELETE FROM plumbline.account',
    'DELETE FROM plumbline.discrepancy',
    'DELETE FROM plumbline.intervention',
    'DELETE FROM plumbline.intervention_request',
    'DELETE FROM plumbline.notification',
    'DELETE FROM plumbline.channel',
    'UPDATE plumbline.notification SET wanted_at = wanted_at',
    'DELETE FROM plumbline.migration',
    'UPDATE plumbline.account SET account = account',
    'UPDATE plumbline.intervention SET opened_at = opened_at',
    'UPDATE plumbline.discrepancy SET opened_at = opened_at',
  ])('are not enough for the worker: %s', async (sql) => {
    await expect(query(urlOf('worker'), sql)).rejects.toThrow('permission denied');
  });

  it('leave what the worker may change to the transactions that record it', async () => {
    for (const [table, change] of [
      ['account', 'open_interventions = 0, call_due = null, consecutive_failures = 0'],
      ['discrepancy', "accepted_by = 'x', accepted_note = 'x', accepted_at = now(), accepted_until = now() + '1 day'"],
      [
        'discrepancy',
        "state = 'resolved', resolved_at = now(), resolved_by_run = opened_by_run, accepted_by = null, accepted_note = null, accepted_at = null, accepted_until = null",
      ],
      ['intervention', "reasons = '[]'"],
      ['notification', "delivered_at = now(), delivered_key = 'x'"],
    ] as const) {
      await expect(query(urlOf('worker'), `UPDATE plumbline.${table} SET ${change}`)).rejects.toThrow(
        `a change of plumbline.${table} without a record of it is refused`,
      );
    }
  });

  it('are the same after rights were given by hand and migrate ran again', async () => {
    const given = async () => {
      const client = new Client({ connectionString: database.url });
      await client.connect();
      try {
        const { rows } = await client.query<{ right: string }>(
          `SELECT grantee || ' ' || privilege_type || ' ' || table_name || '.' || column_name AS right
           FROM information_schema.column_privileges
           WHERE table_schema = 'plumbline' AND grantee IN ('plumbline_worker', 'plumbline_serve', 'plumbline_reader')
           UNION ALL
           SELECT grantee || ' ' || privilege_type || ' ' || table_name FROM information_schema.table_privileges
           WHERE table_schema = 'plumbline' AND grantee IN ('plumbline_worker', 'plumbline_serve', 'plumbline_reader') ORDER BY 1`,
        );
        return rows.map(({ right }) => right);
      } finally {
        await client.end();
      }
    };
    const before = await given();
    await query(
      database.url,
      'GRANT ALL ON ALL TABLES IN SCHEMA plumbline TO plumbline_worker, plumbline_serve, plumbline_reader',
    );
    expect((await ledgerOf('reader').verify()).database).toContain('the role plumbline_worker may DELETE account');
    await migrateLedger(urlOf('owner'));
    expect(await given()).toEqual(before);
    expect((await ledgerOf('reader').verify()).database).toBeUndefined();
    expect(deletable(before)).toEqual(['snapshot', 'snapshot_body', 'unsettled', 'worker']);
  });
});

function deletable(rights: readonly string[]): string[] {
  return rights.flatMap((right) => /^plumbline_worker DELETE (\w+)$/.exec(right)?.[1] ?? []);
}
