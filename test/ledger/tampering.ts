import { drizzle } from 'drizzle-orm/node-postgres';
import { Client } from 'pg';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger, VerifyReport } from '../../src/ledger/contract/ledger.js';
import { verifyLedger } from '../../src/ledger/verify/verify.js';
import { NOON, order, snapshot } from '../domain/snapshots.js';
import { createLedgerDatabase } from '../support/postgres.js';
import { failed, openedOutside, orderPlaced, register, runKey, verdict } from './records.js';

const APPEND_ONLY = ['event', 'run', 'sighting', 'execution'] as const;

/** The seventh event of `main` is the call at the failure threshold; there are fourteen. */
export const MIDDLE_EVENT = 7;
export const EVENTS = 14;

/** A ledger with one of everything in the account `main`, and a superuser of its database. */
export class TamperedLedger {
  private constructor(
    readonly ledger: Ledger,
    private readonly intruder: Client,
    private readonly database: { drop(): Promise<void> },
  ) {}

  static async start(): Promise<TamperedLedger> {
    const database = await createLedgerDatabase();
    const ledger = createLedger(database.url);
    const intruder = new Client({ connectionString: database.url });
    await intruder.connect();
    await recordSomethingOfEverything(ledger);
    return new TamperedLedger(ledger, intruder, database);
  }

  async query<Row extends object>(sql: string): Promise<Row[]> {
    return (await this.intruder.query<Row>(sql)).rows;
  }

  /** The result of verifying the account (all: null) after these statements, which are then rolled back. */
  async reportAfter(sql: string, account: string | null = 'main'): Promise<VerifyReport> {
    await this.intruder.query('BEGIN');
    try {
      await this.tamper(sql);
      return await verifyLedger(drizzle({ client: this.intruder }), account);
    } finally {
      await this.intruder.query('ROLLBACK');
    }
  }

  async faultsAfter(sql: string): Promise<string[]> {
    const report = await this.reportAfter(sql);
    return report.accounts.flatMap(({ faults }) => faults.map(({ fault }) => fault));
  }

  /** Changes the database as a superuser can, who first switches off triggers and foreign keys. */
  async tamper(sql: string): Promise<void> {
    await this.intruder.query('ALTER TABLE plumbline.discrepancy DISABLE TRIGGER ALL');
    for (const table of APPEND_ONLY) await this.intruder.query(`ALTER TABLE plumbline.${table} DISABLE TRIGGER ALL`);
    await this.intruder.query(sql);
  }

  async stop(): Promise<void> {
    await this.intruder.end();
    await this.ledger.close();
    await this.database.drop();
  }
}

async function recordSomethingOfEverything(ledger: Ledger): Promise<void> {
  await register(ledger);
  await putObservation(ledger, 1);
  await ledger.recordVerdict(verdict(1));
  await putObservation(ledger, 2);
  await ledger.recordVerdict(verdict(2, { confirmed: [openedOutside(), orderPlaced('17')] }));
  await ledger.recordFailure(failed(3, { consecutiveFailures: 1, threshold: 1, thresholdReached: true }));
  await ledger.recordVerdict(verdict(4, { confirmed: [openedOutside('0.7')], agreed: [orderPlaced('17').identity] }));
  await ledger.recordPause({ account: 'main', paused: true, by: 'ada', reason: null, requestId: 'p' });
  const reason = { action: 'UNSETTLED', text: 'BTC', at: new Date(NOON + 1).toISOString() };
  await ledger.openIntervention({ account: 'main', interventionId: 'call', reasons: [reason] });
  await ledger.acknowledgeIntervention({ interventionId: 'call', by: 'ada', note: 'seen' });
  const until = new Date(Date.now() + 86_400_000);
  await ledger.acceptDiscrepancies({ account: 'main', discrepancyIds: null, by: 'ada', until, note: 'hedge' });
  await ledger.openIntervention({ account: 'main', interventionId: 'snoozed', reasons: [reason] });
  await ledger.snoozeIntervention({ interventionId: 'snoozed', by: 'ada', until, note: 'asleep' });
}

async function putObservation(ledger: Ledger, run: number): Promise<void> {
  const orders = [order({ id: String(run) })];
  await ledger.putSnapshot(runKey(run), 1, snapshot('exchange', { orders }));
  await ledger.putSnapshot(runKey(run), 1, snapshot('internal', { orders }));
}
