import { bigint, boolean, customType, integer, json, pgSchema, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { Difference, DiscrepancyType } from '../../domain/difference/difference.js';
import type { Failure } from '../../domain/failure/failure.js';
import type { Inspection } from '../../domain/account/inspection.js';
import type { NotCompared, UnconfirmedKey } from '../../domain/compare/observation.js';
import type { InterventionCall } from '../../domain/lifecycle/intervention.js';
import type { InterventionOccasion } from '../../domain/lifecycle/occasion.js';
import type { DecidedDrift } from '../../domain/policy/drift-rules.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Severity } from '../../domain/policy/severity.js';
import type { Outcome, RecordedRun, RunTrigger } from '../../domain/lifecycle/run.js';
import type { Scope } from '../../domain/snapshot/scope.js';
import type { Side } from '../../domain/snapshot/snapshot.js';
import type {
  DiscrepancyState,
  EventType,
  InterventionReasonRow,
  InterventionState,
  PositionCounts,
} from '../contract/ledger.js';
import type { NotificationRow } from '../contract/notifications.js';

// The tables as migrations/*.sql create them; constraints, indexes and triggers are defined only there.

export const plumbline = pgSchema('plumbline');

const time = (name: string) => timestamp(name, { precision: 3, withTimezone: true, mode: 'date' });
const count = (name: string) => bigint(name, { mode: 'number' });
const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

/** Calls that a run recorded and that no intervention holds yet; `write/intervention-due.ts` has the rules. */
export interface InterventionDue {
  /** Start of the newest run that calls a human, by the workflow's clock. ISO 8601. */
  runStartedAt: string;
  /** When that run was recorded, by the database's clock. ISO 8601. */
  since: string;
  calls: InterventionCall[];
}

export const account = plumbline.table('account', {
  account: text('account').primaryKey(),
  exchange: text('exchange').notNull(),
  policy: json('policy').$type<Policy>().notNull(),
  active: boolean('active').notNull(),
  paused: boolean('paused').notNull(),
  registeredAt: time('registered_at').notNull(),
  successTotal: count('success_total').notNull(),
  failureTotal: count('failure_total').notNull(),
  discrepancyTotal: json('discrepancy_total').$type<TypeCounts>().notNull(),
  openDiscrepancies: json('open_discrepancies').$type<TypeCounts>().notNull(),
  consecutiveFailures: integer('consecutive_failures').notNull(),
  /** All that nobody has acknowledged. */
  openInterventions: integer('open_interventions').notNull(),
  lastRunNumber: count('last_run_number').notNull(),
  lastRunAt: time('last_run_at'),
  lastSuccessAt: time('last_success_at'),
  lastOutcome: text('last_outcome').$type<Outcome>(),
  lastSequence: count('last_sequence').notNull(),
  lastHash: text('last_hash').notNull(),
  callDue: json('call_due').$type<InterventionDue>(),
  calledAt: time('called_at'),
  inspection: json('inspection').$type<Inspection>(),
  streakCalled: boolean('streak_called').notNull(),
  expectedAt: time('expected_at'),
  trailNumber: count('trail_number').notNull(),
  trailHash: text('trail_hash').notNull(),
  /** The open interventions that close the trading gate. */
  closingInterventions: integer('closing_interventions').notNull(),
});
export type AccountRow = typeof account.$inferSelect;

/** The stored part of a run's answer; its last event, whose hash covers it, is looked up. */
export type StoredAnswer = Omit<RecordedRun, 'lastEvent'>;

/** Counts by type; an absent type counts as 0. */
export type TypeCounts = Partial<Record<DiscrepancyType, number>>;
export interface SideCounts {
  exchange: number;
  internal: number;
}
/** An unconfirmed key of a run, with the number of consecutive runs that left it unconfirmed. */
export type UnconfirmedRun = UnconfirmedKey & { runsInARow: number };

export const run = plumbline.table('run', {
  id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  account: text('account').notNull(),
  workflowRunId: text('workflow_run_id').notNull(),
  runNumber: count('run_number').notNull(),
  trigger: text('trigger').$type<RunTrigger>().notNull(),
  outcome: text('outcome').$type<Outcome>().notNull(),
  startedAt: time('started_at').notNull(),
  endedAt: time('ended_at').notNull(),
  looks: integer('looks').notNull(),
  discrepancies: integer('discrepancies').notNull(),
  unsettled: json('unsettled').$type<UnconfirmedRun[]>().notNull(),
  compared: json('compared').$type<Scope[]>().notNull(),
  notCompared: json('not_compared').$type<NotCompared[]>().notNull(),
  ignored: json('ignored').$type<Record<string, number>>().notNull(),
  positions: json('positions').$type<PositionCounts>(),
  orders: json('orders').$type<SideCounts>(),
  failure: json('failure').$type<Failure>(),
  consecutiveFailures: integer('consecutive_failures').notNull(),
  answer: json('answer').$type<StoredAnswer>().notNull(),
});
export type StoredRun = typeof run.$inferSelect;
export type NewRun = Omit<StoredRun, 'id'>;

export const execution = plumbline.table('execution', {
  workflowRunId: text('workflow_run_id').primaryKey(),
  account: text('account').notNull(),
});

export const snapshotBody = plumbline.table('snapshot_body', {
  account: text('account').notNull(),
  digest: text('digest').notNull(),
  deflated: bytes('deflated').notNull(),
});

export const snapshot = plumbline.table('snapshot', {
  id: uuid('id').primaryKey(),
  account: text('account').notNull(),
  workflowRunId: text('workflow_run_id').notNull(),
  runNumber: count('run_number').notNull(),
  look: integer('look').notNull(),
  side: text('side').$type<Side>().notNull(),
  digest: text('digest').notNull(),
  readStartedAt: count('read_started_at').notNull(),
  readEndedAt: count('read_ended_at').notNull(),
  asOf: count('as_of').notNull(),
  storedAt: time('stored_at').notNull(),
});

export const discrepancy = plumbline.table('discrepancy', {
  id: uuid('id').primaryKey(),
  account: text('account').notNull(),
  identity: text('identity').notNull(),
  type: text('type').$type<DiscrepancyType>().notNull(),
  symbol: text('symbol').notNull(),
  state: text('state').$type<DiscrepancyState>().notNull(),
  description: text('description').notNull(),
  remedy: text('remedy').notNull(),
  difference: json('difference').$type<Difference>().notNull(),
  openedAt: time('opened_at').notNull(),
  lastSeenAt: time('last_seen_at').notNull(),
  resolvedAt: time('resolved_at'),
  timesSeen: integer('times_seen').notNull(),
  openedByRun: count('opened_by_run').notNull(),
  resolvedByRun: count('resolved_by_run'),
  acceptedBy: text('accepted_by'),
  acceptedNote: text('accepted_note'),
  acceptedAt: time('accepted_at'),
  acceptedUntil: time('accepted_until'),
  decision: json('decision').$type<DecidedDrift>(),
  closesGate: boolean('closes_gate'),
});
export type StoredDiscrepancy = typeof discrepancy.$inferSelect;

export const sighting = plumbline.table('sighting', {
  runId: count('run_id').notNull(),
  discrepancyId: uuid('discrepancy_id').notNull(),
  type: text('type').$type<DiscrepancyType>().notNull(),
  change: text('change').$type<'opened' | 'seen' | 'changed'>().notNull(),
});

export const unconfirmed = plumbline.table('unsettled', {
  account: text('account').notNull(),
  identity: text('identity').notNull(),
  runsInARow: integer('runs_in_a_row').notNull(),
});

export const event = plumbline.table('event', {
  account: text('account').notNull(),
  sequence: count('sequence').notNull(),
  id: uuid('id').notNull(),
  type: text('type').$type<EventType>().notNull(),
  at: time('at').notNull(),
  workflowRunId: text('workflow_run_id'),
  runNumber: count('run_number'),
  requestId: text('request_id'),
  // Canonical JSON, written as text so that the stored text is the hashed text.
  payload: customType<{ data: string }>({ dataType: () => 'json' })('payload').notNull(),
  previousHash: text('previous_hash').notNull(),
  hash: text('hash').notNull(),
});

export const intervention = plumbline.table('intervention', {
  id: text('id').primaryKey(),
  account: text('account').notNull(),
  state: text('state').$type<InterventionState>().notNull(),
  openedAt: time('opened_at').notNull(),
  reasons: json('reasons').$type<InterventionReasonRow[]>().notNull(),
  notifiedTimes: integer('notified_times').notNull(),
  snoozedUntil: time('snoozed_until'),
  snoozedBy: text('snoozed_by'),
  snoozeNote: text('snooze_note'),
  acknowledgedAt: time('acknowledged_at'),
  acknowledgedBy: text('acknowledged_by'),
  note: text('note'),
});

export const interventionRequest = plumbline.table('intervention_request', {
  interventionId: text('intervention_id').notNull(),
  requestId: text('request_id').notNull(),
});

/** The last failed attempt. `until`: how long the batch is then left alone, ISO 8601; absent for a single notification. */
export type LastFailure = NonNullable<NotificationRow['failure']> & { until?: string };

export const notification = plumbline.table('notification', {
  id: text('id').primaryKey(),
  account: text('account').notNull(),
  exchange: text('exchange').notNull(),
  interventionId: text('intervention_id').notNull(),
  channel: text('channel').notNull(),
  occasion: text('occasion').$type<InterventionOccasion>().notNull(),
  severity: text('severity').$type<Severity>().notNull(),
  openedAt: time('opened_at').notNull(),
  reasons: json('reasons').$type<InterventionReasonRow[]>().notNull(),
  groupKey: text('group_key'),
  wantedAt: time('wanted_at').notNull(),
  batchKey: text('batch_key'),
  leasedUntil: time('leased_until'),
  failedAttempts: integer('failed_attempts').notNull(),
  failure: json('failure').$type<LastFailure>(),
  deliveredAt: time('delivered_at'),
  deliveredKey: text('delivered_key'),
  receipt: text('receipt'),
  thread: text('thread'),
});
export type StoredNotification = typeof notification.$inferSelect;

export const channel = plumbline.table('channel', {
  channel: text('channel').primaryKey(),
  deliveredTotal: count('delivered_total').notNull(),
  failureTotal: count('failure_total').notNull(),
  lastSuccessAt: time('last_success_at'),
});

export const pushedState = plumbline.table('pushed_state', {
  account: text('account').primaryKey(),
  document: bytes('document').notNull(),
  sha256: text('sha256').notNull(),
  asOf: time('as_of').notNull(),
  receivedAt: time('received_at').notNull(),
});

/**
 * The kinds of trail entries:
 * - `intervention_opened`, `reason_added`, `notified`: an intervention, except snoozes and acknowledgement, which are
 *   events
 * - `notification_wanted`: digest of a notification's row, except what became of it
 * - `inspected`: digest of what is known about the account's key
 * - `anchored...`: digests, and parts, of what was recorded before the account had a trail
 */
export type TrailKind =
  | 'intervention_opened'
  | 'reason_added'
  | 'notified'
  | 'notification_wanted'
  | 'inspected'
  | 'anchored'
  | 'anchored_interventions'
  | 'anchored_discrepancies';

export const trail = plumbline.table('trail', {
  account: text('account').notNull(),
  number: count('number').notNull(),
  kind: text('kind').$type<TrailKind>().notNull(),
  at: time('at').notNull(),
  // Canonical JSON, as for events.
  payload: customType<{ data: string }>({ dataType: () => 'json' })('payload').notNull(),
  previousHash: text('previous_hash').notNull(),
  hash: text('hash').notNull(),
});

export const roster = plumbline.table('roster', {
  number: count('number').primaryKey(),
  account: text('account').notNull(),
  hash: text('hash').notNull(),
});

export const rosterHead = plumbline.table('roster_head', {
  one: boolean('one').primaryKey(),
  number: count('number').notNull(),
  hash: text('hash').notNull(),
});
