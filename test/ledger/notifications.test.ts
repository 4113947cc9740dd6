import { describe, expect, it } from '@jest/globals';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Client } from 'pg';
import { messageKeyOf } from '../../src/ledger/contract/message-key.js';
import type { NotificationBatch, WantedNotification } from '../../src/ledger/contract/notifications.js';
import { addWanted, GROUP_WAIT_MS } from '../../src/ledger/write/notifications.js';
import { tradingGateOf } from '../../src/domain/gate/trading-gate.js';
import { renderInterventions } from '../../src/cli/render/intervention.js';
import { PLAIN } from '../../src/cli/terminal/style.js';
import { interventionDocument } from '../../src/report/documents.js';
import { atMost } from '../support/at-most.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { register } from './records.js';
import { AT, CHANNEL_DOWN, EXCHANGE_DOWN, toSend, wanted } from './wanted.js';

const under = LedgerUnderTest.forThisFile();
const RECEIPT = { id: 'msg-1', thread: '1700.5' };

async function typesOf(account: string): Promise<string[]> {
  const events = await under.ledger.events(account, { limit: 1_000 });
  return events.map(({ type }) => type).filter((type) => type.startsWith('NOTIFICATION'));
}

async function isProven(): Promise<void> {
  const { accounts, database } = await under.ledger.verify();
  expect(accounts.flatMap(({ faults }) => faults)).toEqual([]);
  expect(database).toBeUndefined();
}

/** As if so much time had passed since these were wanted. The trail reports the time, so `verify` would object. */
async function age(ms: number, where = 'true'): Promise<void> {
  await under.query(
    `UPDATE plumbline.notification SET wanted_at = wanted_at - make_interval(secs => $1)
     WHERE delivered_at IS NULL AND ${where}`,
    [ms / 1_000],
  );
}

async function endLeases(): Promise<void> {
  await under.query(`UPDATE plumbline.notification SET leased_until = now() WHERE leased_until IS NOT NULL`);
}

describe('a notification without a group', () => {
  it('is sent at once, with the same key and content each time, until it is delivered', async () => {
    const { ledger, main } = under;
    const one = wanted(main, {
      reasons: [{ action: 'UNSETTLED', text: 'x\0', at: AT, severity: 'notify', closesGate: false }],
    });
    const first = await toSend(ledger, one);
    expect(first).toEqual({
      key: messageKeyOf([one.id]),
      members: [{ ...one, reasons: [{ ...one.reasons[0], text: 'x�' }] }],
      previousThread: null,
      attempt: 1,
    });
    expect(first.key).toMatch(/^[\w-]{1,64}$/);
    // A worker that was killed between sending and recording.
    expect(await toSend(under.elsewhere, { ...one, severity: 'notify', reasons: [] })).toEqual(first);
    await ledger.recordDelivery(first, RECEIPT);
    expect(await ledger.wantNotification(one)).toEqual({ kind: 'delivered' });
    expect(await ledger.notifications(main, 10)).toMatchObject([
      {
        id: one.id,
        state: 'delivered',
        attempts: 1,
        receipt: 'msg-1',
        failure: null,
        channel: 'chat',
        occasion: 'called',
      },
    ]);
    await isProven();
  });

  it('keeps a short id as its key, and at most 20 bounded reasons', async () => {
    const { ledger, main } = under;
    const reason = { action: 'UNSETTLED', text: 'x'.repeat(5_000), at: AT };
    const batch = await toSend(
      ledger,
      wanted(main, { id: `id-${main}`, reasons: Array.from({ length: 30 }, () => reason) }),
    );
    expect(batch.key).toBe(`id-${main}`);
    expect(batch.members[0]?.reasons).toHaveLength(20);
    expect(batch.members[0]?.reasons[0]?.text).toHaveLength(2_000);
  });

  it('never waits for a large group on the same channel', async () => {
    const { ledger, main } = under;
    for (let n = 0; n < 5; n++) {
      expect(
        await ledger.wantNotification(wanted(main, { id: `${main}/storm/${n}`, group: EXCHANGE_DOWN })),
      ).toMatchObject({
        kind: 'wait',
      });
    }
    await toSend(ledger, wanted(main));
  });

  it('delivered five times at once is one event', async () => {
    const { ledger, elsewhere, main } = under;
    const batch = await toSend(ledger, wanted(main));
    await Promise.all(
      [ledger, elsewhere, ledger, elsewhere, ledger].map(async (one) => one.recordDelivery(batch, RECEIPT)),
    );
    expect(await typesOf(main)).toEqual(['NOTIFICATION_DELIVERED']);
    expect((await ledger.events(main)).at(-1)).toMatchObject({
      payload: {
        intervention_id: `call-${main}`,
        channel: 'chat',
        occasion: 'called',
        notification_id: `call-${main}/chat/called/1`,
        receipt: 'msg-1',
        failed_attempts: 0,
      },
    });
    expect((await ledger.events(main)).at(-1)?.payload).not.toHaveProperty('batch_key');
    await isProven();
  });

  it('wanted five times at once is one row', async () => {
    const { ledger, elsewhere, main } = under;
    const answers = await Promise.all(
      [ledger, elsewhere, ledger, elsewhere, ledger].map(async (one) => toSend(one, wanted(main))),
    );
    expect(new Set(answers.map((batch) => JSON.stringify(batch))).size).toBe(1);
    expect(await ledger.notifications(main, 10)).toMatchObject([{ state: 'waiting', attempts: 0 }]);
  });

  it('fails with one event, however many attempts fail, and each attempt counts once', async () => {
    const { ledger, main } = under;
    for (let attempt = 1; attempt <= 3; attempt++) {
      const batch = await toSend(ledger, wanted(main));
      expect(batch.attempt).toBe(attempt);
      await ledger.recordDeliveryFailure(batch, CHANNEL_DOWN);
      await ledger.recordDeliveryFailure(batch, CHANNEL_DOWN);
    }
    expect(await ledger.notifications(main, 10)).toMatchObject([
      { state: 'failed', attempts: 3, failure: { kind: 'network', remedy: CHANNEL_DOWN.remedy } },
    ]);
    expect(await typesOf(main)).toEqual(['NOTIFICATION_FAILED']);
    await isProven();
    await ledger.recordDelivery(await toSend(ledger, wanted(main)), { id: null, thread: null });
    expect(await ledger.notifications(main, 10)).toMatchObject([{ state: 'delivered', attempts: 4, failure: null }]);
    await isProven();
  });

  it('that was sent while the ledger was unreachable is recorded with its receipt or its failure', async () => {
    const { ledger, main } = under;
    const [sent, lost] = [wanted(main), wanted(main, { channel: 'phone', group: EXCHANGE_DOWN })];
    const alone = (member: WantedNotification) => ({
      key: messageKeyOf([member.id]),
      members: [member],
      previousThread: null,
    });
    await ledger.recordDelivery(alone(sent), RECEIPT);
    await ledger.recordDeliveryFailure(alone(lost), CHANNEL_DOWN);
    await ledger.recordDeliveryFailure(alone(lost), CHANNEL_DOWN);
    expect(await typesOf(main)).toEqual(['NOTIFICATION_DELIVERED', 'NOTIFICATION_FAILED']);
    expect(await ledger.wantNotification(sent)).toEqual({ kind: 'delivered' });
    await ledger.recordDelivery(alone(lost), RECEIPT);
    await isProven();
  });

  it('is refused with a failure that is retried while the account is not registered', async () => {
    await expect(under.ledger.wantNotification(wanted('nobody'))).rejects.toMatchObject({
      failure: { kind: 'ledger' },
    });
  });

  it('continues the thread of the first delivered message of its intervention on its channel', async () => {
    const { ledger, main } = under;
    await ledger.recordDelivery(await toSend(ledger, wanted(main)), RECEIPT);
    await ledger.recordDelivery(await toSend(ledger, wanted(main, { id: `${main}/r1`, occasion: 'reminder' })), {
      id: 'msg-2',
      thread: 'another',
    });
    const third = await toSend(ledger, wanted(main, { id: `${main}/r2`, occasion: 'reminder' }));
    expect(third.previousThread).toBe(RECEIPT.thread);
    expect((await toSend(ledger, wanted(main, { channel: 'phone' }))).previousThread).toBeNull();
  });
});

/** As if all were wanted in the same moment, however slow this machine is. */
async function wantAtOnce(all: readonly WantedNotification[]): Promise<void> {
  const client = new Client({ connectionString: under.url });
  await client.connect();
  try {
    for (const one of all) await addWanted(drizzle({ client }), one);
  } finally {
    await client.end();
  }
  await new Promise((resolve) => setTimeout(resolve, GROUP_WAIT_MS));
}

/** Accounts that fail for the same reason, each with a notification. */
async function storm(size: number, name: string): Promise<WantedNotification[]> {
  const accounts = Array.from({ length: size }, (_, n) => `${under.main}-${name}-${String(n).padStart(3, '0')}`);
  for (const account of accounts) await register(under.ledger, account);
  return accounts.map((account) => wanted(account, { group: `${EXCHANGE_DOWN}/${name}`, channel: `chat-${name}` }));
}

const nameOfAll = (members: readonly WantedNotification[]) => members.map(({ account }) => account).toSorted();

describe('notifications of a group', () => {
  it('of 40 accounts are one message that names all 40, sent by one of two workers', async () => {
    const { ledger, elsewhere } = under;
    const all = await storm(40, 'forty');
    const started = Date.now();
    const first = await ledger.wantNotification(all[0]!);
    const waitMs = first.kind === 'wait' ? first.waitMs : 0;
    expect(waitMs).toBeGreaterThan(GROUP_WAIT_MS - (Date.now() - started) - 100);
    await wantAtOnce(all);
    const second = await Promise.all(
      all.map(async (one, n) => (n % 2 === 0 ? ledger : elsewhere).wantNotification(one)),
    );
    const sending = second.flatMap((answer) => (answer.kind === 'send' ? [answer.batch] : []));
    expect(sending).toHaveLength(1);
    const [batch] = sending;
    if (batch === undefined) throw new Error('one sends');
    expect(nameOfAll(batch.members)).toEqual(nameOfAll(all));
    expect(batch.key).toBe(messageKeyOf(all.map(({ id }) => id)));
    await ledger.recordDelivery(batch, RECEIPT);
    await elsewhere.recordDelivery(batch, RECEIPT);
    const named = await ledger.namedIn(batch.members[0]?.channel ?? '', RECEIPT.id);
    expect(named.filter(({ key }) => key === batch.key).map(({ account }) => account)).toEqual(nameOfAll(all));
    expect(named[0]?.reasons).toEqual(all[0]?.reasons.map((reason) => expect.objectContaining(reason)));
    expect(await ledger.namedIn('another', RECEIPT.id)).toEqual([]);
    const third = await Promise.all(all.map(async (one) => ledger.wantNotification(one)));
    expect(third.every(({ kind }) => kind === 'delivered')).toBe(true);
    for (const { account } of all) {
      expect(await typesOf(account)).toEqual(['NOTIFICATION_DELIVERED']);
      expect((await ledger.events(account)).at(-1)?.payload['batch_key']).toBe(batch.key);
    }
    expect((await ledger.channelTotals()).find(({ channel }) => channel === 'chat-forty')).toMatchObject({
      deliveredTotal: 40,
      failureTotal: 0,
    });
    await isProven();
  });

  it('of 450 accounts are three messages, and nothing is lost', async () => {
    const { ledger } = under;
    const all = await storm(450, 'many');
    await wantAtOnce(all);
    const sending: NotificationBatch[] = [];
    // As many at once as a worker runs activities. More would wait for a connection until their time is over.
    await atMost(100, all, async (one) => {
      const answer = await ledger.wantNotification(one);
      if (answer.kind === 'send') sending.push(answer.batch);
    });
    expect(sending.map(({ members }) => members.length).toSorted((a, b) => a - b)).toEqual([50, 200, 200]);
    expect(nameOfAll(sending.flatMap(({ members }) => members))).toEqual(nameOfAll(all));
    for (const batch of sending) await ledger.recordDelivery(batch, RECEIPT);
    await isProven();
  }, 240_000);

  it('are sent again with the same key and members after the lease of a killed worker, and not before', async () => {
    const { ledger, elsewhere, main } = under;
    const [one, two] = await storm(2, 'killed');
    if (one === undefined || two === undefined) throw new Error('there are two');
    await ledger.wantNotification(one);
    await ledger.wantNotification(two);
    await age(GROUP_WAIT_MS);
    const sent = await toSend(ledger, one);
    expect(sent.members).toHaveLength(2);
    expect(await elsewhere.wantNotification(two)).toMatchObject({ kind: 'wait' });
    // A third one that comes now is no member.
    await register(ledger, `${main}-late`);
    const late = wanted(`${main}-late`, { group: one.group, channel: one.channel });
    expect(await ledger.wantNotification(late)).toMatchObject({ kind: 'wait' });
    await endLeases();
    expect(await toSend(elsewhere, two)).toEqual(sent);
    expect(await ledger.wantNotification(one)).toMatchObject({ kind: 'wait' });
    await age(GROUP_WAIT_MS, `id = '${late.id}'`);
    expect((await toSend(ledger, late)).members).toEqual([late]);
  });

  it('are not sent again if the worker died while it recorded their receipt', async () => {
    const { ledger, elsewhere } = under;
    const [one, two] = await storm(2, 'half');
    if (one === undefined || two === undefined) throw new Error('there are two');
    await ledger.wantNotification(one);
    await ledger.wantNotification(two);
    await age(GROUP_WAIT_MS);
    const sent = await toSend(ledger, one);
    await ledger.recordDelivery({ ...sent, members: sent.members.filter(({ id }) => id === one.id) }, RECEIPT);
    await endLeases();
    expect(await elsewhere.wantNotification(two)).toEqual({ kind: 'delivered' });
    expect(await typesOf(two.account)).toEqual(['NOTIFICATION_DELIVERED']);
    expect(await ledger.notifications(two.account, 1)).toMatchObject([{ receipt: 'msg-1' }]);
  });

  it('are not sent for as long as the service asks after a failure, and every member gets that failure', async () => {
    const { ledger } = under;
    const [one, two] = await storm(2, 'failing');
    if (one === undefined || two === undefined) throw new Error('there are two');
    await ledger.wantNotification(one);
    await ledger.wantNotification(two);
    await age(GROUP_WAIT_MS);
    const first = await toSend(ledger, one);
    await ledger.recordDeliveryFailure(first, CHANNEL_DOWN);
    const { kind, message, remedy } = CHANNEL_DOWN;
    const heard = { kind: 'failed', failure: { kind, message, remedy, side: 'channel', where: one.channel } };
    for (const each of [one, two]) expect(await ledger.wantNotification(each)).toMatchObject(heard);
    await endLeases();
    const second = await toSend(ledger, two);
    expect(second).toEqual({ ...first, attempt: 2 });
    expect(await ledger.wantNotification(one)).toMatchObject({ kind: 'wait' });
    await ledger.recordDeliveryFailure(second, { ...CHANNEL_DOWN, kind: 'rate_limited', retryAfterMs: 30_000 });
    const told = await ledger.wantNotification(one);
    const retryAfterMs = told.kind === 'failed' ? told.failure.retryAfterMs : null;
    expect(retryAfterMs).toBeGreaterThan(20_000);
    expect(retryAfterMs).toBeLessThanOrEqual(30_000);
    expect(await typesOf(one.account)).toEqual(['NOTIFICATION_FAILED']);
    expect(await typesOf(two.account)).toEqual(['NOTIFICATION_FAILED']);
    expect(await ledger.notifications(two.account, 1)).toMatchObject([{ attempts: 2, state: 'failed' }]);
  });

  it('are not sent for five minutes if the service asks for that long', async () => {
    const { ledger } = under;
    const [one, two] = await storm(2, 'long');
    if (one === undefined || two === undefined) throw new Error('there are two');
    await ledger.wantNotification(one);
    await ledger.wantNotification(two);
    await age(GROUP_WAIT_MS);
    const sent = await toSend(ledger, one);
    await ledger.recordDeliveryFailure(sent, { ...CHANNEL_DOWN, kind: 'rate_limited', retryAfterMs: 300_000 });
    const told = await ledger.wantNotification(two);
    expect(told).toMatchObject({ kind: 'failed', failure: { kind: 'rate_limited' } });
    expect(told.kind === 'failed' ? told.failure.retryAfterMs : null).toBeGreaterThan(290_000);
  });

  it('leave out those whose call was answered, and do not wait for them', async () => {
    const { ledger, main } = under;
    const [answered, gone, asks] = await storm(3, 'answered');
    if (answered === undefined || gone === undefined || asks === undefined) throw new Error('there are three');
    await ledger.openIntervention({ account: answered.account, interventionId: answered.interventionId, reasons: [] });
    await ledger.wantNotification(answered);
    await ledger.wantNotification(gone);
    await ledger.acknowledgeIntervention({ interventionId: answered.interventionId, by: 'ada', note: 'seen' });
    await age(3_600_000);
    expect(await ledger.wantNotification(asks)).toMatchObject({ kind: 'wait' });
    await age(GROUP_WAIT_MS, `id = '${asks.id}'`);
    expect(nameOfAll((await toSend(ledger, asks)).members)).toEqual([gone.account, asks.account].toSorted());
    expect(nameOfAll((await toSend(ledger, answered)).members)).toEqual([answered.account]);
    expect(main).not.toBe('');
  });

  it('of another occasion or channel are another message', async () => {
    const { ledger, main } = under;
    const group = `${EXCHANGE_DOWN}/${main}`;
    const all = [
      wanted(main, { id: `${main}/a`, group }),
      wanted(main, { id: `${main}/b`, group, occasion: 'reminder' }),
      wanted(main, { id: `${main}/c`, group, channel: 'phone' }),
    ];
    for (const one of all) await ledger.wantNotification(one);
    await age(GROUP_WAIT_MS);
    for (const one of all) expect((await toSend(ledger, one)).members).toEqual([one]);
  });

  it('continue a thread only if all of them have the same one', async () => {
    const { ledger } = under;
    const all = await storm(2, 'threads');
    const [one, two] = all;
    if (one === undefined || two === undefined) throw new Error('there are two');
    for (const each of all) await ledger.wantNotification(each);
    await age(GROUP_WAIT_MS);
    await ledger.recordDelivery(await toSend(ledger, one), RECEIPT);
    const reminders = all.map((each) => ({ ...each, id: `${each.id}/r`, occasion: 'reminder' as const }));
    for (const each of reminders) await ledger.wantNotification(each);
    await age(GROUP_WAIT_MS);
    expect((await toSend(ledger, reminders[0] ?? one)).previousThread).toBe(RECEIPT.thread);
    const mixed = all.map((each, n) => ({
      ...each,
      id: `${each.id}/m`,
      occasion: 'reminder' as const,
      interventionId: n === 0 ? each.interventionId : 'new',
    }));
    for (const each of mixed) await ledger.wantNotification(each);
    await age(GROUP_WAIT_MS);
    expect((await toSend(ledger, mixed[0] ?? one)).previousThread).toBeNull();
  });
});

describe('a call that reaches nobody', () => {
  async function open(fields: { closesGate?: boolean } = {}): Promise<string> {
    const { ledger, main } = under;
    const interventionId = `call-${main}`;
    const reason = { action: 'UNSETTLED', text: 'x', at: AT, ...fields };
    await ledger.openIntervention({ account: main, interventionId, reasons: [reason] });
    return interventionId;
  }
  const reasonsNow = async () => {
    const totals = await under.ledger.account(under.main);
    if (totals === null) throw new Error('it is registered');
    return tradingGateOf(totals).reasons.filter((reason) => reason.startsWith('nobody has been reached'));
  };

  it('closes the trading gate after two minutes, until any channel delivers or somebody acknowledges', async () => {
    const { ledger, main } = under;
    const interventionId = await open({ closesGate: false });
    await toSend(ledger, wanted(main));
    await toSend(ledger, wanted(main, { channel: 'phone' }));
    expect(await reasonsNow()).toEqual([]);
    await age(121_000, `account = '${main}'`);
    expect(await reasonsNow()).toEqual([
      expect.stringMatching(/^nobody has been reached since .*Z: every channel failed$/),
    ]);
    expect((await ledger.account(main))?.openInterventions).toBe(0);
    const phone = await toSend(ledger, wanted(main, { channel: 'phone' }));
    await ledger.recordDelivery(phone, RECEIPT);
    expect((await ledger.account(main))?.undeliveredSince).toBeNull();
    await under.query(`UPDATE plumbline.notification SET delivered_at = NULL, delivered_key = NULL, receipt = NULL, thread = NULL
      WHERE account = '${main}'`);
    expect(await reasonsNow()).toHaveLength(1);
    await ledger.acknowledgeIntervention({ interventionId, by: 'ada', note: 'seen' });
    expect(await reasonsNow()).toEqual([]);
  });

  it('is not reached by a line in the log, nor by a message that was not urgent', async () => {
    const { ledger, main } = under;
    await open({ closesGate: false });
    await ledger.recordDelivery(await toSend(ledger, wanted(main, { severity: 'notify' })), RECEIPT);
    await toSend(ledger, wanted(main, { id: `${main}/reason`, occasion: 'reason' }));
    await toSend(ledger, wanted(main, { channel: 'phone' }));
    await ledger.recordDelivery(await toSend(ledger, wanted(main, { channel: 'log' })), { id: null, thread: null });
    await age(121_000, `account = '${main}'`);
    expect(await reasonsNow()).toHaveLength(1);
    await ledger.recordDelivery(await toSend(ledger, wanted(main, { channel: 'phone' })), RECEIPT);
    expect(await reasonsNow()).toEqual([]);
  });

  it('is reached by the log if the log is all that the policy names', async () => {
    const { ledger, main } = under;
    await open({ closesGate: false });
    await ledger.recordDelivery(await toSend(ledger, wanted(main, { channel: 'log' })), { id: null, thread: null });
    await age(600_000, `account = '${main}'`);
    expect(await reasonsNow()).toEqual([]);
  });

  it('does not close it for what is not urgent, or for other messages', async () => {
    const { ledger, main } = under;
    await open();
    await toSend(ledger, wanted(main, { severity: 'notify' }));
    await toSend(ledger, wanted(main, { id: `${main}/r`, occasion: 'reminder' }));
    await age(600_000, `account = '${main}'`);
    expect(await reasonsNow()).toEqual([]);
  });
});

describe('an intervention', () => {
  it('closes the trading gate only with a reason that closes it, but is always counted for people', async () => {
    const { ledger, main } = under;
    const reason = { action: 'UNSETTLED', text: 'x', at: AT, severity: 'notify' as const, sharedCause: EXCHANGE_DOWN };
    const quiet = { ...reason, closesGate: false };
    const interventionId = `call-${main}`;
    const counts = async () => {
      const totals = await ledger.account(main);
      return [totals?.openInterventions, totals?.interventionsOpen];
    };
    await ledger.openIntervention({ account: main, interventionId, reasons: [quiet] });
    expect(await counts()).toEqual([0, 1]);
    expect(await ledger.interventions({ account: main })).toMatchObject([{ reasons: [quiet] }]);
    expect(await ledger.openInterventionOf(main)).toMatchObject({ reasons: [quiet] });
    await ledger.addInterventionReason({ interventionId, requestId: 'r', reason });
    expect(await counts()).toEqual([1, 1]);
    await isProvenFor(main);
    await ledger.acknowledgeIntervention({ interventionId, by: 'ada', note: 'seen' });
    expect(await counts()).toEqual([0, 0]);
    await isProvenFor(main);
  });

  it('shows its notifications, the newest first', async () => {
    const { ledger, main } = under;
    const interventionId = `call-${main}`;
    await ledger.openIntervention({ account: main, interventionId, reasons: [] });
    await ledger.recordDelivery(await toSend(ledger, wanted(main)), RECEIPT);
    await ledger.recordDeliveryFailure(await toSend(ledger, wanted(main, { channel: 'phone' })), CHANNEL_DOWN);
    const [shown] = await ledger.interventions({ account: main });
    expect(shown?.notifications).toEqual(await ledger.notifications(main, 20));
    expect(shown?.notifications).toMatchObject([
      { channel: 'phone', state: 'failed', failure: { kind: 'network' } },
      { channel: 'chat', state: 'delivered', receipt: 'msg-1' },
    ]);
    expect(renderInterventions([shown ?? never()], new Date(), PLAIN, 100).join('\n')).toMatch(
      /phone: called, failed 1 time, wanted \ds ago: network: POST [^]*chat: called, delivered \ds ago \(msg-1\)/,
    );
    expect(interventionDocument(shown ?? never()).notifications).toMatchObject([
      { channel: 'phone', state: 'failed', attempts: 1, delivered_at: null, failure: { kind: 'network' } },
      { channel: 'chat', state: 'delivered', receipt: 'msg-1' },
    ]);
    const [{ intervention } = { intervention: null }] = await ledger.overview(main);
    expect(intervention?.notifications).toEqual(shown?.notifications);
  });
});

function never(): never {
  throw new Error('it is there');
}

async function isProvenFor(account: string): Promise<void> {
  expect((await under.ledger.verify(account)).accounts[0]?.faults).toEqual([]);
}
