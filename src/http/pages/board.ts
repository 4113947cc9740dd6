import { performance } from 'node:perf_hooks';
import type { AccountOverview, Ledger } from '../../ledger/contract/ledger.js';
import type { WatchView } from '../../watch/finding.js';
import { verdictOf, type Standing, type Verdict } from './verdict.js';

/** The part of the gate cache that reports new records. */
export interface LedgerNews {
  onNews(listener: (accounts: readonly string[]) => void): void;
  /** Time since the ledger last answered for all accounts; null before the first answer. */
  ageMs(): number | null;
}

export interface BoardParts {
  ledger: Pick<Ledger, 'overview'>;
  ask: <T>(question: string, answer: Promise<T>) => Promise<T>;
  watch: WatchView;
  news: LedgerNews;
}

export interface BoardRow {
  overview: AccountOverview;
  verdict: Verdict;
}

export interface BoardView {
  rows: readonly BoardRow[];
  /** The database's clock. */
  now: Date;
}

/** News older than this may have been missed, so everything is read again. */
const MAX_NEWS_AGE_MS = 10_000;
/** Changed accounts beyond this number are read as if all had changed. */
const MAX_NAMES = 500;

/**
 * All accounts in memory, for many readers of the list. It reads an account again only if the ledger reported a change,
 * and only when somebody asks, so readers cost the database nothing. While the ledger reports nothing, each request reads
 * all accounts, so old data is never shown as current.
 */
export class Board {
  readonly #accounts = new Map<string, AccountOverview>();
  readonly #changed = new Set<string>();
  #isWhole = false;
  #reading: Promise<void> | null = null;
  /** The database's clock minus this process's monotonic clock, and its wall clock. */
  #clock: { monotonicMs: number; wallMs: number; databaseMs: number } | null = null;

  constructor(private readonly parts: BoardParts) {
    parts.news.onNews((accounts) => {
      if (!this.#isWhole) return;
      for (const account of accounts) this.#changed.add(account);
      if (this.#changed.size > MAX_NAMES) this.#isWhole = false;
    });
  }

  /** @throws FailureError of the ledger */
  async view(): Promise<BoardView> {
    // A reader that arrives during a read may know of a newer change, so it reads again.
    if (this.#reading !== null) await this.#reading.catch(() => undefined);
    this.#reading ??= this.#read().finally(() => (this.#reading = null));
    await this.#reading;
    const now = this.#now();
    const rows = [...this.#accounts.values()].map((overview) => ({
      overview,
      verdict: this.#verdictOf(overview, now),
    }));
    return { rows, now };
  }

  /** The standing of each account. @throws as `view` */
  async standings(): Promise<Map<string, Standing>> {
    const { rows } = await this.view();
    return new Map(rows.map(({ overview, verdict }) => [overview.totals.account, verdict.standing]));
  }

  #verdictOf(overview: AccountOverview, now: Date): Verdict {
    return verdictOf(overview, this.parts.watch.findingOf(overview.totals.account), now);
  }

  async #read(): Promise<void> {
    const ageMs = this.parts.news.ageMs();
    if (ageMs === null || ageMs > MAX_NEWS_AGE_MS) this.#isWhole = false;
    if (this.#isWhole && this.#changed.size === 0) return;
    const names = this.#isWhole ? [...this.#changed] : null;
    this.#changed.clear();
    // Set before the read, so that what changes during it is read again.
    this.#isWhole = true;
    try {
      const found = await this.parts.ask('all accounts', this.parts.ledger.overview(names));
      for (const gone of names ?? this.#accounts.keys()) this.#accounts.delete(gone);
      for (const overview of found) if (overview.totals.active) this.#accounts.set(overview.totals.account, overview);
      const databaseMs = found[0]?.totals.readAt.getTime();
      if (databaseMs !== undefined) this.#clock = { monotonicMs: performance.now(), wallMs: Date.now(), databaseMs };
    } catch (error) {
      this.#isWhole = false;
      throw error;
    }
  }

  /** The monotonic clock stops while a machine sleeps, and the wall clock may be set back, so the larger of the two counts. */
  #now(): Date {
    if (this.#clock === null) return new Date();
    const { monotonicMs, wallMs, databaseMs } = this.#clock;
    return new Date(databaseMs + Math.max(0, performance.now() - monotonicMs, Date.now() - wallMs));
  }
}
