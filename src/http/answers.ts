import { z } from 'zod';
import { NOT_COMPARED_REASONS } from '../domain/snapshot/snapshot.js';
import { DISCREPANCY_TYPES } from '../domain/difference/difference.js';
import { FAILURE_KINDS } from '../domain/failure/failure.js';
import { DRIFT_ACTIONS } from '../domain/policy/drift-rules.js';
import { SEVERITIES } from '../domain/policy/severity.js';
import { OCCASIONS } from '../domain/lifecycle/occasion.js';
import { WAYS } from '../domain/lifecycle/way.js';
import { ACT_BODIES } from './act-bodies.js';

/*
 * What the HTTP API answers, for its description. `report/documents.ts` makes the answers; a test validates every one of them
 * against these schemas.
 */

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC.' });
const decimal = z.string().meta({ description: 'An exact decimal.' });
const count = z.int().min(0);
const type = z.enum(DISCREPANCY_TYPES);
const byType = z.record(type, count);

/** Every error: what was asked, and what to do. */
export const errorAnswer = z
  .object({
    error: z.object({
      message: z.string(),
      remedy: z.string().optional(),
      kind: z.enum(FAILURE_KINDS).optional(),
      side: z.string().optional(),
      where: z.string().nullable().optional(),
      retry_after_ms: z.number().nullable().optional(),
      fields: z
        .array(z.object({ path: z.string(), problem: z.string() }))
        .optional()
        .meta({ description: 'The wrong fields of a pushed document, at most 20.' }),
    }),
  })
  .meta({ id: 'Error' });

/** A pushed state with rows that could not be read. */
export const pushAnswer = z
  .object({
    account: z.string(),
    as_of: time,
    unread_count: z.int().min(1),
    unread: z
      .array(z.object({ scope: z.string(), symbol: z.string().nullable(), reason: z.string() }))
      .meta({ description: 'What is not compared, at most 50.' }),
  })
  .meta({ id: 'PushAnswer' });

export const gate = z
  .object({
    open: z.boolean(),
    reasons: z.array(z.string()).meta({ description: 'Why it is closed; empty if and only if it is open.' }),
    accepted: count.meta({ description: 'Open discrepancies that are accepted for now.' }),
    last_success_at: time.nullable(),
    age_minutes: z.number().nullable(),
    max_age_minutes: z.number(),
  })
  .meta({ id: 'TradingGate' });

export const gateAnswer = gate
  .extend({ account: z.string(), as_of: time.nullable(), age_ms: z.number().nullable() })
  .meta({ id: 'GateAnswer' });

/** Nothing is known, or the request is refused. */
export const closedGateAnswer = z
  .object({
    account: z.string().optional(),
    open: z.literal(false),
    reasons: z.array(z.string()),
    as_of: time.nullable().optional(),
    age_ms: z.number().nullable().optional(),
    error: errorAnswer.shape.error.optional(),
  })
  .meta({ id: 'ClosedGate' });

const silence = z.object({ kind: z.string(), since: time, text: z.string(), remedy: z.string() });

const key = z.object({
  can_trade: z.boolean().nullable(),
  can_withdraw: z.boolean().nullable(),
  ip_restricted: z.boolean().nullable(),
  note: z.string().nullable(),
  asked_at: time,
});

export const account = z
  .object({
    account: z.string(),
    exchange: z.string(),
    active: z.boolean(),
    paused: z.boolean(),
    registered_at: time,
    last_outcome: z.enum(['matched', 'drifted', 'failed']).nullable(),
    last_run_at: time.nullable(),
    last_success_at: time.nullable(),
    consecutive_failures: count,
    failure_threshold: count,
    interval_minutes: z.number(),
    expected_at: time.nullable(),
    open_interventions: count,
    call_due_since: time.nullable(),
    undelivered_since: time.nullable(),
    open_discrepancies: count,
    blocking_discrepancies: count,
    accepted_discrepancies: count,
    open_discrepancies_by_type: byType,
    totals: z.object({ success: count, failure: count, discrepancies_by_type: byType }),
    silent: silence.nullable(),
    gate,
    verified_profile: z.boolean().nullable(),
    environment: z.string().nullable(),
    key: key.nullable(),
  })
  .meta({ id: 'Account' });

const notCompared = z.object({
  scope: z.string(),
  missing: z.enum(['exchange', 'internal', 'both']),
  symbol: z.string().optional(),
  code: z.enum(NOT_COMPARED_REASONS).optional(),
  reason: z.string().optional(),
});

export const run = z
  .object({
    account: z.string(),
    run_number: count,
    workflow_run_id: z.string(),
    trigger: z.enum(['schedule', 'forced', 'run_now']),
    outcome: z.enum(['matched', 'drifted', 'failed']),
    started_at: time,
    ended_at: time,
    looks: count,
    discrepancies: count,
    unsettled: z.array(
      z.object({
        identity: z.string(),
        type,
        symbol: z.string(),
        reason: z.string(),
        runsInARow: count.optional(),
      }),
    ),
    coverage: z.object({ compared: z.array(z.string()), not_compared: z.array(notCompared), complete: z.boolean() }),
    ignored: z.record(z.string(), count),
    failure: errorAnswer.shape.error.required({ remedy: true, kind: true }).nullable(),
  })
  .meta({ id: 'Run' });

export const event = z
  .object({
    id: z.uuid(),
    account: z.string(),
    sequence: count,
    type: z.string(),
    at: time,
    workflow_run_id: z.string().nullable(),
    run_number: count.nullable(),
    payload: z.record(z.string(), z.unknown()).meta({
      description: `What happened. Acts of people have "by", "note" and "via" (${WAYS.join(', ')}).`,
    }),
    previous_hash: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'Event' });

const row = z.union([
  z.object({ symbol: z.string(), side: z.string(), amount: decimal }).meta({ title: 'position' }),
  z
    .object({
      id: z.string().nullable(),
      client_order_id: z.string().nullable(),
      symbol: z.string(),
      side: z.string(),
      type: z.string(),
      price: decimal.nullable(),
      trigger_price: decimal.nullable(),
      amount: decimal.nullable(),
      filled: decimal,
    })
    .meta({ title: 'order' }),
  z.object({ currency: z.string(), total: decimal }).meta({ title: 'balance' }),
]);

export const discrepancy = z
  .object({
    id: z.uuid(),
    identity: z.string(),
    state: z.enum(['open', 'resolved']),
    type,
    symbol: z.string(),
    side: z.string().nullable(),
    order_id: z.string().nullable(),
    client_order_id: z.string().nullable(),
    exchange: row.nullable(),
    internal: row.nullable(),
    explanation: z
      .object({
        cause: z.string(),
        filled: decimal.nullable(),
        average_price: decimal.nullable(),
        at: time.nullable(),
        source: z.string(),
      })
      .optional(),
    description: z.string(),
    remedy: z.string(),
    opened_at: time,
    last_seen_at: time,
    times_seen: count,
    ignored_by: z.string().nullable(),
    decision: z
      .object({
        action: z.enum(DRIFT_ACTIONS),
        close_gate: z.boolean(),
        rule: count.nullable(),
        price: decimal.nullable(),
        value: decimal.nullable(),
      })
      .nullable(),
    accepted: z.object({ by: z.string(), note: z.string(), until: time, at: time }).nullable(),
    resolved_at: time.nullable(),
  })
  .meta({ id: 'Discrepancy' });

const notification = z.object({
  id: z.string(),
  channel: z.string(),
  occasion: z.enum(OCCASIONS),
  severity: z.enum(SEVERITIES),
  state: z.enum(['waiting', 'delivered', 'failed']),
  wanted_at: time,
  delivered_at: time.nullable(),
  attempts: count,
  receipt: z.string().nullable(),
  failure: z.object({ kind: z.enum(FAILURE_KINDS), message: z.string(), remedy: z.string() }).nullable(),
});

export const intervention = z
  .object({
    id: z.string(),
    account: z.string(),
    state: z.enum(['open', 'snoozed', 'acknowledged']),
    opened_at: time,
    reasons: z.array(
      z.object({
        action: z.string(),
        text: z.string(),
        at: z.string(),
        severity: z.enum(SEVERITIES).optional(),
        closesGate: z.boolean().optional(),
        sharedCause: z.string().optional(),
      }),
    ),
    now: z.array(z.string()),
    notified_times: count,
    notifications: z.array(notification),
    snoozed_until: time.nullable(),
    snoozed_by: z.string().nullable(),
    snooze_note: z.string().nullable(),
    acknowledged_at: time.nullable(),
    acknowledged_by: z.string().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'Intervention' });

const acts = Object.keys(ACT_BODIES) as [keyof typeof ACT_BODIES, ...(keyof typeof ACT_BODIES)[]];

/** What every act answers: what was done, and what is true now. */
export const actAnswer = z
  .object({
    account: z.string(),
    done: z.enum(acts),
    by: z.string(),
    via: z.enum(WAYS),
    repeated: z.boolean().meta({ description: 'Whether an earlier request with the same Idempotency-Key did it.' }),
    says: z.string().meta({ description: 'The gate in one line.' }),
    next: z.string().nullable().meta({ description: 'What to do, in the order that is safe.' }),
    gate: gate.nullable().meta({ description: 'Null: not known, treat it as closed.' }),
    standing: z.array(discrepancy).meta({ description: 'Discrepancies that close the gate, at most 20.' }),
    standing_count: count,
    intervention: intervention.nullable(),
    taken_by: z.enum(['workflow', 'ledger']).optional(),
    without_workflow: z.string().nullable().optional(),
    accepted: z.array(discrepancy).optional(),
    acknowledged: z
      .boolean()
      .optional()
      .meta({ description: 'Whether the open intervention was acknowledged with it.' }),
    kept_open: z.string().nullable().optional().meta({ description: 'Why an open intervention stays open.' }),
    changed: z
      .boolean()
      .nullable()
      .optional()
      .meta({ description: 'Null: the request waits in Temporal for a worker.' }),
  })
  .meta({ id: 'Act' });
