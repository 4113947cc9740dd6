import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { z } from 'zod';
import { excessPowers, type KeyAudit } from '../domain/key-audit.js';
import { BATCH } from './batches.js';
import type { Session } from './database.js';
import { GENESIS_HASH, hashEvent, type HashedEvent } from './event-chain.js';
import type { FaultList } from './fault-list.js';
import { powersOf, type ToldPowers } from './inspections.js';
import type { EventType } from './ledger.js';
import { event, type AccountRow } from './schema.js';
import { verifyRunEvents, type RunEvent } from './verify-runs.js';

/** What an account's events tell, for its other tables to be held against. */
export interface Told {
  events: number;
  discrepancies: Map<string, ToldDiscrepancy>;
  /** Acknowledged interventions by id. */
  acknowledged: Map<string, { by: string; note: string }>;
  paused: boolean;
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
}

interface StoredEvent {
  columns: HashedEvent;
  hash: string;
}

/** Proves sequence and chain, and gathers what the events tell. An event that was changed tells nothing. */
export async function verifyEvents(session: Session, account: AccountRow, faults: FaultList): Promise<Told> {
  const told: Told = {
    events: 0,
    discrepancies: new Map(),
    acknowledged: new Map(),
    paused: false,
    lastEvent: null,
    key: null,
    runStartedAt: '',
    callingRunStartedAt: '',
  };
  let last = 0;
  let lastHash = GENESIS_HASH;
  for (;;) {
    const batch = await readBatch(session, account.account, last);
    const runEvents: RunEvent[] = [];
    for (const { columns, hash } of batch) {
      const { sequence } = columns;
      if (sequence !== last + 1) faults.add(sequence, `${missing(last + 1, sequence - 1)} before it`);
      if (columns.previousHash !== lastHash) faults.add(sequence, 'does not hold the hash of the event before it');
      const sound = hashEvent(columns) === hash;
      if (sound) gather(columns, told, runEvents, faults);
      else faults.add(sequence, 'was changed: its columns do not give its hash');
      told.events += 1;
      told.lastEvent = { sequence, hash };
      last = sequence;
      lastHash = hash;
    }
    await verifyRunEvents(session, account.account, runEvents, faults);
    if (batch.length < BATCH) break;
  }
  if (last !== account.lastSequence) {
    faults.add(null, `events end at ${last}, the account has written ${account.lastSequence}`);
  } else if (lastHash !== account.lastHash) {
    faults.add(last, 'is not the event that the account wrote last: the hashes differ');
  }
  faults.compare('paused', account.paused, told.paused);
  verifyKey(account.inspection?.key ?? null, told.key, faults);
  return told;
}

/** What is known of the key is what the last change told; without one, that it can do nothing that has to be told. */
function verifyKey(key: KeyAudit | null, told: ToldPowers | null, faults: FaultList): void {
  if (told !== null && key !== null) faults.compare('what the key may do', powersOf(key), told);
  if (told === null && key !== null && excessPowers(key) !== null) {
    faults.add(null, `the key is stored as one that can ${excessPowers(key)}, and no event tells of it`);
  }
}

function missing(from: number, to: number): string {
  return from === to ? `event ${from} is missing` : `events ${from} to ${to} are missing`;
}

async function readBatch(session: Session, account: string, after: number): Promise<StoredEvent[]> {
  const rows = await session
    .select({
      account: event.account,
      sequence: event.sequence,
      id: event.id,
      type: sql<EventType>`${event.type}`,
      at: sql<string>`${event.at}::text`,
      workflowRunId: event.workflowRunId,
      runNumber: event.runNumber,
      requestId: event.requestId,
      payload: sql<string>`${event.payload}::text`,
      previousHash: event.previousHash,
      hash: event.hash,
    })
    .from(event)
    .where(and(eq(event.account, account), gt(event.sequence, after)))
    .orderBy(asc(event.sequence))
    .limit(BATCH);
  return rows.map(({ hash, ...columns }) => ({ hash, columns: { ...columns, at: isoTime(columns.at) } }));
}

/** "2026-11-22 15:00:00.5+00" as it was hashed; any text that the ledger cannot have written stays, and fits no hash. */
function isoTime(stored: string): string {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?\+00$/.exec(stored);
  if (parts === null) return stored;
  return `${parts[1]}T${parts[2]}.${(parts[3] ?? '').padEnd(3, '0')}Z`;
}

const aboutDiscrepancy = z.object({ discrepancy_id: z.string(), change: z.boolean().optional() });
const acknowledgement = z.object({ by: z.string(), note: z.string(), closed: z.array(z.string()) });
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

function gather(columns: HashedEvent, told: Told, runEvents: RunEvent[], faults: FaultList): void {
  const { sequence, type } = columns;
  const payload: unknown = JSON.parse(columns.payload);
  switch (type as EventType) {
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
      if (calling.safeParse(payload).success && told.runStartedAt > told.callingRunStartedAt) {
        told.callingRunStartedAt = told.runStartedAt;
      }
      const call = aboutDiscrepancy.safeParse(payload).data;
      if (call === undefined) return;
      const { discrepancy_id: id, change = false } = call;
      if (told.discrepancies.has(id) !== change) {
        faults.add(sequence, change ? `changes discrepancy ${id}, which no event opened` : `opens ${id} again`);
      }
      told.discrepancies.set(id, { lastCall: sequence, resolved: false });
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
    case 'MANUAL_REVIEW_ACKNOWLEDGED': {
      const { by, note, closed } = acknowledgement.parse(payload);
      for (const id of closed) told.acknowledged.set(id, { by, note });
      return;
    }
    case 'KEY_PERMISSIONS_CHANGED': {
      const { can_trade, can_withdraw, ip_restricted } = powers.parse(payload);
      told.key = { can_trade, can_withdraw, ip_restricted };
      return;
    }
    case 'ACCOUNT_REGISTERED':
    case 'POLICY_CHANGED':
    case 'RECONCILIATION_STOPPED':
    case 'RECONCILIATION_CANCELLED':
    case 'REQUEST_REFUSED':
    case 'ACCOUNT_REPAIRED':
    case 'INTERVENTION_SNOOZED':
    case 'DISCREPANCY_ACCEPTED':
    case 'ACCEPTANCE_ENDED':
      return;
    default:
      faults.add(sequence, `is of the type "${type}", which this Plumbline does not know`);
  }
}
