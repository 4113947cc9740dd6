import type { DecidedDrift } from '../domain/policy/drift-rules.js';
import type { Difference, MissingOrderExplanation } from '../domain/difference/difference.js';
import { DISCREPANCY_TYPES } from '../domain/difference/difference.js';
import type { Failure } from '../domain/failure/failure.js';
import { knownKey, type Inspection } from '../domain/account/inspection.js';
import type { RecordedRun } from '../domain/lifecycle/run.js';
import type { Balance, OpenOrder, Position } from '../domain/snapshot/snapshot.js';
import type { AccountTotals, DiscrepancyRow, InterventionRow, LedgerEvent, RunRow } from '../ledger/contract/ledger.js';
import type { NotificationRow } from '../ledger/contract/notifications.js';
import type { SilenceFinding } from '../domain/gate/silence-finding.js';
import { silenceOf } from '../domain/gate/silence.js';
import { tradingGateOf, withFinding } from '../domain/gate/trading-gate.js';
import type { TradingGate } from '../domain/gate/trading-gate.js';

/**
 * The JSON in which Plumbline answers programs: one form for the read API and for `-o json`.
 *
 * Names are snake_case, times ISO 8601 in UTC, amounts exact decimal text. Pure conversion: no reads, no decisions.
 */

export interface PositionDocument {
  symbol: string;
  side: string;
  amount: string;
}
export interface OrderDocument {
  id: string | null;
  client_order_id: string | null;
  symbol: string;
  side: string;
  type: string;
  price: string | null;
  trigger_price: string | null;
  amount: string | null;
  filled: string;
}
export interface BalanceDocument {
  currency: string;
  total: string;
}
export type RowDocument = PositionDocument | OrderDocument | BalanceDocument;

/** One row of either side, in the form of the internal-state document. */
export function rowDocument(row: Position | OpenOrder | Balance): RowDocument {
  if ('currency' in row) return { currency: row.currency, total: row.total };
  if ('clientOrderId' in row) {
    return {
      id: row.id,
      client_order_id: row.clientOrderId,
      symbol: row.symbol,
      side: row.side,
      type: row.type,
      price: row.price,
      trigger_price: row.triggerPrice,
      amount: row.amount,
      filled: row.filled,
    };
  }
  return { symbol: row.symbol, side: row.side, amount: row.amount };
}

/**
 * A difference with its description and remedy. `side` is the key's side in hedge mode, else null; `explanation` is
 * present if the exchange was asked what became of a missing order.
 */
export function differenceDocument(difference: Difference, words: { description: string; remedy: string }) {
  const { type, symbol, side, orderId, clientOrderId, exchange, internal } = difference;
  return {
    type,
    symbol,
    side,
    order_id: orderId,
    client_order_id: clientOrderId,
    exchange: exchange === null ? null : rowDocument(exchange),
    internal: internal === null ? null : rowDocument(internal),
    ...(difference.type === 'ORDER_MISSING_ON_EXCHANGE' &&
      difference.explanation !== null && { explanation: explanationDocument(difference.explanation) }),
    description: words.description,
    remedy: words.remedy,
  };
}

function explanationDocument(explanation: MissingOrderExplanation) {
  return {
    cause: explanation.cause,
    filled: explanation.filled,
    average_price: explanation.averagePrice,
    at: explanation.at === null ? null : new Date(explanation.at).toISOString(),
    source: explanation.source,
  };
}

export function failureDocument(failure: Failure) {
  return {
    kind: failure.kind,
    side: failure.side,
    message: failure.message,
    where: failure.where,
    remedy: failure.remedy,
    retry_after_ms: failure.retryAfterMs,
  };
}

export function tradingGateDocument(tradingGate: TradingGate) {
  return {
    open: tradingGate.open,
    reasons: tradingGate.reasons,
    accepted: tradingGate.accepted,
    last_success_at: time(tradingGate.lastSuccessAt),
    age_minutes: tradingGate.ageMinutes === null ? null : Math.round(tradingGate.ageMinutes * 100) / 100,
    max_age_minutes: tradingGate.maxAgeMinutes,
  };
}

/** Why an account is silent; null if it is not. */
export function findingDocument(finding: SilenceFinding | null) {
  if (finding === null) return null;
  const { kind, since, text, remedy } = finding;
  return { kind, since: time(since), text, remedy };
}

/** What the ledger knows about an account as a whole, plus what a watcher found. */
export function accountDocument(totals: AccountTotals, finding: SilenceFinding | null = null) {
  return {
    account: totals.account,
    exchange: totals.exchange,
    active: totals.active,
    paused: totals.paused,
    registered_at: totals.registeredAt.toISOString(),
    last_outcome: totals.lastOutcome,
    last_run_at: time(totals.lastRunAt),
    last_success_at: time(totals.lastSuccessAt),
    consecutive_failures: totals.consecutiveFailures,
    failure_threshold: totals.policy.failureThreshold,
    interval_minutes: totals.policy.intervalMinutes,
    expected_at: time(totals.expectedAt),
    open_interventions: totals.interventionsOpen,
    call_due_since: time(totals.callDueSince),
    undelivered_since: time(totals.undeliveredSince),
    open_discrepancies: sumOfTypes(totals.openDiscrepancies),
    blocking_discrepancies: totals.blockingDiscrepancies,
    accepted_discrepancies: totals.acceptedDiscrepancies,
    open_discrepancies_by_type: totals.openDiscrepancies,
    totals: {
      success: totals.successTotal,
      failure: totals.failureTotal,
      discrepancies_by_type: totals.discrepancyTotal,
    },
    silent: findingDocument(finding ?? silenceOf(totals)),
    gate: tradingGateDocument(withFinding(tradingGateOf(totals), finding)),
    ...inspectionDocument(totals.inspection),
  };
}

/** What is known about profile and key; null means "not known". */
export function inspectionDocument(inspection: Inspection | null) {
  const key = knownKey(inspection);
  return {
    verified_profile: inspection?.verifiedProfile ?? null,
    environment: inspection === null ? null : (inspection.environment ?? 'live'),
    key:
      key === null
        ? null
        : {
            can_trade: key.canTrade,
            can_withdraw: key.canWithdraw,
            ip_restricted: key.ipRestricted,
            note: key.note,
            asked_at: key.at,
          },
  };
}

export function sumOfTypes(counts: AccountTotals['openDiscrepancies']): number {
  return DISCREPANCY_TYPES.reduce((sum, type) => sum + counts[type], 0);
}

export function runDocument(run: RunRow) {
  return {
    account: run.account,
    run_number: run.runNumber,
    workflow_run_id: run.workflowRunId,
    trigger: run.trigger,
    outcome: run.outcome,
    started_at: run.startedAt.toISOString(),
    ended_at: run.endedAt.toISOString(),
    looks: run.looks,
    discrepancies: run.discrepancies,
    unsettled: run.unsettled,
    coverage: { compared: run.compared, not_compared: run.notCompared, complete: run.notCompared.length === 0 },
    ignored: run.ignored,
    failure: run.failure === null ? null : failureDocument(run.failure),
  };
}

export function eventDocument(event: LedgerEvent) {
  return {
    id: event.id,
    account: event.account,
    sequence: event.sequence,
    type: event.type,
    at: event.at.toISOString(),
    workflow_run_id: event.workflowRunId,
    run_number: event.runNumber,
    payload: event.payload,
    previous_hash: event.previousHash,
    hash: event.hash,
  };
}

export function discrepancyDocument(row: DiscrepancyRow) {
  return {
    id: row.id,
    identity: row.identity,
    state: row.state,
    ...differenceDocument(row.difference, row),
    opened_at: row.openedAt.toISOString(),
    last_seen_at: row.lastSeenAt.toISOString(),
    times_seen: row.timesSeen,
    ignored_by: row.ignoredBy,
    decision: row.decision === null ? null : decisionDocument(row.decision),
    accepted:
      row.accepted === null
        ? null
        : {
            by: row.accepted.by,
            note: row.accepted.note,
            until: row.accepted.until.toISOString(),
            at: row.accepted.at.toISOString(),
          },
    resolved_at: time(row.resolvedAt),
  };
}

/** What the drift policy decided. `rule` counts from 1, the account's own rules first; null: `intervene_on` decided. */
function decisionDocument({ action, closeGate, rule, price, value }: DecidedDrift) {
  return { action, close_gate: closeGate, rule, price, value };
}

export function interventionDocument(row: InterventionRow) {
  return {
    id: row.id,
    account: row.account,
    state: row.state,
    opened_at: row.openedAt.toISOString(),
    reasons: row.reasons,
    now: row.now,
    notified_times: row.notifiedTimes,
    notifications: row.notifications.map(notificationDocument),
    snoozed_until: time(row.snoozedUntil),
    snoozed_by: row.snoozedBy,
    snooze_note: row.snoozeNote,
    acknowledged_at: time(row.acknowledgedAt),
    acknowledged_by: row.acknowledgedBy,
    note: row.note,
  };
}

/** `failure` is that of the last attempt; null once the notification is delivered. */
export function notificationDocument(row: NotificationRow) {
  return {
    id: row.id,
    channel: row.channel,
    occasion: row.occasion,
    severity: row.severity,
    state: row.state,
    wanted_at: row.wantedAt.toISOString(),
    delivered_at: time(row.deliveredAt),
    attempts: row.attempts,
    receipt: row.receipt,
    failure: row.failure,
  };
}

function time(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}

/** The answer to a requested run. */
export function recordedRunDocument(account: string, run: RecordedRun) {
  return {
    account,
    run_number: run.runNumber,
    outcome: run.outcome,
    looks: run.looks,
    discrepancies: run.discrepancies,
    discrepancies_by_type: run.byType,
    opened: run.opened,
    resolved: run.resolved,
    open_discrepancies: run.openDiscrepancies,
    unsettled: run.unsettled,
    coverage: { compared: run.compared, not_compared: run.notCompared, complete: run.notCompared.length === 0 },
    failure: run.failure === null ? null : failureDocument(run.failure),
    calls: run.calls,
    last_event: run.lastEvent,
  };
}
