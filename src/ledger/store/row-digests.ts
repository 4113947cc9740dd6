import type { Inspection } from '../../domain/account/inspection.js';
import type { DecidedDrift } from '../../domain/policy/drift-rules.js';
import type { Difference } from '../../domain/difference/difference.js';
import { canonicalJson, sha256 } from './canonical.js';
import type { InterventionDue, snapshot, StoredDiscrepancy, TypeCounts } from './schema.js';

// Digests of rows, which chained records hold. An altered row may hold values that have no digest (a time without end,
// a number that JSON cannot hold): the functions then throw RangeError, and `digestOf` returns null.

/** The columns of a discrepancy that a person reads, and its decision. */
export type Words = Pick<StoredDiscrepancy, 'identity' | 'type' | 'symbol' | 'description' | 'remedy'> & {
  difference: Difference;
  decision: DecidedDrift | null;
};

/** A decision counts only if there is one, so that digests of earlier versions stay valid. */
export function digestWords({ identity, type, symbol, description, remedy, difference, decision }: Words): string {
  const words = { identity, type, symbol, description, remedy, difference };
  return sha256(canonicalJson(decision === null ? words : { ...words, decision }));
}

/** Digest of the columns of a run's snapshots that its event does not contain. Independent of the order of the rows. */
export function digestSnapshots(rows: readonly (typeof snapshot.$inferSelect)[]): string {
  const texts = rows.map(({ look, side, id, readStartedAt, readEndedAt, asOf, storedAt }) =>
    canonicalJson({ look, side, id, readStartedAt, readEndedAt, asOf, storedAt }),
  );
  return sha256(texts.toSorted().join('\n'));
}

export function digestInterventionDue(callDue: InterventionDue | null): string | null {
  return callDue === null ? null : sha256(canonicalJson(callDue));
}

/** Digest of everything that is known about the key and its exchange. */
export function digestInspection(inspection: Inspection | null): string | null {
  return inspection === null ? null : sha256(canonicalJson(inspection));
}

/** Digests of the sightings of one run, by type; `SIGHTINGS_DIGEST` computes the same in SQL. */
export function digestSightings(
  sightings: readonly { discrepancyId: string; type: keyof TypeCounts; change: string }[],
): Partial<Record<keyof TypeCounts, string>> {
  const lines: Partial<Record<keyof TypeCounts, string[]>> = {};
  for (const { discrepancyId, type, change } of sightings) (lines[type] ??= []).push(`${discrepancyId} ${change}`);
  const digests: Partial<Record<keyof TypeCounts, string>> = {};
  for (const type of Object.keys(lines) as (keyof TypeCounts)[]) {
    digests[type] = sha256((lines[type] ?? []).toSorted().join('\n'));
  }
  return digests;
}

/** Digest of the sightings of one run and type. */
export const SIGHTINGS_DIGEST = `encode(sha256(convert_to(
  string_agg(discrepancy_id::text || ' ' || change, E'\\n' ORDER BY discrepancy_id), 'UTF8')), 'hex')`;

/** Chained digest of an intervention's reasons, so that a reason can be added without reading the earlier ones. */
export function digestReasons(before: string, reasons: readonly unknown[]): string {
  return reasons.reduce<string>((digest, reason) => sha256(`${digest}${canonicalJson(reason)}`), before);
}

/** The digest, or null if the stored values have none. */
export function digestOf(digest: () => string | null): string | null {
  try {
    return digest();
  } catch {
    return null;
  }
}
