import { z } from 'zod';
import type { Difference, DiscrepancyType } from '../../domain/difference/difference.js';
import type { DecidedDrift } from '../../domain/policy/drift-rules.js';
import { canonicalJson } from '../store/canonical.js';
import type { HashedEvent } from '../store/event-chain.js';
import type { FaultList } from './fault-list.js';
import type { ReportedPowers } from '../write/inspections.js';
import type { EventType } from '../contract/ledger.js';
import { digestWords } from '../store/row-digests.js';
import { storable } from '../store/stored-text.js';
import { StreakRecount } from './streak-recount.js';
import { collectDelivered, collectFailed, type ReportedNotifications } from './reported-notifications.js';
import { ReportedDiscrepancies, type RunPlace } from './reported-discrepancies.js';
import type { ReportedTrail } from './reported-trail.js';
import type { EvidenceDigests } from '../write/record-run.js';

/** What an account's events report, for comparison with its other tables. */
export interface Reported {
  events: number;
  discrepancies: ReportedDiscrepancies;
  /** Acknowledged interventions by id. Times are ISO 8601. */
  acknowledged: Map<string, { by: string; note: string; at: string }>;
  /** The last snooze of each snoozed intervention, by its id. `until`: ISO 8601. */
  snoozed: Map<string, { by: string; until: string; note: string }>;
  notifications: ReportedNotifications;
  paused: boolean;
  /** Canonical JSON of the exchange and the policy; null if an earlier version registered the account. */
  settings: string | null;
  /** Null if no event reports it, because an earlier version registered or stopped the account. */
  active: boolean | null;
  /** ISO 8601; null if no event reports it. */
  registeredAt: string | null;
  streak: StreakRecount;
  lastEvent: { sequence: number; hash: string } | null;
  /** What the key could do after its last change; null if no event reports a change. */
  key: ReportedPowers | null;
  /** Start of the run whose events are being reported, ISO 8601. */
  runStartedAt: string;
  run: RunPlace;
  /** Sequence of the last end of a run that an earlier version recorded; 0 if there is none. */
  lastOldRun: number;
  /** Start of the newest run that calls a human, ISO 8601; empty if none does. */
  callingRunStartedAt: string;
  /**
   * Digest of the intervention that is due, and the sequence of the event that reports it; undefined if no event
   * reports it.
   */
  callDue: { digest: string | null | undefined; sequence: number };
  /**
   * The keys that the last verdict left unconfirmed, each with its count of consecutive runs; null if no event reports
   * them.
   */
  unconfirmed: Map<string, number> | null;
}

export function nothingReported(faults: FaultList): Reported {
  return {
    events: 0,
    discrepancies: new ReportedDiscrepancies(),
    acknowledged: new Map(),
    snoozed: new Map(),
    notifications: { delivered: new Map(), failed: new Map() },
    paused: false,
    settings: null,
    active: null,
    registeredAt: null,
    streak: new StreakRecount(faults),
    lastEvent: null,
    key: null,
    runStartedAt: '',
    run: { sequence: 0, row: null },
    lastOldRun: 0,
    callingRunStartedAt: '',
    callDue: { digest: undefined, sequence: 0 },
    unconfirmed: null,
  };
}

/** Exchange and policy in the form in which they are compared. */
export function settingsOf({ exchange, policy }: { exchange: string; policy: unknown }): string {
  return canonicalJson({ exchange, policy });
}

const aboutDiscrepancy = z.object({ discrepancy_id: z.string(), change: z.boolean().optional() });
const acceptance = z.object({ discrepancy_id: z.string(), by: z.string(), note: z.string(), until: z.string() });
const acknowledgement = z.object({ by: z.string(), note: z.string(), closed: z.array(z.string()) });
const snooze = z.object({ by: z.string(), until: z.string(), note: z.string(), intervention_id: z.string() });
const settings = z.object({ exchange: z.string(), policy: z.unknown() });
const policyChange = z.object({ before: settings, after: settings.extend({ active: z.boolean() }) });
const unsettledThreshold = z.object({ policy: z.object({ unsettledThreshold: z.number() }) });
const powers = z.object({
  can_trade: z.boolean().nullable(),
  can_withdraw: z.boolean().nullable(),
  ip_restricted: z.boolean().nullable(),
});
const called = z.object({ action: z.string() });
const calling = z.object({ intervene: z.literal(true) });
const wordsPayload = z.object({
  action: z.custom<DiscrepancyType>((value) => typeof value === 'string'),
  identity: z.string(),
  symbol: z.string(),
  description: z.string(),
  remedy: z.string(),
  difference: z.custom<Difference>((value) => typeof value === 'object' && value !== null),
  decision: z.custom<DecidedDrift>((value) => typeof value === 'object' && value !== null).optional(),
});
const runEvent = z.object({
  started_at: z.string(),
  run_digest: z.string(),
  evidence: z.array(z.object({ look: z.number(), side: z.string(), digest: z.string() })),
  evidence_rows: z.string().optional(),
  run_row: z.number().optional(),
  sightings: z.record(z.string(), z.string()).optional(),
  reworded: z.record(z.string(), z.string()).optional(),
  call_due: z.string().nullable().optional(),
  trail: z.object({ number: z.number(), hash: z.string() }).optional(),
  unsettled: z.array(z.object({ identity: z.string(), runs_in_a_row: z.number() })).optional(),
});

/** An intact event that reports a run's end. */
export interface RunEvent extends HashedEvent {
  digest: string;
  evidence: EvidenceDigests;
  /** Digest of the ids and times of the run's snapshots; null if it has none, or if an earlier version recorded it. */
  evidenceRows: string | null;
  /** The run's row; null if an earlier version recorded it. */
  row: number | null;
  /** Digests of the run's sightings by type; null if it has none, or if an earlier version recorded it. */
  sightings: Record<string, string> | null;
}

/** Collects what intact events report. */
export interface Collector {
  reported: Reported;
  /** The events that end a run are appended to it. */
  runEvents: RunEvent[];
  trail: ReportedTrail;
  faults: FaultList;
}

/** Adds what one intact event reports. */
export function gather(columns: HashedEvent, collector: Collector): void {
  const { reported, trail, faults } = collector;
  const { anchor } = trail;
  // From here on the anchor holds what was unconfirmed: earlier versions changed it without an event.
  if (anchor !== null && columns.sequence === anchor.eventSequence + 1)
    reported.unconfirmed = new Map(anchor.unconfirmed);
  const payload: unknown = JSON.parse(columns.payload);
  reported.streak.add(columns.sequence, columns.type, payload);
  try {
    collect(columns, payload, collector);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    faults.add(columns.sequence, `does not have the content of an event of the type ${columns.type}`);
  }
}

function collect(columns: HashedEvent, payload: unknown, { reported, runEvents, trail, faults }: Collector): void {
  const { sequence, type } = columns;
  switch (type as EventType) {
    case 'ACCOUNT_REGISTERED':
      reported.settings = settingsOf(settings.parse(payload));
      reported.active = true;
      reported.registeredAt ??= columns.at;
      return;
    case 'POLICY_CHANGED': {
      const { after } = policyChange.parse(payload);
      reported.settings = settingsOf(after);
      reported.active = after.active;
      keepWhoWasNotified(reported, payload);
      return;
    }
    case 'RECONCILIATION_STOPPED':
      reported.active = false;
      return;
    case 'RECONCILIATION_PAUSED':
      reported.paused = true;
      return;
    case 'RECONCILIATION_RESUMED':
      reported.paused = false;
      return;
    case 'RECONCILIATION_COMPLETED':
    case 'RECONCILIATION_FAILED':
      collectRun(columns, runEvent.parse(payload), { reported, runEvents, trail, faults });
      return;
    case 'MANUAL_INTERVENTION':
      called.parse(payload);
      collectCall(sequence, payload, reported);
      collectDiscrepancy(columns, payload, reported, faults);
      return;
    case 'DISCREPANCY_RESOLVED': {
      const { discrepancy_id: id } = aboutDiscrepancy.parse(payload);
      const known = reported.discrepancies.find(id);
      if (known === undefined) faults.add(sequence, `resolves discrepancy ${id}, which no event opened`);
      else if (known.resolved !== null) faults.add(sequence, `resolves discrepancy ${id} again`);
      else reported.discrepancies.resolve(known, { at: columns.at, run: reported.run });
      return;
    }
    case 'DISCREPANCY_ACCEPTED': {
      const { discrepancy_id: id, by, note, until } = acceptance.parse(payload);
      const known = reported.discrepancies.find(id);
      if (known === undefined || known.resolved !== null) {
        faults.add(sequence, `accepts discrepancy ${id}, which is not open`);
      } else known.accepted = { by, note, until, at: columns.at };
      return;
    }
    case 'ACCEPTANCE_ENDED': {
      collectCall(sequence, payload, reported);
      const { discrepancy_id: id } = aboutDiscrepancy.parse(payload);
      const known = reported.discrepancies.find(id);
      if (known === undefined || known.accepted === null) {
        faults.add(sequence, `ends the acceptance of discrepancy ${id}, which nobody accepted`);
      } else known.accepted = null;
      return;
    }
    case 'MANUAL_REVIEW_ACKNOWLEDGED': {
      const { by, note, closed } = acknowledgement.parse(payload);
      for (const id of closed) reported.acknowledged.set(id, { by, note, at: columns.at });
      return;
    }
    case 'INTERVENTION_SNOOZED': {
      const { by, until, note, intervention_id: id } = snooze.parse(payload);
      reported.snoozed.set(id, { by, until, note });
      return;
    }
    case 'NOTIFICATION_DELIVERED':
      return collectDelivered(columns, payload, reported.notifications, faults);
    case 'NOTIFICATION_FAILED':
      return collectFailed(columns, payload, reported.notifications, faults);
    case 'KEY_PERMISSIONS_CHANGED': {
      const { can_trade, can_withdraw, ip_restricted } = powers.parse(payload);
      reported.key = { can_trade, can_withdraw, ip_restricted };
      return;
    }
    case 'RECONCILIATION_CANCELLED':
    case 'REQUEST_REFUSED':
    case 'ACCOUNT_REPAIRED':
      return;
    default:
      faults.add(sequence, `is of the type "${type}", which this Plumbline does not know`);
  }
}

function collectRun(
  columns: HashedEvent,
  payload: z.infer<typeof runEvent>,
  { reported, runEvents, trail, faults }: Collector,
): void {
  const { sequence } = columns;
  reported.discrepancies.nextRun();
  reported.runStartedAt = payload.started_at;
  reported.run = { sequence, row: payload.run_row ?? null };
  if (reported.run.row === null) reported.lastOldRun = sequence;
  else if (trail.anchor !== null && sequence <= trail.anchor.eventSequence) {
    faults.add(sequence, 'reports a run of this version, but lies before the anchor of earlier versions in the trail');
  }
  for (const [id, digest] of Object.entries(payload.reworded ?? {})) {
    const known = reported.discrepancies.find(id);
    if (known === undefined) faults.add(sequence, `rewords discrepancy ${id}, which no event opened`);
    else known.words = { digest, sequence };
  }
  if (payload.call_due !== undefined) reported.callDue = { digest: payload.call_due, sequence };
  if (columns.type === 'RECONCILIATION_COMPLETED' && payload.unsettled !== undefined) {
    reported.unconfirmed = new Map(payload.unsettled.map(({ identity, runs_in_a_row: runs }) => [identity, runs]));
  }
  if (payload.trail !== undefined && trail.hashes[payload.trail.number - 1] !== payload.trail.hash) {
    faults.add(sequence, `holds another hash for entry ${payload.trail.number} of the trail than the trail does`);
  }
  const { run_digest: digest, evidence, evidence_rows: evidenceRows = null, sightings = null } = payload;
  runEvents.push({ ...columns, digest, evidence, evidenceRows, row: reported.run.row, sightings });
}

function collectDiscrepancy(columns: HashedEvent, payload: unknown, reported: Reported, faults: FaultList): void {
  const call = aboutDiscrepancy.safeParse(payload).data;
  if (call === undefined) return;
  const { discrepancy_id: id, change = false } = call;
  const { sequence } = columns;
  const known = reported.discrepancies.find(id);
  if ((known !== undefined && known.resolved === null) !== change) {
    faults.add(sequence, change ? `changes discrepancy ${id}, which no event opened` : `opens ${id} again`);
  }
  const words = reported.run.row === null ? null : { digest: wordsOf(payload), sequence };
  if (known !== undefined && known.resolved === null) {
    known.lastCall = sequence;
    known.words = words;
    return;
  }
  const isNew = reported.run.row !== null;
  const openedAt = isNew ? columns.at : null;
  reported.discrepancies.add({
    id,
    openedAt,
    openedRow: reported.run.row,
    lastCall: sequence,
    words,
    accepted: null,
    resolved: null,
  });
}

/** The digest of the words that a discrepancy's row holds after this event. */
function wordsOf(payload: unknown): string {
  const { action, identity, symbol, description, remedy, difference, decision } = wordsPayload.parse(payload);
  return digestWords({
    identity: storable(identity),
    type: action,
    symbol: storable(symbol),
    description: storable(description),
    remedy: storable(remedy),
    difference,
    decision: decision ?? null,
  });
}

/** An event that calls a human marks its run as one that calls. */
function collectCall(sequence: number, payload: unknown, reported: Reported): void {
  if (!calling.safeParse(payload).success) return;
  if (reported.run.row === null) reported.callDue = { digest: undefined, sequence };
  if (reported.runStartedAt > reported.callingRunStartedAt) reported.callingRunStartedAt = reported.runStartedAt;
}

/** Applies a changed threshold to the counts, as a registration does; see registration.ts. */
function keepWhoWasNotified(reported: Reported, payload: unknown): void {
  const change = z.object({ before: unsettledThreshold, after: unsettledThreshold }).safeParse(payload).data;
  if (change === undefined || reported.unconfirmed === null) return;
  const before = change.before.policy.unsettledThreshold;
  const after = change.after.policy.unsettledThreshold;
  for (const [identity, runs] of reported.unconfirmed) {
    if (after < before && runs >= after && runs < before) reported.unconfirmed.set(identity, after - 1);
    if (after > before && runs >= before && runs < after) reported.unconfirmed.set(identity, after);
  }
}
