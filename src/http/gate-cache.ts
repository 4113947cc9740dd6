import { createHash } from 'node:crypto';
import { ACCOUNT_NAME } from '../domain/account/account-name.js';
import { gateReasons, gateWith, type GateReason } from '../domain/gate/trading-gate.js';
import type { GateFeed, GateLedger, GateReading, Moment, ReadGateState } from '../ledger/contract/gate.js';
import type { Logger } from '../logging/logger.js';
import { tradingGateDocument } from '../report/documents.js';
import type { WatchView } from '../watch/finding.js';
import { unknownAccount } from './account-lookup.js';

/** A trading gate as it is answered. */
export interface GateAnswer {
  /** 200 open, 423 closed, 404 unknown account, 503 nothing is known. */
  status: 200 | 404 | 423 | 503;
  /** A weak entity tag over `open`, the reasons and the number of acceptances. Ages do not change it. */
  tag: string;
  /** How old the ledger's answer is; null if there is none. */
  ageMs: number | null;
  /** Every document except that of an open gate has `open: false`, for bots that read the body and not the status. */
  document: { account: string; open: boolean; reasons: string[]; as_of: string | null; age_ms: number | null };
}

export interface GateCacheOptions {
  ledger: GateLedger;
  watch: WatchView;
  log: Logger;
  /** How old the ledger's answer may be; every gate is closed if it is older. Default 10 s. */
  maxAgeMs?: number;
}

/** Accounts whose gates may have changed; null: any, because time has passed. */
export type GateListener = (accounts: readonly string[] | null) => void;

/** Accounts that have a new record in the ledger or another time of their next run, and accounts that were added or removed. */
export type NewsListener = (accounts: readonly string[]) => void;

const MAX_AGE_MS = 10_000;
/** How often waiting requests check for gates that changed only because time passed. */
const TICK_MS = 1_000;

interface Entry {
  state: ReadGateState;
  askedAt: Moment;
  /** The last tag and its input, because most answers equal the one before. */
  tagged: { from: string; tag: string };
}

/**
 * The trading gates of all accounts, in memory. The ledger notifies it of changes. What depends on time is decided when a
 * gate is asked for, with the database's clock carried forward.
 *
 * It fails closed: while the ledger cannot be read, its last answer counts for ten seconds and no longer.
 */
export class GateCache {
  readonly #maxAgeMs: number;
  readonly #feed: GateFeed;
  readonly #listeners = new Set<GateListener>();
  readonly #newsListeners = new Set<NewsListener>();
  readonly #ticks: NodeJS.Timeout;
  readonly #first: Promise<void>;
  readonly #entries = new Map<string, Entry>();
  /** When the last read of all accounts began. */
  #completeAt: Moment | null = null;
  #isFailing = false;

  constructor(private readonly options: GateCacheOptions) {
    this.#maxAgeMs = options.maxAgeMs ?? MAX_AGE_MS;
    let begun = (): void => {};
    this.#first = new Promise((resolve) => (begun = resolve));
    this.#feed = options.ledger.followGates({
      read: (reading) => {
        this.#take(reading);
        if (reading.completes !== null) begun();
      },
      failed: (error) => {
        this.#report(error);
        begun();
      },
    });
    this.#ticks = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Resolves once the ledger has answered or failed for the first time, or after `milliseconds`. */
  async begun(milliseconds: number): Promise<void> {
    if (this.#completeAt !== null || this.#isFailing) return;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
    await Promise.race([this.#first, deadline]);
    clearTimeout(timer);
  }

  /** The gate now. Never fails: an unknown gate is closed. */
  answer(account: string): GateAnswer {
    const completeAgeMs = this.#completeAt === null ? null : ageMsOf(this.#completeAt);
    const entry = this.#entries.get(account);
    if (!ACCOUNT_NAME.test(account) || (entry === undefined && isWithin(completeAgeMs, this.#maxAgeMs))) {
      return closed(404, account, { key: 'unknown', text: unknownAccount(account).message });
    }
    if (entry === undefined) return closed(503, account, UNREACHABLE);
    const ageMs = ageMsOf(entry.askedAt);
    if (!isWithin(ageMs, this.#maxAgeMs)) return closed(503, account, OUTDATED, { ageMs, asOf: entry.state.readAt });
    const state = { ...entry.state, readAt: new Date(entry.state.readAt.getTime() + ageMs) };
    const reasons = gateReasons(state, this.options.watch.findingOf(account));
    if (isPast(entry.state.acceptanceEndsAt, state.readAt)) {
      reasons.push(ACCEPTANCE_ENDED);
      this.#feed.ask([account]);
    }
    const gate = gateWith(state, reasons);
    return {
      status: gate.open ? 200 : 423,
      tag: this.#tagOf(entry, fingerprintOf(account, gate.open, reasons, gate.accepted)),
      ageMs,
      document: {
        account,
        ...tradingGateDocument(gate),
        as_of: entry.state.readAt.toISOString(),
        age_ms: Math.round(ageMs),
      },
    };
  }

  /** The registered accounts. */
  accounts(): string[] {
    return [...this.#entries.keys()];
  }

  /** Time since the last read of all accounts began; null before the first. */
  ageMs(): number | null {
    return this.#completeAt === null ? null : ageMsOf(this.#completeAt);
  }

  onChange(listener: GateListener): void {
    this.#listeners.add(listener);
  }

  /** Called only for records; unlike `onChange`, not because time has passed. */
  onNews(listener: NewsListener): void {
    this.#newsListeners.add(listener);
  }

  async close(): Promise<void> {
    clearInterval(this.#ticks);
    await this.#feed.close();
  }

  #take({ states, askedAt, completes }: GateReading): void {
    const news: string[] = [];
    for (const state of states) {
      const before = this.#entries.get(state.account);
      if (before === undefined || isNews(before.state, state)) news.push(state.account);
      this.#entries.set(state.account, { state, askedAt, tagged: before?.tagged ?? { from: '', tag: '' } });
    }
    const changed = states.map(({ account }) => account);
    if (completes !== null) {
      this.#completeAt = completes;
      const gone = this.#forgetBefore(completes);
      changed.push(...gone);
      news.push(...gone);
    }
    if (this.#isFailing) this.options.log.info('The trading gates are read again');
    this.#isFailing = false;
    this.#tell(changed);
    if (news.length > 0) for (const listener of this.#newsListeners) listener(news);
  }

  /** Removes accounts that were not read since then, and returns their names. */
  #forgetBefore({ monotonicMs }: Moment): string[] {
    const gone = [...this.#entries].filter(([, { askedAt }]) => askedAt.monotonicMs < monotonicMs);
    for (const [account] of gone) this.#entries.delete(account);
    return gone.map(([account]) => account);
  }

  #tagOf(entry: Entry, fingerprint: string): string {
    if (entry.tagged.from !== fingerprint) entry.tagged = { from: fingerprint, tag: hashed(fingerprint) };
    return entry.tagged.tag;
  }

  #report(error: unknown): void {
    if (!this.#isFailing) {
      const seconds = this.#maxAgeMs / 1000;
      this.options.log.error({ error }, `The trading gates cannot be read; the last answer counts for ${seconds} s`);
    }
    this.#isFailing = true;
  }

  #tick(): void {
    const ended: string[] = [];
    for (const [account, { state, askedAt }] of this.#entries) {
      if (state.acceptanceEndsAt === null) continue;
      if (isPast(state.acceptanceEndsAt, new Date(state.readAt.getTime() + ageMsOf(askedAt)))) ended.push(account);
    }
    if (ended.length > 0) this.#feed.ask(ended);
    this.#tell(null);
  }

  #tell(accounts: readonly string[] | null): void {
    for (const listener of this.#listeners) listener(accounts);
  }
}

function isNews(before: ReadGateState, now: ReadGateState): boolean {
  return before.version !== now.version || before.expectedAt?.getTime() !== now.expectedAt?.getTime();
}

const UNREACHABLE: GateReason = { key: 'unreachable', text: 'the ledger cannot be reached, so nothing is known' };
const OUTDATED: GateReason = {
  key: 'unreachable',
  text: 'the ledger cannot be reached, and what is known is too old to rely on',
};
const ACCEPTANCE_ENDED: GateReason = {
  key: 'acceptance_ended',
  text: 'an acceptance has just ended; the open discrepancies are being read again',
};

function closed(
  status: 404 | 503,
  account: string,
  reason: GateReason,
  known: { ageMs: number; asOf: Date } | null = null,
): GateAnswer {
  return {
    status,
    tag: hashed(fingerprintOf(account, false, [reason], 0)),
    ageMs: known?.ageMs ?? null,
    document: {
      account,
      open: false,
      reasons: [reason.text],
      as_of: known?.asOf.toISOString() ?? null,
      age_ms: known === null ? null : Math.round(known.ageMs),
    },
  };
}

function fingerprintOf(account: string, open: boolean, reasons: readonly GateReason[], accepted: number): string {
  return JSON.stringify([account, open, reasons.map(({ key }) => key), accepted]);
}

function hashed(fingerprint: string): string {
  return `W/"${createHash('sha256').update(fingerprint).digest('base64url').slice(0, 22)}"`;
}

/**
 * Time since the statement was sent, an upper bound on the age of its answer. The monotonic clock stops while a machine
 * sleeps, and the wall clock may be set back, so the larger of the two counts.
 */
function ageMsOf({ monotonicMs, wallMs }: Moment): number {
  return Math.max(0, performance.now() - monotonicMs, Date.now() - wallMs);
}

/** Written so that NaN is too old. */
function isWithin(ageMs: number | null, maxAgeMs: number): boolean {
  return ageMs !== null && ageMs <= maxAgeMs;
}

/** Written so that an invalid end counts as past. */
function isPast(end: Date | null, now: Date): boolean {
  return end !== null && !(end.getTime() > now.getTime());
}
