import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Client } from 'pg';
import type { GateFeed, GateFollower, Moment, ReadGateState } from '../contract/gate.js';
import { asLedgerError, describeDatabase, driverError } from '../store/database-failure.js';
import { readGateStates, type WhichGates } from './gate-states.js';

/** Of migration 0009. The payload is an account's name. */
const CHANNEL = 'plumbline_gate';
/** The prefix of test payloads on the channel; no account's name starts with it. */
const TEST_MARK = '?';
/** Accounts of one statement. Decoding more would delay the answers of the process. */
const MAX_STATES = 500;

export interface GateFeedLimits {
  /** How often all accounts are read, even without a notification. */
  everyMs: number;
  /** The same if the database sends no notifications: on a standby, or behind a pooler. */
  pollMs: number;
  /** The shortest time between the starts of two reads, so that many changes are read in few statements. */
  spacingMs: number;
  connectMs: number;
  /** The time of one read. */
  answerMs: number;
  /** The pause before a new connection; doubles up to `maxRetryMs`. */
  retryMs: number;
  maxRetryMs: number;
}

const LIMITS: GateFeedLimits = {
  everyMs: 5_000,
  pollMs: 1_000,
  spacingMs: 50,
  connectMs: 3_000,
  answerMs: 4_000,
  retryMs: 100,
  maxRetryMs: 2_000,
};

/**
 * Follows the trading gates over one connection, which both listens and reads. A successful read shows that the connection is
 * alive, so an earlier change is in that read, or its notification still comes.
 */
export class ListeningGateFeed implements GateFeed {
  readonly #limits: GateFeedLimits;
  readonly #changed = new Set<string>();
  readonly #running: Promise<void>;
  #client: Client | null = null;
  #closed = false;
  #wake = (): void => {};
  #end = (): void => {};
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve));

  constructor(
    private readonly url: string,
    private readonly follower: GateFollower,
    options: { applicationName?: string; limits?: Partial<GateFeedLimits> } = {},
  ) {
    this.#limits = { ...LIMITS, ...options.limits };
    this.#running = this.#run(options.applicationName ?? 'plumbline');
  }

  ask(accounts: readonly string[]): void {
    for (const account of accounts) this.#changed.add(account);
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    this.#end();
    await this.#client?.end().catch(ignored);
    await this.#running;
  }

  async #run(applicationName: string): Promise<void> {
    const { retryMs, maxRetryMs } = this.#limits;
    let restMs = retryMs;
    while (!this.#closed) {
      try {
        await this.#session(applicationName, () => (restMs = retryMs));
      } catch (error) {
        if (this.#closed) return;
        this.follower.failed(asLedgerError(driverError(error), 'read the trading gates', describeDatabase(this.url)));
      }
      await this.#rest(restMs, () => this.#closed);
      restMs = Math.min(2 * restMs, maxRetryMs);
    }
  }

  #takeChanged(): string[] {
    const names = [...this.#changed].slice(0, MAX_STATES);
    for (const name of names) this.#changed.delete(name);
    return names;
  }

  /** One connection, from its start until it breaks or the feed is closed. */
  async #session(applicationName: string, succeeded: () => void): Promise<void> {
    const { connectMs, answerMs, everyMs, pollMs, spacingMs } = this.#limits;
    const client = new Client({
      connectionString: this.url,
      application_name: applicationName,
      connectionTimeoutMillis: connectMs,
      query_timeout: answerMs,
      keepAlive: true,
    });
    let broken: Error | null = null;
    client.on('error', (error) => {
      broken = error;
      this.#wake();
    });
    const tests = new Set<string>();
    client.on('notification', ({ payload = '' }) => {
      if (payload.startsWith(TEST_MARK)) tests.add(payload);
      else this.#changed.add(payload);
      this.#wake();
    });
    this.#client = client;
    try {
      // A client that is ended while it connects never settles this promise.
      await Promise.race([client.connect(), this.#ended]);
      if (this.#closed) return;
      const session = drizzle({ client });
      const everyReadMs = (await this.#listens(client, tests)) ? everyMs : pollMs;
      const isOver = (): boolean => this.#closed || broken !== null;
      let sweep = new Sweep(0);
      let wasSweeping = false;
      while (!this.#closed) {
        if (broken !== null) throw broken as Error;
        const askedAt = { monotonicMs: performance.now(), wallMs: Date.now() };
        // Alternates with the changed accounts, so that neither waits for the other.
        const isChangesTurn: boolean = wasSweeping && this.#changed.size > 0;
        const isSweeping: boolean = askedAt.monotonicMs >= sweep.dueMs && !isChangesTurn;
        wasSweeping = isSweeping;
        const which = isSweeping ? sweep.next(askedAt) : { names: this.#takeChanged() };
        const states = await readGateStates(session, which);
        succeeded();
        this.follower.read({ states, askedAt, completes: isSweeping ? sweep.took(states, everyReadMs) : null });
        if (isSweeping && sweep.isComplete) sweep = new Sweep(sweep.began.monotonicMs + everyReadMs, sweep.parts);
        await this.#rest(spacingMs, isOver);
        await this.#rest(sweep.dueMs - performance.now(), () => isOver() || this.#changed.size > 0);
      }
    } finally {
      this.#client = null;
      await client.end().catch(ignored);
    }
  }

  /**
   * Whether the database sends notifications to this connection. A standby refuses LISTEN, and a pooler may accept it and send
   * nothing, so a message of our own is the test.
   */
  async #listens(client: Client, tests: ReadonlySet<string>): Promise<boolean> {
    const test = `${TEST_MARK}${randomUUID()}`;
    try {
      await client.query(`LISTEN ${CHANNEL}`);
      await client.query('SELECT pg_notify($1, $2)', [CHANNEL, test]);
    } catch (error) {
      if (error instanceof Error && 'severity' in error) return false;
      throw error;
    }
    await this.#rest(this.#limits.pollMs, () => this.#closed || tests.has(test));
    return tests.has(test);
  }

  /** Waits until `over` is true, which is checked whenever something happened, or until the time has passed. */
  async #rest(milliseconds: number, over: () => boolean): Promise<void> {
    const until = performance.now() + milliseconds;
    for (let leftMs = milliseconds; leftMs > 0 && !over(); leftMs = until - performance.now()) {
      const something = new Promise<void>((resolve) => (this.#wake = resolve));
      const ended = new AbortController();
      await Promise.race([something, delay(leftMs, undefined, { signal: ended.signal }).catch(ignored)]);
      ended.abort();
    }
  }
}

/** One read of all accounts, in parts. */
class Sweep {
  began: Moment = { monotonicMs: 0, wallMs: 0 };
  parts = 0;
  isComplete = false;
  #after = '';

  /**
   * @param dueMs when its next part is due, by the monotonic clock
   * @param partsBefore how many the sweep before had; 0 for the first, whose parts follow at once
   */
  constructor(
    public dueMs: number,
    private readonly partsBefore = 0,
  ) {}

  next(now: Moment): WhichGates {
    if (this.parts === 0) this.began = now;
    return { after: this.#after, limit: MAX_STATES };
  }

  /** When the sweep began, if this part is its last. The parts take half of the time until the next sweep. */
  took(states: readonly ReadGateState[], everyMs: number): Moment | null {
    this.parts++;
    const last = states.at(-1);
    if (last === undefined || states.length < MAX_STATES) {
      this.isComplete = true;
      return this.began;
    }
    this.#after = last.account;
    this.dueMs = performance.now() + (this.partsBefore === 0 ? 0 : everyMs / 2 / this.partsBefore);
    return null;
  }
}

function ignored(): void {}
