import {
  getExternalWorkflowHandle,
  isCancellation,
  makeContinueAsNewFunc,
  setCurrentDetails,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { InterventionRecord } from '../activities/activity-messages.js';
import type { DeliverRequest } from '../domain/lifecycle/deliver-request.js';
import { LIMITS } from '../domain/limits/limits.js';
import { severityOf, type InterventionReason } from '../domain/lifecycle/intervention.js';
import { Clock } from './clock.js';
import type { CarriedIntervention, InterventionInput } from './intervention-input.js';
import type { InterventionRules } from './intervention-rules.js';
import { InterventionRecords } from './intervention-records.js';
import { renderIntervention } from './intervention-report.js';
import {
  interventionClosedSignal,
  interventionOpenedSignal,
  reconciliationWorkflowId,
  type InterventionStatus,
} from './messages.js';

/** How many reasons are kept in full and recorded one by one; further ones are counted. */
const MAX_REASONS = LIMITS.reasons.value;

/** An acknowledgement. The note is null if it was learned from the ledger. */
export interface Answer {
  by: string;
  note: string | null;
}

/**
 * The state of one open intervention. Handlers change it, and the loop that calls people (`call-by-log.ts`,
 * `call-by-ladder.ts`) acts on the changes.
 */
export class Intervention {
  readonly clock = new Clock();
  readonly account: string;
  readonly id: string;
  readonly openedAt: string;
  readonly reasons: InterventionReason[];
  /** Reasons that arrived and were neither notified nor recorded yet. */
  readonly fresh: InterventionReason[] = [];
  readonly records: InterventionRecords;
  /** Reasons beyond the limit, until they are recorded as one. */
  overflow: { count: number; newest: InterventionReason } | null = null;
  notifiedTimes: number;
  snoozedUntil: string | null;
  snoozedBy: string | null;
  snoozeNote: string | null;
  answer: Answer | null = null;
  /** The newest message that was refused. */
  refused: string | null = null;
  rules: InterventionRules | null;
  /** Whether discrepancies of the account are open. */
  standing: boolean;
  /** What handlers have changed since the loop last read it. */
  readonly moved = { snooze: false, rules: false, standing: false };
  /** By channel, the state of its newest message; empty without channels. */
  channels: () => InterventionStatus['channels'] = () => [];
  private recordedReasons = 0;

  constructor(readonly input: InterventionInput) {
    const { carried, again } = input;
    this.account = input.account;
    this.id = carried?.interventionId ?? again?.interventionId ?? ownId();
    this.openedAt = carried?.openedAt ?? this.clock.nowText();
    this.reasons = [...input.reasons];
    this.notifiedTimes = carried?.notifiedTimes ?? 0;
    this.snoozedUntil = carried?.snoozedUntil ?? null;
    this.snoozedBy = carried?.snoozedBy ?? null;
    this.snoozeNote = carried?.snoozeNote ?? null;
    this.rules = input.rules ?? null;
    this.standing = carried?.standing ?? true;
    this.records = new InterventionRecords((request, answer) => this.learn(request, answer?.acknowledgedBy ?? null));
  }

  /** Keeps a reason until the loop takes it. */
  addReason(reason: InterventionReason): void {
    const kept = (this.answer === null ? this.reasons.length : 0) + this.fresh.length;
    if (kept < MAX_REASONS) this.fresh.push(reason);
    else this.overflow = { count: (this.overflow?.count ?? 0) + 1, newest: reason };
  }

  /** Records the reasons that came, and keeps them. */
  takeFreshReasons(): void {
    for (const reason of this.fresh.splice(0)) {
      this.recordReason(reason);
      this.reasons.push(reason);
    }
    this.takeOverflow();
  }

  /**
   * As `takeFreshReasons`, without reasons that repeat a known one. If everything was resolved in between, every reason is
   * new.
   *
   * @returns the new ones
   */
  takeNewReasons(): InterventionReason[] {
    const known = new Set(this.standing ? this.reasons.map(textOf) : []);
    const news: InterventionReason[] = [];
    for (const reason of this.fresh.splice(0)) {
      this.recordReason(reason);
      if (known.has(textOf(reason))) continue;
      known.add(textOf(reason));
      this.reasons.push(reason);
      news.push(reason);
    }
    return news;
  }

  /** Writes at most one record per reminder, however many reasons come. */
  takeOverflow(): void {
    if (this.overflow === null) return;
    const { count, newest } = this.overflow;
    this.overflow = null;
    this.recordReason({ ...newest, text: `${count} more reasons; the newest: ${newest.text}` });
  }

  keepOverflow(): void {
    if (this.overflow !== null) this.fresh.push(this.overflow.newest);
    this.overflow = null;
  }

  /** Counts and records a delivered notification. */
  notified(): void {
    const requestId = `${workflowInfo().runId}/notification/${++this.notifiedTimes}`;
    void this.records.addQuietly({ kind: 'notified', account: this.account, interventionId: this.id, requestId });
  }

  snooze(until: string, by: string, note: string): void {
    this.snoozedUntil = until;
    this.snoozedBy = by;
    this.snoozeNote = note;
    this.moved.snooze = true;
  }

  endSnooze(): void {
    this.snoozedUntil = null;
    this.snoozedBy = null;
    this.snoozeNote = null;
  }

  /** @param answered the news that the account's workflow sends when no discrepancy is open any more */
  async reportToParent(what: 'opened' | 'closed', answered: DeliverRequest[] = []): Promise<void> {
    const signal = what === 'opened' ? interventionOpenedSignal : interventionClosedSignal;
    try {
      const parent = getExternalWorkflowHandle(reconciliationWorkflowId(this.account));
      const { id: interventionId } = this;
      const news = answered.length === 0 ? {} : { answered: { interventionId, messages: answered } };
      await parent.signal(signal, { interventionId, ...news });
    } catch (error) {
      if (isCancellation(error)) throw error;
      // The account was stopped, so no workflow receives the signal.
    }
  }

  carried(): CarriedIntervention {
    const { id: interventionId, openedAt, notifiedTimes, snoozedUntil, snoozedBy, snoozeNote } = this;
    return {
      interventionId,
      openedAt,
      notifiedTimes,
      snoozedUntil,
      ...(snoozedBy === null ? {} : { snoozedBy, snoozeNote }),
    };
  }

  async continueAsNew(changes: Partial<Pick<InterventionInput, 'reasons' | 'carried' | 'again'>>): Promise<void> {
    const { account, exchange, reminderMinutes } = this.input;
    await makeContinueAsNewFunc<(input: InterventionInput) => Promise<void>>()({
      account,
      exchange,
      reminderMinutes,
      reasons: this.reasons,
      ...(this.rules === null ? {} : { rules: this.rules }),
      ...changes,
    });
  }

  /** The person who acknowledged has not seen a reason that came later, so it opens a new intervention. */
  async openAnew(late: boolean, unsent: DeliverRequest[] = []): Promise<void> {
    const again = { interventionId: uuid4(), late, ...(unsent.length === 0 ? {} : { unsent }) };
    await this.continueAsNew({ reasons: this.fresh, again });
  }

  status(): InterventionStatus {
    const { account, id, openedAt, notifiedTimes, snoozedUntil, snoozedBy, snoozeNote } = this;
    const reasons = [...this.reasons, ...this.fresh];
    return {
      account,
      interventionId: id,
      state: this.answer === null ? (snoozedUntil === null ? 'open' : 'snoozed') : 'acknowledged',
      openedAt,
      severity: severityOf(reasons),
      reasons,
      notifiedTimes,
      channels: this.channels(),
      standing: this.standing,
      snoozedUntil,
      snoozedBy,
      snoozeNote,
      acknowledgedBy: this.answer?.by ?? null,
    };
  }

  publish(): void {
    const { overflow, refused, rules } = this;
    const aside = { uncounted: overflow?.count ?? 0, refused, link: rules?.link ?? null };
    setCurrentDetails(renderIntervention(this.status(), aside));
  }

  private recordReason(reason: InterventionReason): void {
    const requestId = `${workflowInfo().runId}/reason/${++this.recordedReasons}`;
    const { account, id: interventionId } = this;
    void this.records.addQuietly({ kind: 'reason', account, interventionId, requestId, reason });
  }

  private learn(request: InterventionRecord, acknowledgedBy: string | null): void {
    if (request.kind === 'acknowledged' || acknowledgedBy === null) return;
    // Somebody acknowledged in the ledger while this workflow did not answer.
    this.answer ??= { by: acknowledgedBy, note: null };
    // That person has not seen this reason, so it opens a new intervention.
    if (request.kind === 'reason') this.fresh.push(request.reason);
  }
}

function textOf({ action, text }: InterventionReason): string {
  return `${action} ${text}`;
}

/** The id of a new intervention. It stays the same if the workflow is reset. */
function ownId(): string {
  const { continuedFromExecutionRunId, firstExecutionRunId, runId } = workflowInfo();
  return continuedFromExecutionRunId === undefined ? firstExecutionRunId : runId;
}
