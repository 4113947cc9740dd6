import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { Client } from 'pg';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { createLedgerDatabase, PATIENT } from '../support/postgres.js';
import { register } from './records.js';

/** A ledger in a separate database per test file, and a separate registered account `main` for each test. */
export class LedgerUnderTest {
  #ledger: Ledger | null = null;
  #elsewhere: Ledger | null = null;
  #client: Client | null = null;
  #accounts = 0;
  #url = '';

  get ledger(): Ledger {
    if (this.#ledger === null) throw new Error('the ledger is there from beforeAll on');
    return this.#ledger;
  }
  /** The ledger of another process: nothing that was put is in its cache. */
  get elsewhere(): Ledger {
    if (this.#elsewhere === null) throw new Error('the ledger is there from beforeAll on');
    return this.#elsewhere;
  }
  get url(): string {
    return this.#url;
  }
  get main(): string {
    return `main-${this.#accounts}`;
  }

  /** Queries the database directly. */
  async query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    if (this.#client === null) throw new Error('the database is there from beforeAll on');
    return (await this.#client.query<Row>(sql, values)).rows;
  }

  static forThisFile(): LedgerUnderTest {
    const under = new LedgerUnderTest();
    let drop: () => Promise<void>;
    beforeAll(async () => {
      const database = await createLedgerDatabase();
      drop = async () => database.drop();
      under.#url = database.url;
      under.#client = new Client({ connectionString: database.url });
      await under.#client.connect();
      under.#ledger = createLedger(database.url, PATIENT);
      under.#elsewhere = createLedger(database.url, PATIENT);
    }, 30_000);
    afterAll(async () => {
      await under.#client?.end();
      await under.ledger.close();
      await under.elsewhere.close();
      await drop();
    });
    beforeEach(async () => {
      under.#accounts += 1;
      await register(under.ledger, under.main);
    });
    return under;
  }
}
