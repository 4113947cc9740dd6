import { z } from 'zod';
import { canonicalJson } from './canonical.js';
import type { HashedEvent } from './event-chain.js';
import type { FaultList } from './fault-list.js';
import type { ToldPowers } from './inspections.js';
import type { EventType } from './ledger.js';
import { StreakRecount } from './streak-recount.js';
import type { RunEvent } from './verify-runs.js';

/** What an account's events tell, for its other tables to be held against. */
export interface Told {
  events: number;
  discrepancies: Map<string, ToldDiscrepancy>;
  /** Acknowledged interventions by id. */
  acknowledged: Map<string, { by: string; note: string }>;
  /** The last snooze of each intervention that was snoozed, by its id. `until`: ISO 8601. */
  snoozed: Map<string, { by: string; until: string }>;
  paused: boolean;
  /** Canonical JSON of the exchange and the policy; null where an earlier version registered the account. */
  settings: string | null;
  /** Null where no event tells of it, since an earlier version registered or stopped the account. */
  active: boolean | null;
  streak: StreakRecount;
  lastEvent: { sequence: number; hash: string } | null;
  /** What the key could do after its last change; null where no event tells of one. */
  key: ToldPowers | null;
  /** Start of the run whose events are being told, ISO 8601. */
  runStartedAt: string;
  /** Start of the newest run that calls a human, ISO 8601; empty where none does. */
  callingRunStartedAt: string;
}

export interface ToldDiscrepancy {
  /** Sequence of the event that tells its present values. */
  lastCall: number;
  resolved: boolean;
  /** Null where nobody accepts it as it is. */
  accepted: ToldAcceptance | null;
}

/** Times are ISO 8601. */
export interface ToldAcceptance {
  by: string;
  note: string;
  until: string;
  at: string;
}

export function nothingTold(faults: FaultList): Told {
  return {
    events: 0,
    discrepancies: new Map(),
    acknowledged: new Map(),
    snoozed: new Map(),
    paused: false,
    settings: null,
    active: null,
    streak: new StreakRecount(faults),
    lastEvent: null,
    key: null,
    runStartedAt: '',
    callingRunStartedAt: '',
  };
}

/** Exchange and policy in the form in which they are compared. */
export function settingsOf({ exchange, policy }: { exchange: string; policy: unknown }): string {
  return canonicalJson({ exchange, policy });
}

const aboutDiscrepancy = z.object({ discrepancy_id: z.string(), change: z.boolean().optional() });
const acceptance = z.object({ discrepancy_id: z.string(), by: z.string(), note: z.string(), until: z.string() });
const acknowledgement = z.object({ by: z.string(), note: z.string(), closed: z.array(z.string()) });
const snooze = z.object({ by: z.string(), until: z.string(), intervention_id: z.string() });
const settings = z.object({ exchange: z.string(), policy: z.unknown() });
const policyChange = z.object({ after: settings.extend({ active: z.boolean() }) });
const powers = z.object({
  can_trade: z.boolean().nullable(),
  can_withdraw: z.boolean().nullable(),
  ip_restricted: z.boolean().nullable(),
});
const calling = z.object({ intervene: z.literal(true) });
const runEvent = z.object({
  started_at: z.string(),
  run_digest: z.string(),
  evidence: z.array(z.object({ look: z.number(), side: z.string(), digest: z.string() })),
});

/** Adds what one sound event tells. The event that ends a run is added to `runEvents` too. */
export function gather(columns: HashedEvent, told: Told, runEvents: RunEvent[], faults: FaultList): void {
  const payload: unknown = JSON.parse(columns.payload);
  told.streak.tell(columns.sequence, columns.type, payload);
  try {
    tell(columns, payload, told, runEvents, faults);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    faults.add(columns.sequence, `does not hold what an event of the type ${columns.type} holds`);
  }
}

function tell(columns: HashedEvent, payload: unknown, told: Told, runEvents: RunEvent[], faults: FaultList): void {
  const { sequence, type } = columns;
  switch (type as EventType) {
    case 'ACCOUNT_REGISTERED':
      told.settings = settingsOf(settings.parse(payload));
      told.active = true;
      return;
    case 'POLICY_CHANGED': {
      const { after } = policyChange.parse(payload);
      told.settings = settingsOf(after);
      told.active = after.active;
      return;
    }
    case 'RECONCILIATION_STOPPED':
      told.active = false;
      return;
    case 'RECONCILIATION_PAUSED':
      told.paused = true;
      return;
    case 'RECONCILIATION_RESUMED':
      told.paused = false;
      return;
    case 'RECONCILIATION_COMPLETED':
    case 'RECONCILIATION_FAILED': {
      const { started_at: startedAt, run_digest: digest, evidence } = runEvent.parse(payload);
      told.runStartedAt = startedAt;
      runEvents.push({ ...columns, digest, evidence });
      return;
    }
    case 'MANUAL_INTERVENTION': {
      tellCall(payload, told);
      const call = aboutDiscrepancy.safeParse(payload).data;
      if (call === undefined) return;
      const { discrepancy_id: id, change = false } = call;
      const known = told.discrepancies.get(id);
      if ((known !== undefined) !== change) {
        faults.add(sequence, change ? `changes discrepancy ${id}, which no event opened` : `opens ${id} again`);
      }
      told.discrepancies.set(id, { lastCall: sequence, resolved: false, accepted: known?.accepted ?? null });
      return;
    }
    case 'DISCREPANCY_RESOLVED': {
      const { discrepancy_id: id } = aboutDiscrepancy.parse(payload);
      const known = told.discrepancies.get(id);
      if (known === undefined) faults.add(sequence, `resolves discrepancy ${id}, which no event opened`);
      else if (known.resolved) faults.add(sequence, `resolves discrepancy ${id} again`);
      else known.resolved = true;
      return;
    }
    case 'DISCREPANCY_ACCEPTED': {
      const { discrepancy_id: id, by, note, until } = acceptance.parse(payload);
      const known = told.discrepancies.get(id);
      if (known === undefined || known.resolved) faults.add(sequence, `accepts discrepancy ${id}, which is not open`);
      else known.accepted = { by, note, until, at: columns.at };
      return;
    }
    case 'ACCEPTANCE_ENDED': {
      tellCall(payload, told);
      const { discrepancy_id: id } = aboutDiscrepancy.parse(payload);
      const known = told.discrepancies.get(id);
      if (known === undefined || known.accepted === null) {
        faults.add(sequence, `ends the acceptance of discrepancy ${id}, which nobody accepted`);
      } else known.accepted = null;
      return;
    }
    case 'MANUAL_REVIEW_ACKNOWLEDGED': {
      const { by, note, closed } = acknowledgement.parse(payload);
      for (const id of closed) told.acknowledged.set(id, { by, note });
      return;
    }
    case 'INTERVENTION_SNOOZED': {
      const { by, until, intervention_id: id } = snooze.parse(payload);
      told.snoozed.set(id, { by, until });
      return;
    }
    case 'KEY_PERMISSIONS_CHANGED': {
      const { can_trade, can_withdraw, ip_restricted } = powers.parse(payload);
      told.key = { can_trade, can_withdraw, ip_restricted };
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

/** An event of a run that calls a human makes its run one that calls. */
function tellCall(payload: unknown, told: Told): void {
  if (calling.safeParse(payload).success && told.runStartedAt > told.callingRunStartedAt) {
    told.callingRunStartedAt = told.runStartedAt;
  }
}
