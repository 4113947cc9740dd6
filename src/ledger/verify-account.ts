import { excessPowers, type KeyAudit } from '../domain/key-audit.js';
import type { FaultList } from './fault-list.js';
import { powersOf, type ToldPowers } from './inspections.js';
import type { AccountRow } from './schema.js';
import { settingsOf, type Told } from './told.js';

/** Holds what an account's row says of settings, pause, streak and key against what its events tell. */
export function verifyAccountRow(account: AccountRow, told: Told, faults: FaultList): void {
  faults.compare('paused', account.paused, told.paused);
  if (told.settings !== null) faults.compare('exchange and policy', settingsOf(account), told.settings);
  if (told.active !== null) faults.compare('active', account.active, told.active);
  faults.compare('consecutive_failures', account.consecutiveFailures, told.streak.failures);
  faults.compare('streak_called', account.streakCalled, told.streak.called);
  verifyKey(account.inspection?.key ?? null, told.key, faults);
}

/** What is known of the key is what the last change told; without one, that it can do nothing that has to be told. */
function verifyKey(key: KeyAudit | null, told: ToldPowers | null, faults: FaultList): void {
  if (told !== null && key !== null) faults.compare('what the key may do', powersOf(key), told);
  if (told === null && key !== null && excessPowers(key) !== null) {
    faults.add(null, `the key is stored as one that can ${excessPowers(key)}, and no event tells of it`);
  }
}
