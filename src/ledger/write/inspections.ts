import { inspect, type Finding } from '../../domain/account/inspection.js';
import type { KeyAudit } from '../../domain/account/key-audit.js';
import { clockAndAnswer, lockAccount, updateAccount } from '../store/account-row.js';
import type { DatabaseSession } from '../store/database.js';
import { appendEvents } from '../store/event-chain.js';
import { digestInspection } from '../store/row-digests.js';
import { appendTrail } from '../store/trail.js';

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

/** What a key may do, in the form of events. */
export interface ReportedPowers {
  can_trade: boolean | null;
  can_withdraw: boolean | null;
  ip_restricted: boolean | null;
}

export function powersOf(key: Pick<KeyAudit, 'canTrade' | 'canWithdraw' | 'ipRestricted'>): ReportedPowers {
  return { can_trade: key.canTrade, can_withdraw: key.canWithdraw, ip_restricted: key.ipRestricted };
}
