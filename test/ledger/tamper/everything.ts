import type { Ledger } from '../../../src/ledger/contract/ledger.js';
import { NOON, order, snapshot } from '../../domain/snapshots.js';
import { CHANNEL_DOWN, EXCHANGE_DOWN, toSend, wanted } from '../wanted.js';
import { failed, openedOutside, orderPlaced, register, runKey, verdict } from '../records.js';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/** Records one of everything that the ledger can hold of an account, with an intervention that is still due. */
export async function recordEverything(ledger: Ledger, account: string): Promise<void> {
  const at = (minutes: number) => new Date(NOON + minutes * MINUTE_MS);
  const stuck = {
    identity: `stuck/${account}`,
    type: 'ORDER_FILL_MISSED' as const,
    symbol: 'BTC/USDT',
    reason: 'moves',
  };
  await register(ledger, account, { drift: [{ symbols: ['BTC/USDT:USDT'], notionalBelow: '100', action: 'record' }] });
  const key = { answer: 'told' as const, canTrade: true, canWithdraw: false, ipRestricted: true, note: 'may trade' };
  await ledger.recordFinding(account, { exchange: 'binanceusdm', verifiedProfile: true, key });
  await putObservation(ledger, account, 1);
  await ledger.recordVerdict(verdict(1, { startedAt: at(0), unconfirmed: [] }, account));
  await putObservation(ledger, account, 2);
  const found = [openedOutside(), orderPlaced(`${account}/17`), orderPlaced(`${account}/18`)];
  await ledger.recordVerdict(verdict(2, { startedAt: at(1), confirmed: found, unconfirmed: [stuck] }, account));
  const failure = { startedAt: at(2), consecutiveFailures: 1, threshold: 1, thresholdReached: true };
  await putObservation(ledger, account, 3);
  await ledger.recordFailure(failed(3, failure, account));
  const moved = { ...orderPlaced(`${account}/18`), description: 'in other words' };
  await ledger.recordVerdict(
    verdict(
      4,
      {
        startedAt: at(3),
        confirmed: [openedOutside('0.7'), moved],
        agreed: [orderPlaced(`${account}/17`).identity],
        unconfirmed: [stuck, { ...stuck, identity: `another/${account}` }],
      },
      account,
    ),
  );
  await ledger.recordPause({ account, paused: true, by: 'ada', reason: null, requestId: 'p' });

  const reason = (minutes: number) => ({ action: 'UNSETTLED', text: 'BTC', at: at(minutes).toISOString() });
  const called = `${account}/called`;
  await ledger.openIntervention({ account, interventionId: called, reasons: [reason(4)] });
  await ledger.addInterventionReason({ interventionId: called, requestId: 'again', reason: reason(5) });
  await ledger.recordNotification({ interventionId: called, requestId: 'n1' });
  await ledger.acknowledgeIntervention({ interventionId: called, by: 'ada', note: 'seen' });
  const accepted = (await ledger.discrepancies(account, { state: 'open' })).at(-1);
  if (accepted === undefined) throw new Error('a discrepancy is open');
  const until = new Date(Date.now() + DAY_MS);
  await ledger.acceptDiscrepancies({ account, discrepancyIds: [accepted.id], by: 'ada', until, note: 'hedge' });
  await ledger.openIntervention({ account, interventionId: `${account}/snoozed`, reasons: [reason(6)] });
  await ledger.snoozeIntervention({ interventionId: `${account}/snoozed`, by: 'ada', until, note: 'asleep' });
  await ledger.openIntervention({ account, interventionId: `${account}/waiting`, reasons: [reason(7)] });
  await ledger.recordNotification({ interventionId: `${account}/waiting`, requestId: 'n2' });

  const worse = [openedOutside('0.7'), moved, orderPlaced(`${account}/19`), openedOutside('3', 'ETH/USDT:USDT')];
  await ledger.recordVerdict(verdict(5, { startedAt: at(60), confirmed: worse, unconfirmed: [stuck] }, account));
  await ledger.expectSign(account, 600);
}

/** One that was delivered at the second attempt, one that fails, one that waits, and one that was wanted for others, too. */
export async function recordNotifications(ledger: Ledger, account: string): Promise<void> {
  const of = { interventionId: `${account}/waiting` };
  const first = wanted(account, of);
  await ledger.recordDeliveryFailure(await toSend(ledger, first), CHANNEL_DOWN);
  await ledger.recordDelivery(await toSend(ledger, first), { id: 'msg-1', thread: '1700.5' });
  const phone = wanted(account, { ...of, channel: 'phone', severity: 'notify' });
  await ledger.recordDeliveryFailure(await toSend(ledger, phone), {
    ...CHANNEL_DOWN,
    message: `HTTP 50${account.length}`,
  });
  await toSend(ledger, wanted(account, { ...of, channel: 'mail' }));
  await ledger.wantNotification(wanted(account, { ...of, channel: 'pager', group: EXCHANGE_DOWN }));
}

/** Forms the batch of what `recordNotifications` left waiting in all accounts, and begins to send it. */
export async function sendTogether(ledger: Ledger, accounts: readonly string[]): Promise<void> {
  const all = accounts.map((account) =>
    wanted(account, { interventionId: `${account}/waiting`, channel: 'pager', group: EXCHANGE_DOWN }),
  );
  for (;;) {
    for (const one of all) {
      const answer = await ledger.wantNotification(one);
      if (answer.kind === 'send') return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function putObservation(ledger: Ledger, account: string, run: number): Promise<void> {
  const orders = [order({ id: `${account}/${run}` })];
  await ledger.putSnapshot(runKey(run, account), 1, snapshot('exchange', { orders }));
  await ledger.putSnapshot(runKey(run, account), 1, snapshot('internal', { orders }));
}
