import { randomBytes } from 'node:crypto';
import type { Standing } from './verdict.js';
import type { LedgerNews } from './board.js';

/** One connection that follows the stream. */
export interface Follower {
  sees(account: string): boolean;
  /** Whether it may still follow; asked with every beat. */
  mayStay(): boolean;
  /** Sends a part of the stream. False if the client does not read; it is then disconnected. */
  send(text: string): boolean;
  end(): void;
}

export interface StreamParts {
  news: LedgerNews;
  /** Reads what changed; returns the standing of each account now. */
  standings: () => Promise<ReadonlyMap<string, Standing>>;
  /** The most followers at a time. */
  limit: number;
  timing?: Partial<StreamTiming>;
}

export interface StreamTiming {
  /** Changes within this time are sent together. */
  gatherMs: number;
  beatMs: number;
}

const TIMING: StreamTiming = { gatherMs: 250, beatMs: 5_000 };
/** Messages that are kept for followers that reconnect. */
const MAX_KEPT = 500;
/** If its last answer is older, the ledger counts as not answering. */
const MAX_LEDGER_AGE_MS = 10_000;

interface Change {
  account: string;
  /** Null if it is not registered, or was stopped. */
  verdict: Standing | null;
  /** Whether the verdict differs from the one before. */
  moved: boolean;
}

/**
 * The stream of changes: which accounts have a new record, and their standing. All followers share one listener, and
 * nothing is read while nobody follows. A beat every five seconds shows that the stream works and whether the ledger
 * answers, because a browser does not notice a dead connection.
 */
export class ChangeStream {
  readonly #followers = new Set<Follower>();
  readonly #pending = new Set<string>();
  readonly #kept: { number: number; changes: readonly Change[] }[] = [];
  /** Part of each id, so that an id of another process is recognised. */
  readonly #epoch = randomBytes(6).toString('hex');
  readonly #timing: StreamTiming;
  readonly #beats: NodeJS.Timeout;
  #last: ReadonlyMap<string, Standing> | null = null;
  #number = 0;
  #gathering: NodeJS.Timeout | null = null;
  #isTelling = false;
  #isEnding = false;

  constructor(private readonly parts: StreamParts) {
    this.#timing = { ...TIMING, ...parts.timing };
    parts.news.onNews((accounts) => {
      if (this.#followers.size === 0) {
        // A follower that reconnects with an older id has to read everything.
        this.#kept.length = 0;
        this.#number += 1;
        this.#last = null;
        return;
      }
      for (const account of accounts) this.#pending.add(account);
      this.#gather();
    });
    this.#beats = setInterval(() => void this.#beat(), this.#timing.beatMs).unref();
  }

  get count(): number {
    return this.#followers.size;
  }

  /** The present place in the stream: a page that is rendered now asks for what comes after it. */
  get place(): string {
    return this.#id(this.#number);
  }

  /**
   * Adds a follower, and sends what it missed since `lastId`, or that it has to read everything.
   *
   * @returns false if there are too many, or the process ends
   */
  follow(follower: Follower, lastId: string | null): boolean {
    if (this.#isEnding || this.#followers.size >= this.parts.limit) return false;
    this.#followers.add(follower);
    const missed = lastId === null ? [] : this.#since(lastId);
    follower.send('retry: 2000\n\n');
    this.#send(follower, this.#beatText());
    if (missed === null) this.#send(follower, `id: ${this.#id(this.#number)}\nevent: reset\ndata: {}\n\n`);
    else for (const { number, changes } of missed) this.#sendChanges(follower, number, changes);
    if (lastId === null) this.#send(follower, `id: ${this.#id(this.#number)}\n\n`);
    return true;
  }

  leave(follower: Follower): void {
    this.#followers.delete(follower);
  }

  /** Ends all followers, now and later: the process is ending. */
  end(): void {
    this.#isEnding = true;
    clearInterval(this.#beats);
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    for (const follower of this.#followers) follower.end();
    this.#followers.clear();
  }

  #id(number: number): string {
    return `${this.#epoch}-${number}`;
  }

  /** Null if it is not known what was missed. */
  #since(lastId: string): { number: number; changes: readonly Change[] }[] | null {
    const [epoch, text = ''] = lastId.split('-');
    const number = Number(text);
    if (epoch !== this.#epoch || !Number.isSafeInteger(number) || number > this.#number) return null;
    if (number === this.#number) return [];
    const first = this.#kept[0]?.number ?? Number.POSITIVE_INFINITY;
    return first > number + 1 ? null : this.#kept.filter((each) => each.number > number);
  }

  #gather(): void {
    if (this.#isEnding) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null;
      void this.#tell();
    }, this.#timing.gatherMs);
  }

  /** Sends the pending changes, and the accounts whose standing has changed with time. */
  async #tell(): Promise<void> {
    if (this.#isTelling) return this.#gather();
    this.#isTelling = true;
    const news = [...this.#pending];
    this.#pending.clear();
    try {
      const now = await this.parts.standings();
      const before = this.#last;
      this.#last = now;
      const moved =
        before === null
          ? []
          : [...now].flatMap(([account, standing]) => (before.get(account) === standing ? [] : [account]));
      const changes = [...new Set([...news, ...moved])].map((account): Change => {
        const standing = now.get(account) ?? null;
        return { account, verdict: standing, moved: before === null || (before.get(account) ?? null) !== standing };
      });
      if (changes.length > 0) this.#publish(changes);
    } catch {
      // The ledger does not answer; the beat says so. The changes are sent when it does.
      for (const account of news) this.#pending.add(account);
    } finally {
      this.#isTelling = false;
    }
  }

  #publish(changes: readonly Change[]): void {
    this.#number += 1;
    this.#kept.push({ number: this.#number, changes });
    if (this.#kept.length > MAX_KEPT) this.#kept.shift();
    for (const follower of this.#followers) this.#sendChanges(follower, this.#number, changes);
  }

  #sendChanges(follower: Follower, number: number, changes: readonly Change[]): void {
    const accounts = changes.filter(({ account }) => follower.sees(account));
    if (accounts.length === 0) return;
    this.#send(follower, `id: ${this.#id(number)}\nevent: accounts\ndata: ${JSON.stringify({ accounts })}\n\n`);
  }

  async #beat(): Promise<void> {
    for (const follower of this.#followers) {
      if (follower.mayStay()) this.#send(follower, this.#beatText());
      else this.#drop(follower);
    }
    if (this.#followers.size > 0) await this.#tell();
  }

  /** A comment for programs that read the stream as text, and an event for browsers, which do not see comments. */
  #beatText(): string {
    const ageMs = this.parts.news.ageMs();
    const knows = ageMs !== null && ageMs <= MAX_LEDGER_AGE_MS;
    return `: beat\nevent: beat\ndata: ${JSON.stringify({ ledger: knows, age_ms: ageMs === null ? null : Math.round(ageMs) })}\n\n`;
  }

  #send(follower: Follower, text: string): void {
    if (!follower.send(text)) this.#drop(follower);
  }

  #drop(follower: Follower): void {
    this.#followers.delete(follower);
    follower.end();
  }
}
