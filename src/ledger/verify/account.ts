import { eq } from 'drizzle-orm';
import { excessPowers, type KeyAudit } from '../../domain/account/key-audit.js';
import type { DatabaseSession } from '../store/database.js';
import type { FaultList } from './fault-list.js';
import { powersOf, type ReportedPowers } from '../write/inspections.js';
import { digestInspection, digestOf } from '../store/row-digests.js';
import { unconfirmed, type AccountRow } from '../store/schema.js';
import { isoOf } from '../store/stored-time.js';
import { settingsOf, type Reported } from './reported.js';
import type { ReportedTrail } from './reported-trail.js';

/** Compares an account's row (settings, pause, streak, key) with what its events and its trail report. */
export function verifyAccountRow(
  account: AccountRow,
  { reported, trail, faults }: { reported: Reported; trail: ReportedTrail; faults: FaultList },
): void {
  const { anchor } = trail;
  faults.compare('paused', account.paused, reported.paused);
  const settings = reported.settings ?? (anchor === null ? null : settingsOf(anchor.settings));
  if (settings !== null)
    faults.compare(
      'exchange and policy',
      digestible(() => settingsOf(account)),
      settings,
    );
  const active = reported.active ?? anchor?.active ?? null;
  if (active !== null) faults.compare('active', account.active, active);
  const registeredAt = anchor === null ? reported.registeredAt : anchor.registeredAt;
  if (registeredAt !== null) faults.compare('registered_at', isoOf(account.registeredAt), registeredAt);
  faults.compare('consecutive_failures', account.consecutiveFailures, reported.streak.failures);
  faults.compare('streak_called', account.streakCalled, reported.streak.called);
  verifyExpected(account, faults);
  if (!verifyKey(account.inspection?.key ?? null, reported.key, faults)) return;
  if (trail.inspection !== undefined && digestOf(() => digestInspection(account.inspection)) !== trail.inspection) {
    faults.add(null, 'what is known of the key was changed');
  }
}

/**
 * A sign of life is a time and not a record. The trading gate decides how far ahead it may lie, by the present clock.
 */
function verifyExpected({ expectedAt }: AccountRow, faults: FaultList): void {
  if (expectedAt !== null && isoOf(expectedAt) === null)
    faults.add(null, 'the time of the next sign of life is invalid');
}

/**
 * The key's powers must be those that the last change reported. Without a reported change, the key must have no powers
 * that would have to be reported.
 */
function verifyKey(key: KeyAudit | null, reported: ReportedPowers | null, faults: FaultList): boolean {
  if (reported !== null && key !== null) {
    const stored = powersOf(key);
    faults.compare('what the key may do', stored, reported);
    return JSON.stringify(stored) === JSON.stringify(reported);
  }
  if (reported === null && key !== null && excessPowers(key) !== null) {
    faults.add(null, `the key is stored as one that can ${excessPowers(key)}, and no event reports it`);
    return false;
  }
  return true;
}

function digestible(text: () => string): string {
  return digestOf(text) ?? 'a value that JSON cannot hold';
}

/** Compares the keys that the last verdict left unconfirmed with what its event reports. */
export async function verifyUnconfirmed(
  session: DatabaseSession,
  account: string,
  reported: Reported,
  faults: FaultList,
): Promise<void> {
  if (reported.unconfirmed === null) return;
  const rows = await session.select().from(unconfirmed).where(eq(unconfirmed.account, account));
  const stored = new Map(rows.map(({ identity, runsInARow }) => [identity, runsInARow]));
  for (const identity of new Set([...stored.keys(), ...reported.unconfirmed.keys()])) {
    const runs = stored.get(identity) ?? null;
    const counted = reported.unconfirmed.get(identity) ?? null;
    faults.compare(`runs in a row that left ${identity} unconfirmed`, runs, counted);
  }
}
