import { ActivityFailure, ApplicationFailure, isCancellation, log } from '@temporalio/workflow';
import type { Display, RecordRequest } from '../activities/activity-messages.js';
import { boundedAccount, boundedRun, summary } from '../domain/lifecycle/bounded.js';
import type { KnownAccount, OpenIntervention, Streak } from '../domain/lifecycle/known-account.js';
import type { RecordedRun } from '../domain/lifecycle/run.js';
import { failureOf } from './activity-failure.js';
import { recording } from './proxies.js';

/** At this size the oldest droppable items are dropped, because workflow history and arguments have limits. */
const MAX_ITEMS = 200;
const MAX_SET_ASIDE = 50;
/** Fewer, because each may hold a policy of 100,000 characters. */
const MAX_REGISTRATIONS = 5;

/** A record that the ledger refused permanently. */
export interface SetAside {
  item: RecordRequest;
  problem: string;
}

/** The ledger's answer to a failed run. */
export interface RecordedFailure {
  run: RecordedRun;
  streak: Streak | null;
  /** Whether the workflow has already requested this run's intervention, while the ledger was unavailable. */
  called: boolean;
}

/**
 * The records that the ledger does not have yet, in order. They are part of the workflow's durable state, so an outage of
 * the ledger for hours delays them and loses none. Bounded: at most `MAX_ITEMS` wait. An item that the ledger refuses
 * permanently is set aside, so that it does not block the items behind it.
 */
export class Outbox {
  private answers: RecordedFailure[] = [];
  /** Items that the ledger may have recorded although no answer came. Refusals are not merged into them. */
  private readonly offered: WeakSet<RecordRequest>;
  private sending = false;

  /** What the ledger knows about the account, from the newest registration; null before the first answer. */
  known: KnownAccount | null = null;
  /** The number of the account's last run in the ledger; null before a registration was answered. */
  lastRunNumber: number | null = null;
  /** An intervention that is open in the ledger and has no workflow. */
  lostIntervention: OpenIntervention | null = null;
  /** What the newest answer says about the namespace and the configuration. */
  display: Display | undefined;
  /** The server's time of the newest answer, milliseconds. */
  answeredAtMs = 0;

  /**
   * `items`, `inbox` and `setAside` are the workflow's carried state and are changed in place.
   *
   * @param inbox the records of handlers, until `collect`
   * @param registration makes a registration of the account, for a ledger that does not know it
   */
  constructor(
    readonly items: RecordRequest[],
    readonly inbox: RecordRequest[],
    readonly setAside: SetAside[],
    private readonly registration: () => RecordRequest,
  ) {
    this.offered = new WeakSet(items);
  }

  get size(): number {
    return this.items.length;
  }

  push(item: RecordRequest): void {
    if (this.items.length >= MAX_ITEMS) this.drop();
    if (item.kind === 'register') this.dropOldRegistration();
    this.items.push(item);
  }

  /**
   * Takes a record from a handler. It waits in the inbox until `collect`: a signal during a run must not change which
   * activities the run starts, because a replay may deliver it a moment earlier or later.
   */
  post(item: RecordRequest): void {
    if (item.kind === 'refused' && merged(this.inbox, item)) return;
    if (this.inbox.length >= MAX_ITEMS) this.dropFromInbox();
    this.inbox.push(item);
  }

  /** Appends the handlers' records to the queue. */
  collect(): void {
    for (const item of this.inbox.splice(0)) {
      const unoffered = this.items.filter((waiting) => !this.offered.has(waiting));
      if (item.kind !== 'refused' || !merged(unoffered, item)) this.push(item);
    }
  }

  unrecordedRuns(): number {
    return this.items.filter(({ kind }) => kind === 'failure').length;
  }

  /**
   * Offers all items to the ledger, in order. Returns false if the ledger is unavailable; then the item that it did not
   * take and all later ones stay.
   *
   * @param current as in `Account`
   */
  async flush(current: boolean): Promise<boolean> {
    let registeredAgain = false;
    for (let item = this.items[0]; item !== undefined; item = this.items[0]) {
      this.sending = true;
      this.offered.add(item);
      try {
        this.learn(item, await recording.record.executeWithOptions({ summary: summary(summaryOf(item)) }, [item]));
      } catch (error) {
        if (isCancellation(error)) throw error;
        const { kind, side, message } = failureOf(error);
        if (!isRefusedForGood(error) || !current) {
          log.warn('The ledger did not take a record; it stays in the outbox', { kind: item.kind });
          return false;
        }
        if (kind === 'configuration' && side === 'ledger' && item.kind !== 'register' && !registeredAgain) {
          // The ledger does not know the account (an empty one replaced it): register it, then offer the item again.
          registeredAgain = true;
          this.items.unshift(this.registration());
          continue;
        }
        log.error('The ledger refused a record for good; it is set aside', { kind: item.kind, message });
        this.setAside.push({ item, problem: message });
        this.dropSetAsideRegistration();
        if (this.setAside.length > MAX_SET_ASIDE) this.dropSetAside();
      } finally {
        this.sending = false;
      }
      this.items.shift();
    }
    return true;
  }

  /** Returns and clears the ledger's answers to failed runs, in order. */
  takeAnswers(): RecordedFailure[] {
    const taken = this.answers;
    this.answers = [];
    return taken;
  }

  takeLostIntervention(): OpenIntervention | null {
    const taken = this.lostIntervention;
    this.lostIntervention = null;
    return taken;
  }

  /** Appends the records that were set aside to the queue. */
  offerSetAside(): void {
    for (const { item } of this.setAside.splice(0)) this.push(item);
  }

  private learn(item: RecordRequest, answer: Awaited<ReturnType<typeof recording.record>>): void {
    this.known = answer.known === undefined || answer.known === null ? this.known : boundedAccount(answer.known);
    this.lastRunNumber = answer.lastRunNumber ?? this.lastRunNumber;
    if (answer.lostIntervention !== undefined) this.lostIntervention = answer.lostIntervention;
    this.display = answer.display ?? this.display;
    this.answeredAtMs = Math.max(this.answeredAtMs, answer.askedAtMs ?? 0);
    if (answer.run !== null && item.kind === 'failure') {
      this.answers.push({ run: boundedRun(answer.run), streak: answer.streak ?? null, called: item.thresholdReached });
    }
  }

  /** Policies are large: of many waiting registrations, the newest replaces the one before it. */
  private dropOldRegistration(): void {
    const registrations = this.waiting().filter(({ kind }) => kind === 'register');
    const newest = registrations.at(-1);
    if (registrations.length >= MAX_REGISTRATIONS && newest !== undefined) {
      this.items.splice(this.items.indexOf(newest), 1);
    }
  }

  /** Drops the oldest record that is no registration; a registration is more important than a pause or a refusal. */
  private dropFromInbox(): void {
    const oldest = this.inbox.findIndex(({ kind }) => kind !== 'register');
    const [dropped] = this.inbox.splice(Math.max(oldest, 0), 1);
    log.error('Too many requests came during a run; a record will not be in the ledger', { kind: dropped?.kind });
  }

  /** The items without the one that is being sent. */
  private waiting(): RecordRequest[] {
    return this.sending ? this.items.slice(1) : this.items;
  }

  /** Drops one item. A run that requests an intervention, a registration and a stop are never dropped. */
  private drop(): void {
    const droppable: ((item: RecordRequest) => boolean)[] = [
      (item) => item.kind === 'failure' && !item.thresholdReached,
      (item) => item.kind === 'refused',
      (item) => item.kind === 'pause',
    ];
    const waiting = this.waiting();
    for (const test of droppable) {
      const oldest = waiting.find(test);
      if (oldest === undefined) continue;
      this.items.splice(this.items.indexOf(oldest), 1);
      log.error('The outbox is full; a record will not be in the ledger', { items: MAX_ITEMS, kind: oldest.kind });
      return;
    }
  }

  /** Policies are large, and the newest ones have the account's current rules: the oldest is dropped. */
  private dropSetAsideRegistration(): void {
    const registrations = this.setAside.filter(({ item }) => item.kind === 'register');
    const [oldest] = registrations;
    if (registrations.length > MAX_REGISTRATIONS && oldest !== undefined) {
      this.setAside.splice(this.setAside.indexOf(oldest), 1);
    }
  }

  private dropSetAside(): void {
    const oldest = this.setAside.findIndex(({ item }) => item.kind !== 'failure' || !item.thresholdReached);
    if (oldest >= 0) this.setAside.splice(oldest, 1);
  }
}

/** Merges a refusal into a waiting one of the same message, which counts them, so that a burst of them stays small. */
function merged(items: readonly RecordRequest[], refusal: Extract<RecordRequest, { kind: 'refused' }>): boolean {
  const waiting = items.find((item) => item.kind === 'refused' && item.message === refusal.message);
  if (waiting?.kind !== 'refused') return false;
  const { by, reason, lastAt } = refusal;
  Object.assign(waiting, { by, reason, lastAt, count: waiting.count + refusal.count });
  return true;
}

/** Whether the ledger refused the record permanently. The activity decides this from the kind of failure. */
function isRefusedForGood(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
}

function summaryOf(item: RecordRequest): string {
  switch (item.kind) {
    case 'register':
      return 'register account';
    case 'deactivate':
      return 'account stopped';
    case 'cancelled':
      return 'workflow cancelled';
    case 'pause':
      return item.paused ? `paused by ${item.by}` : `resumed by ${item.by}`;
    case 'refused':
      return `${item.message} refused`;
    case 'failure':
      return `run ${item.key.runNumber} failed: ${item.failure.kind}`;
  }
}
