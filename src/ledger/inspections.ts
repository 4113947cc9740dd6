import { inspect, type Finding } from '../domain/inspection.js';
import type { KeyAudit } from '../domain/key-audit.js';
import { clockAndAnswer, lockAccount, updateAccount } from './account-row.js';
import type { Session } from './database.js';
import { appendEvents } from './event-chain.js';

/** See `Ledger.recordFinding`. */
export async function recordFinding(session: Session, name: string, finding: Finding): Promise<void> {
  const row = await lockAccount(session, name);
  const { now } = await clockAndAnswer(session, null);
  const { after, change } = inspect(row.inspection, finding, now);
  if (change === null) return updateAccount(session, name, { inspection: after });
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
  await updateAccount(session, name, { ...head, inspection: after });
}

/** What a key may do, as events tell it. */
export interface ToldPowers {
  can_trade: boolean | null;
  can_withdraw: boolean | null;
  ip_restricted: boolean | null;
}

export function powersOf(key: Pick<KeyAudit, 'canTrade' | 'canWithdraw' | 'ipRestricted'>): ToldPowers {
  return { can_trade: key.canTrade, can_withdraw: key.canWithdraw, ip_restricted: key.ipRestricted };
}
