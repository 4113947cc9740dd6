import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { AnchoredDigests } from '../migrate/anchor.js';
import { BATCH } from '../store/batches.js';
import type { DatabaseSession } from '../store/database.js';
import { GENESIS_HASH } from '../store/event-chain.js';
import type { FaultList } from './fault-list.js';
import { digestReasons } from '../store/row-digests.js';
import { trail, type AccountRow, type TrailKind } from '../store/schema.js';
import { hashTrailEntry, type HashedTrailEntry } from '../store/trail.js';
import { isoTime } from '../store/stored-time.js';

/** What an account's trail reports. */
export interface ReportedTrail {
  /** By number, from 1. */
  hashes: string[];
  interventions: Map<string, ReportedIntervention>;
  /** By the id of each wanted notification, the digest of its row. */
  notifications: Map<string, string>;
  /** Digest of what is known about the key; undefined if nothing was recorded. */
  inspection: string | null | undefined;
  anchor: Anchor | null;
}

/** An intervention without its snoozes and acknowledgement, which events report. */
export interface ReportedIntervention {
  /** ISO 8601. */
  openedAt: string;
  /** See `digestReasons`. */
  reasons: string;
  notifiedTimes: number;
  requests: Set<string>;
}

const anchorSchema = z.object({
  event_sequence: z.int(),
  /** The newest run's row; 0 where there was none. */
  last_run_row: z.int(),
  exchange: z.string(),
  policy: z.unknown(),
  active: z.boolean(),
  registered_at: z.string().nullable(),
  inspection: z.string().nullable(),
  call_due: z.string().nullable(),
  unsettled: z.array(z.tuple([z.string(), z.number()])),
  sightings: z.string(),
  resolved: z.string(),
  evidence: z.string(),
});
const anchoredDiscrepancies = z.object({
  open: z.array(z.object({ id: z.string(), opened_at: z.string().nullable(), words: z.string().nullable() })),
});
const anchoredInterventions = z.object({
  interventions: z.array(
    z.object({
      id: z.string(),
      opened_at: z.string().nullable(),
      reasons: z.string().nullable(),
      notified_times: z.number(),
      requests: z.array(z.string()),
    }),
  ),
});

/** The state of an account at the migration that introduced the trail. Digests: see anchor.ts. */
export interface Anchor {
  eventSequence: number;
  lastRunRow: number;
  settings: { exchange: string; policy: unknown };
  active: boolean;
  registeredAt: string | null;
  callDue: string | null;
  unconfirmed: [string, number][];
  digests: AnchoredDigests;
  open: Map<string, { openedAt: string | null; words: string | null }>;
}

const openedPayload = z.object({ intervention_id: z.string(), reasons: z.array(z.unknown()) });
const reasonPayload = z.object({ intervention_id: z.string(), request_id: z.string(), reason: z.unknown() });
const notifiedPayload = z.object({ intervention_id: z.string(), request_id: z.string() });
const wantedPayload = z.object({ notification_id: z.string(), wanted: z.string() });
const inspectedPayload = z.object({ inspection: z.string().nullable() });

/** Verifies the account's trail as a chain, and collects what it reports. An altered entry reports nothing. */
export async function verifyTrail(
  session: DatabaseSession,
  account: AccountRow,
  faults: FaultList,
): Promise<ReportedTrail> {
  const reported: ReportedTrail = {
    hashes: [],
    interventions: new Map(),
    notifications: new Map(),
    inspection: undefined,
    anchor: null,
  };
  let last = 0;
  let lastHash = GENESIS_HASH;
  for (;;) {
    const batch = await readBatch(session, account.account, last);
    for (const { columns, hash } of batch) {
      const { number } = columns;
      if (number !== last + 1) faults.add(null, `the trail lacks an entry before number ${number}`);
      if (columns.previousHash !== lastHash) {
        faults.add(null, `entry ${number} of the trail does not hold the hash of the entry before it`);
      }
      if (hashTrailEntry(columns) === hash) gather(columns, reported, faults);
      else faults.add(null, `entry ${number} of the trail was changed: its columns do not give its hash`);
      reported.hashes[number - 1] = hash;
      last = number;
      lastHash = hash;
    }
    if (batch.length < BATCH || !Number.isSafeInteger(last)) break;
  }
  if (last !== account.trailNumber || lastHash !== account.trailHash) {
    faults.add(
      null,
      `the trail ends at ${last}, which is not the entry ${account.trailNumber} that the account wrote last`,
    );
  }
  return reported;
}

async function readBatch(session: DatabaseSession, account: string, after: number) {
  const rows = await session
    .select({
      account: trail.account,
      number: trail.number,
      kind: sql<string>`${trail.kind}`,
      at: sql<string>`${trail.at}::text`,
      payload: sql<string>`${trail.payload}::text`,
      previousHash: trail.previousHash,
      hash: trail.hash,
    })
    .from(trail)
    .where(and(eq(trail.account, account), gt(trail.number, after)))
    .orderBy(asc(trail.number))
    .limit(BATCH);
  return rows.map(({ hash, ...columns }) => ({ hash, columns: { ...columns, at: isoTime(columns.at) } }));
}

function gather(columns: HashedTrailEntry, reported: ReportedTrail, faults: FaultList): void {
  try {
    collect(columns, JSON.parse(columns.payload), reported, faults);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    faults.add(
      null,
      `entry ${columns.number} of the trail does not have the content of an entry of the kind ${columns.kind}`,
    );
  }
}

function collect(
  { number, kind, at }: HashedTrailEntry,
  payload: unknown,
  reported: ReportedTrail,
  faults: FaultList,
): void {
  const find = (id: string): ReportedIntervention | undefined => {
    const known = reported.interventions.get(id);
    if (known === undefined)
      faults.add(null, `entry ${number} of the trail reports intervention ${id}, which no entry opened`);
    return known;
  };
  switch (kind as TrailKind) {
    case 'intervention_opened': {
      const { intervention_id: id, reasons } = openedPayload.parse(payload);
      if (reported.interventions.has(id))
        faults.add(null, `entry ${number} of the trail opens intervention ${id} again`);
      reported.interventions.set(id, {
        openedAt: at,
        reasons: digestReasons('', reasons),
        notifiedTimes: 0,
        requests: new Set(),
      });
      return;
    }
    case 'reason_added': {
      const { intervention_id: id, request_id: requestId, reason } = reasonPayload.parse(payload);
      const known = find(id);
      if (known === undefined) return;
      known.reasons = digestReasons(known.reasons, [reason]);
      known.requests.add(requestId);
      return;
    }
    case 'notified': {
      const { intervention_id: id, request_id: requestId } = notifiedPayload.parse(payload);
      const known = find(id);
      if (known === undefined) return;
      known.notifiedTimes += 1;
      known.requests.add(requestId);
      return;
    }
    case 'notification_wanted': {
      const { notification_id: id, wanted } = wantedPayload.parse(payload);
      if (reported.notifications.has(id)) {
        faults.add(null, `entry ${number} of the trail wants notification ${id} again`);
      }
      reported.notifications.set(id, wanted);
      return;
    }
    case 'inspected':
      reported.inspection = inspectedPayload.parse(payload).inspection;
      return;
    case 'anchored': {
      if (number !== 1) faults.add(null, `entry ${number} of the trail is an anchor; only the first entry may be one`);
      const anchor = anchorSchema.parse(payload);
      reported.inspection = anchor.inspection;
      reported.anchor = {
        eventSequence: anchor.event_sequence,
        lastRunRow: anchor.last_run_row,
        settings: { exchange: anchor.exchange, policy: anchor.policy },
        active: anchor.active,
        registeredAt: anchor.registered_at,
        callDue: anchor.call_due,
        unconfirmed: anchor.unsettled,
        digests: { sightings: anchor.sightings, resolved: anchor.resolved, evidence: anchor.evidence },
        open: new Map(),
      };
      return;
    }
    case 'anchored_discrepancies':
      for (const { id, opened_at: openedAt, words } of anchoredDiscrepancies.parse(payload).open) {
        reported.anchor?.open.set(id, { openedAt, words });
      }
      return;
    case 'anchored_interventions':
      for (const one of anchoredInterventions.parse(payload).interventions) {
        reported.interventions.set(one.id, {
          openedAt: one.opened_at ?? '',
          reasons: one.reasons ?? '',
          notifiedTimes: one.notified_times,
          requests: new Set(one.requests),
        });
      }
      return;
    default:
      faults.add(null, `entry ${number} of the trail is of the kind "${kind}", which this Plumbline does not know`);
  }
}
