import { createHash } from 'node:crypto';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Client, escapeIdentifier } from 'pg';
import { createLedger } from '../../../src/ledger/create-ledger.js';
import type { LedgerHead } from '../../../src/ledger/contract/ledger.js';
import type { Ledger, VerifyReport } from '../../../src/ledger/contract/ledger.js';
import { migrateLedger } from '../../../src/ledger/migrate/migrate.js';
import { verifyLedger } from '../../../src/ledger/verify/verify.js';
import { readRepositoryFile } from '../../deploy/compose-file.js';
import { createTestDatabase } from '../../support/postgres.js';
import { recordEverything, recordNotifications, sendTogether } from './everything.js';

/**
 * The role that tampers. The ledger's triggers stop `owner`; `owner, triggers off` switches them off and on again; the
 * administrator also switches off the checks of foreign keys.
 */
export const ROLES = ['reader', 'worker', 'owner', 'owner, triggers off', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

export type Attempt =
  | { outcome: 'refused'; why: string }
  /** The statement changed nothing, so it is no tampering. */
  | { outcome: 'nothing' }
  | { outcome: 'done'; report: VerifyReport };

/** A ledger with two accounts that hold one of everything, in a database with the roles of a deployment. */
export class TamperStage {
  readonly #reports = new Map<string, VerifyReport>();

  private constructor(
    readonly ledger: Ledger,
    /** Runs as a superuser, in one transaction that is always rolled back. */
    readonly client: Client,
    private readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<TamperStage> {
    const database = await createTestDatabase();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    // Roles belong to the server and outlive the test's database.
    for (const role of ['owner', 'worker', 'serve', 'reader']) {
      await client.query(
        `DO $$ BEGIN CREATE ROLE plumbline_${role}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
      );
    }
    const name = escapeIdentifier(new URL(database.url).pathname.slice(1));
    await client.query(`ALTER DATABASE ${name} OWNER TO plumbline_owner`);
    await client.query(readRepositoryFile('deploy/ledger-rights.sql'));
    const owner = new URL(database.url);
    owner.searchParams.set('options', '-c role=plumbline_owner');
    await migrateLedger(owner.href);
    const worker = new URL(database.url);
    worker.searchParams.set('options', '-c role=plumbline_worker');
    const ledger = createLedger(worker.href);
    await recordEverything(ledger, 'main');
    await recordEverything(ledger, 'other');
    for (const account of ['main', 'other']) await recordNotifications(ledger, account);
    await sendTogether(ledger, ['main', 'other']);
    await ledger.spendBudget('binanceusdm', 1);
    await ledger.reportWorker({ worker: '1@here', taskQueue: 'plumbline', accounts: ['main'], configDigest: 'aa' });
    const whole = createLedger(database.url);
    const document = Buffer.from('{"version":1}');
    const sha256 = createHash('sha256').update(document).digest('hex');
    await whole.storePush({ account: 'main', document, sha256, asOf: new Date() });
    await whole.close();
    await client.query('BEGIN');
    return new TamperStage(ledger, client, async () => {
      await client.query('ROLLBACK');
      await client.end();
      await ledger.close();
      await database.drop();
    });
  }

  async stop(): Promise<void> {
    await this.close();
  }

  async query<Row extends object>(sql: string): Promise<Row[]> {
    return (await this.client.query<Row>(sql)).rows;
  }

  async verify(against: readonly LedgerHead[] = []): Promise<VerifyReport> {
    return verifyLedger(drizzle({ client: this.client }), null, { against });
  }

  /** Runs the statements as that role, verifies, and rolls everything back. */
  async attempt(role: Role, statements: readonly string[], against: readonly LedgerHead[] = []): Promise<Attempt> {
    await this.client.query('SAVEPOINT tamper');
    try {
      const refusal = await this.#run(role, statements);
      if (refusal !== null) return refusal;
      // Then the content of the rows does not depend on who wrote it.
      const key = JSON.stringify([statements, against]);
      const report = this.#reports.get(key) ?? (await this.#verifyQuickly(against));
      this.#reports.set(key, report);
      return { outcome: 'done', report };
    } finally {
      await this.client.query('ROLLBACK TO SAVEPOINT tamper; RELEASE SAVEPOINT tamper');
    }
  }

  /** Verifies one account first: a fault is nearly always found there, in half the time. */
  async #verifyQuickly(against: readonly LedgerHead[]): Promise<VerifyReport> {
    const session = drizzle({ client: this.client });
    const [known] = await this.query(`SELECT FROM plumbline.account WHERE account = 'main'`);
    if (known !== undefined) {
      const report = await verifyLedger(session, 'main', { against });
      if (report.database !== undefined || report.accounts.some(({ faults }) => faults.length > 0)) return report;
    }
    return this.verify(against);
  }

  async #run(role: Role, statements: readonly string[]): Promise<Attempt | null> {
    let changed = 0;
    try {
      if (role === 'administrator') await this.#switch('DISABLE TRIGGER ALL');
      if (role === 'owner, triggers off') await this.#switch('DISABLE TRIGGER USER');
      const name = role === 'owner, triggers off' ? 'owner' : role;
      if (name !== 'administrator') await this.client.query(`SET LOCAL ROLE plumbline_${name}`);
      for (const statement of statements) {
        const { command, rowCount } = await this.client.query(statement);
        // A definition has no row count.
        changed += ['UPDATE', 'DELETE', 'INSERT'].includes(command) ? (rowCount ?? 0) : 1;
      }
      // What the end of a transaction would check.
      await this.client.query('SET CONSTRAINTS ALL IMMEDIATE; RESET ROLE');
      if (role === 'administrator' || role === 'owner, triggers off') await this.#switchOn();
    } catch (error) {
      return { outcome: 'refused', why: error instanceof Error ? error.message : String(error) };
    }
    return changed === 0 ? { outcome: 'nothing' } : null;
  }

  async #switch(how: string): Promise<void> {
    const tables = await this.#tables();
    await this.client.query(tables.map((table) => `ALTER TABLE plumbline."${table}" ${how}`).join('; '));
  }

  /** As the migrations left them, so that tampering leaves no trace there. */
  async #switchOn(): Promise<void> {
    const tables = await this.#tables();
    await this.client.query(tables.map((table) => `ALTER TABLE plumbline."${table}" ENABLE TRIGGER ALL`).join('; '));
    const own = await this.query<{ table: string; name: string }>(
      `SELECT relname AS table, tgname AS name FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
       WHERE relnamespace = 'plumbline'::regnamespace AND NOT tgisinternal`,
    );
    const on = own.map(({ table, name }) => `ALTER TABLE plumbline."${table}" ENABLE ALWAYS TRIGGER "${name}"`);
    await this.client.query(on.join('; '));
  }

  async #tables(): Promise<string[]> {
    const rows = await this.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'plumbline'::regnamespace AND relkind = 'r' ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  }
}
