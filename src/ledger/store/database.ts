import { setTimeout as delay } from 'node:timers/promises';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { Pool, type PoolClient, type QueryConfig } from 'pg';
import { FailureError } from '../../domain/failure/failure.js';
import { NO_SPANS, type Spans } from '../../runtime/spans.js';
import { asLedgerError, describeDatabase, driverError, isServerAnswer, isTransient } from './database-failure.js';
import { statementName } from './statement-name.js';

/** drizzle on one connection. */
export type DatabaseSession = NodePgDatabase;

export interface DatabaseOptions {
  /** Maximum number of connections, default 10. */
  poolSize?: number;
  /** Shown in pg_stat_activity, default "plumbline". */
  applicationName?: string;
  /** Receives the errors of connections that broke while idle. The pool replaces these connections. */
  onPoolError?: (error: Error) => void;
  /** Overrides of the default time limits. Every call ends within them. */
  limits?: Partial<DatabaseLimits>;
  /** Receives each call and its statements, by name and without values. Default: nothing is traced. */
  spans?: Spans;
}

export interface DatabaseLimits {
  connectMs: number;
  /** The server's own limits. Every statement of the ledger stays far below them; they end statements that hang. */
  statementMs: number;
  lockMs: number;
  idleInTransactionMs: number;
  /**
   * Our own limit, for a server that does not answer at all. Longer than the server's limits, whose errors say more.
   */
  answerMs: number;
}

const LIMITS: DatabaseLimits = {
  connectMs: 5_000,
  statementMs: 30_000,
  lockMs: 15_000,
  idleInTransactionMs: 60_000,
  answerMs: 40_000,
};
const MAX_ATTEMPTS = 4;
const FIRST_RETRY_MS = 25;

/**
 * A connection pool. Every call ends, with a result or with a FailureError of kind `ledger`.
 *
 * `doing` completes the sentence "The ledger could not ...".
 */
export class Database {
  /** Host, port and database name. */
  readonly description: string;
  readonly #pool: Pool;
  readonly #spans: Spans;
  readonly #sessions = new WeakMap<PoolClient, DatabaseSession>();

  constructor(url: string, options: DatabaseOptions = {}) {
    this.description = describeDatabase(url);
    const limits = { ...LIMITS, ...options.limits };
    this.#spans = options.spans ?? NO_SPANS;
    this.#pool = new Pool({
      connectionString: url,
      max: options.poolSize ?? 10,
      application_name: options.applicationName ?? 'plumbline',
      connectionTimeoutMillis: limits.connectMs,
      query_timeout: limits.answerMs,
      keepAlive: true,
      idleTimeoutMillis: 30_000,
    });
    // Without a listener, a connection that breaks while idle would end the process.
    this.#pool.on('error', (error) => options.onPoolError?.(error));
    // Set here and not at start-up: poolers such as PgBouncer refuse unknown start-up parameters.
    this.#pool.on('connect', (client) => {
      client
        .query(
          `SET statement_timeout = ${limits.statementMs}; SET lock_timeout = ${limits.lockMs};
           SET idle_in_transaction_session_timeout = ${limits.idleInTransactionMs}`,
        )
        .catch(ignored);
    });
  }

  /** Runs one or more reads that need no common snapshot. */
  async read<T>(doing: string, work: (session: DatabaseSession) => Promise<T>): Promise<T> {
    return this.#withRetries(doing, async (client) => work(this.#sessionOf(client)));
  }

  /** Runs `work` so that all its reads see the database at one moment. */
  async readConsistently<T>(doing: string, work: (session: DatabaseSession) => Promise<T>): Promise<T> {
    return this.#transaction(doing, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work);
  }

  /** Runs `work` completely or not at all. It may be called again, so it must have no effect outside the database. */
  async transaction<T>(doing: string, work: (session: DatabaseSession) => Promise<T>): Promise<T> {
    return this.#transaction(doing, 'BEGIN', work);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #transaction<T>(doing: string, begin: string, work: (session: DatabaseSession) => Promise<T>): Promise<T> {
    return this.#withRetries(doing, async (client) => {
      await this.#query(client, begin);
      try {
        const result = await work(this.#sessionOf(client));
        await this.#query(client, 'COMMIT');
        return result;
      } catch (error) {
        // A connection that cannot roll back is discarded by its owner, which ends the transaction too.
        await client.query('ROLLBACK').catch(ignored);
        throw error;
      }
    });
  }

  async #withRetries<T>(doing: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.#spans.within(`ledger: ${doing}`, {}, async () => this.#attempts(doing, work));
  }

  async #attempts<T>(doing: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#withClient(work);
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isTransient(driverError(error))) {
          throw asLedgerError(error, doing, this.description);
        }
        await delay(FIRST_RETRY_MS * 2 ** (attempt - 1) * (1 + Math.random()));
      }
    }
  }

  async #query(client: PoolClient, statement: string): Promise<void> {
    await this.#spans.within(statementName(statement), {}, async () => client.query(statement));
  }

  /** One per connection, because creating one costs about as much as a statement. */
  #sessionOf(client: PoolClient): DatabaseSession {
    const session = this.#sessions.get(client) ?? drizzle({ client: this.#traced(client) });
    this.#sessions.set(client, session);
    return session;
  }

  /** The connection, with a span for each statement. */
  #traced(client: PoolClient): PoolClient {
    if (this.#spans === NO_SPANS) return client;
    const query = async (statement: QueryConfig, values: unknown[]): Promise<unknown> =>
      this.#spans.within(statementName(statement.text), {}, async () => client.query(statement, values));
    return new Proxy(client, {
      get: (target, name) => (name === 'query' ? query : (Reflect.get(target, name, target) as unknown)),
    });
  }

  async #withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    // The pool listens only to idle connections; a connection that breaks between two statements would end the process.
    client.on('error', ignored);
    let sound = true;
    try {
      return await work(client);
    } catch (error) {
      const cause = driverError(error);
      sound = isServerAnswer(cause) || cause instanceof FailureError;
      throw error;
    } finally {
      client.off('error', ignored);
      client.release(!sound);
    }
  }
}

function ignored(): void {
  // The error reaches the caller through the next statement.
}
