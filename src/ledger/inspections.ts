import { inspect, type Finding, type Inspection } from '../domain/account/inspection.js';
import type { KeyAudit } from '../domain/account/key-audit.js';
import { clockAndAnswer, lockAccount, updateAccount } from './account-row.js';
import { canonicalJson, sha256 } from './canonical.js';
import type { DatabaseSession } from './database.js';
import { appendEvents } from './event-chain.js';
import { appendTrail } from './trail.js';

/** See `Ledger.recordFinding`. */
export async function recordFinding(session: DatabaseSession, name: string, finding: Finding): Promise<void> {
  const row = await lockAccount(session, name);
  const { now } = await clockAndAnswer(session, null);
  const { after, change } = inspect(row.inspection, finding, now);
  const trail = await appendTrail(session, row, now, [
    { kind: 'inspected', payload: { inspection: digestInspection(after) } },
  ]);
  if (change === null) return updateAccount(session, name, { ...trail, inspection: after });
  const head = await appendEvents(session, row, now, [
    {
      type: 'KEY_PERMISSIONS_CHANGED',
      run: null,
      payload: {
        exchange: finding.exchange,
        ...powersOf(change.after),
        note: change.after.note,
        previous: change.before === null ? null : powersOf(change.before),
      },
    },
  ]);
  await updateAccount(session, name, { ...head, ...trail, inspection: after });
}

/** Of everything that is known of the key and its exchange. */
export function digestInspection(inspection: Inspection | null): string | null {
  return inspection === null ? null : sha256(canonicalJson(inspection));
}

/** What a key may do, as events report it. */
export interface ReportedPowers {
  can_trade: boolean | null;
  can_withdraw: boolean | null;
  ip_restricted: boolean | null;
}

export function powersOf(key: Pick<KeyAudit, 'canTrade' | 'canWithdraw' | 'ipRestricted'>): ReportedPowers {
  return { can_trade: key.canTrade, can_withdraw: key.canWithdraw, ip_restricted: key.ipRestricted };
}
