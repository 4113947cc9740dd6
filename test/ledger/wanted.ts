import type { NotificationBatch, WantedNotification } from '../../src/ledger/contract/notifications.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import type { Failure } from '../../src/domain/failure/failure.js';
import { NOON } from '../domain/snapshots.js';

export const AT = new Date(NOON).toISOString();
export const EXCHANGE_DOWN = 'failure:exchange:binanceusdm:exchange_down';

export const CHANNEL_DOWN: Failure = {
  kind: 'network',
  side: 'channel',
  message: 'POST https://hooks.slack.com: connection reset',
  where: 'chat',
  remedy: 'Look at the network.',
  retryAfterMs: null,
};

/** A notification without a group, of the first call of the account's intervention. */
export function wanted(account: string, fields: Partial<WantedNotification> = {}): WantedNotification {
  const interventionId = fields.interventionId ?? `call-${account}`;
  const channel = fields.channel ?? 'chat';
  return {
    id: `${interventionId}/${channel}/called/1`,
    account,
    exchange: 'binanceusdm',
    interventionId,
    channel,
    occasion: 'called',
    severity: 'page',
    openedAt: AT,
    reasons: [{ action: 'POSITION_OPENED_EXTERNALLY', text: '0.5 BTC', at: AT }],
    group: null,
    ...fields,
  };
}

/** The batch that must be sent now. */
export async function toSend(ledger: Ledger, notification: WantedNotification): Promise<NotificationBatch> {
  const answer = await ledger.wantNotification(notification);
  if (answer.kind !== 'send') throw new Error(`it is not to be sent: ${JSON.stringify(answer)}`);
  return answer.batch;
}
