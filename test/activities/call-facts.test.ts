import { beforeEach, describe, expect, it } from '@jest/globals';
import { readCallFacts } from '../../src/activities/call-facts.js';
import { createComposer } from '../../src/activities/compose.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import type { NotificationBatch, WantedNotification } from '../../src/ledger/contract/notifications.js';
import { NOON } from '../domain/snapshots.js';
import { LedgerUnderTest } from '../ledger/ledger-under-test.js';
import { failed, openedOutside, orderPlaced, register, sizeChanged, verdict } from '../ledger/records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
beforeEach(() => {
  ({ ledger, main } = under);
});

function wanted(account: string, fields: Partial<WantedNotification> = {}): WantedNotification {
  return {
    id: `${account}/phone/called/1`,
    account,
    exchange: 'binanceusdm',
    interventionId: `${account}/call`,
    channel: 'phone',
    occasion: 'called',
    severity: 'page',
    openedAt: new Date().toISOString(),
    reasons: [],
    group: null,
    ...fields,
  };
}

function compose(batch: NotificationBatch, known: Pick<Ledger, 'overview' | 'discrepancies'> = ledger) {
  const composer = createComposer({
    ledger: known,
    redact: (text) => text,
    now: Date.now,
    threadOf: () => 'call-1',
    linkOf: () => {
      throw new Error('no address is configured');
    },
  });
  return composer(batch, undefined);
}

const batchOf = (...members: WantedNotification[]): NotificationBatch => ({ key: 'k', members, previousThread: null });

describe('what the ledger knows about a call', () => {
  it('is the newest values of every open discrepancy, who accepts it, and the gate', async () => {
    await ledger.recordVerdict(verdict(1, { confirmed: [openedOutside('0.5'), orderPlaced('7')] }, main));
    await ledger.recordVerdict(verdict(2, { confirmed: [sizeChanged('0.8', '0.1'), orderPlaced('7')] }, main));
    const order = (await ledger.discrepancies(main)).find(({ type }) => type === 'ORDER_PLACED_EXTERNALLY');
    const acceptance = { by: 'ada', note: 'mine', until: new Date(Date.now() + 3_600_000) };
    await ledger.acceptDiscrepancies({ account: main, discrepancyIds: [order?.id ?? ''], ...acceptance });

    const facts = (await readCallFacts(ledger, [main])).get(main);
    expect(facts).toMatchObject({ account: main, exchange: 'binanceusdm', openDiscrepancies: 2, failure: null });
    expect(facts?.gate).toMatchObject({ open: false, accepted: 1 });
    const [position, placed] = facts?.discrepancies.toSorted((a) => (a.accepted === null ? -1 : 1)) ?? [];
    expect(position).toMatchObject({ calls: true, accepted: null, difference: { exchange: { amount: '0.8' } } });
    expect(placed?.accepted).toMatchObject(acceptance);
  });

  it('includes the last failure, and who snoozed the reminders', async () => {
    await ledger.recordFailure(failed(1, {}, main));
    const reasons = [{ action: 'UNSETTLED', text: 'x', at: new Date(NOON).toISOString() }];
    const snooze = { by: 'ada', until: new Date(Date.now() + 3_600_000), note: 'asleep' };
    await ledger.openIntervention({ account: main, interventionId: `${main}/call`, reasons });
    await ledger.snoozeIntervention({ interventionId: `${main}/call`, ...snooze });
    const facts = (await readCallFacts(ledger, [main])).get(main);
    expect(facts).toMatchObject({ failure: { kind: 'network' }, snoozed: snooze, discrepancies: [] });
  });

  it('does not call a human for what the policy only records', async () => {
    await register(ledger, main, {
      interveneOn: DEFAULT_POLICY.interveneOn.filter((type) => !type.startsWith('ORDER')),
    });
    await ledger.recordVerdict(verdict(1, { confirmed: [orderPlaced('7')] }, main));
    const facts = (await readCallFacts(ledger, [main])).get(main);
    expect(facts?.discrepancies.map(({ calls }) => calls)).toEqual([false]);
  });

  it('covers several accounts, and leaves out an unregistered one', async () => {
    await register(ledger, `${main}-b`);
    const facts = await readCallFacts(ledger, [main, `${main}-b`, 'nobody']);
    expect([...facts.keys()].toSorted()).toEqual([main, `${main}-b`]);
  });

  it.each<[string, Ledger['overview']]>([
    ['fails', () => Promise.reject(new Error('down'))],
    ['does not answer', () => new Promise(() => undefined)],
  ])(
    'are none if the ledger %s',
    async (_, overview) => {
      const away = { overview, discrepancies: async () => [] };
      expect(await readCallFacts(away, [main])).toEqual(new Map());
      const reasons = [
        { action: 'POSITION_OPENED_EXTERNALLY', text: 'BTC/USDT:USDT: as it was', at: '2026-11-29T02:00Z' },
      ];
      const message = await compose(batchOf(wanted(main, { reasons })), away);
      expect(message.subject).toBe(`${main}: BTC/USDT:USDT: as it was`);
      expect(message.text).toMatch(/The values below are from the time of the call/);
    },
    15_000,
  );
});

describe('the message of a batch', () => {
  it('has the newest values, and is sent without a link if there is none', async () => {
    await ledger.recordVerdict(verdict(1, { confirmed: [openedOutside('0.5')] }, main));
    await ledger.recordVerdict(verdict(2, { confirmed: [openedOutside('0.8')] }, main));
    const reasons = [{ action: 'POSITION_OPENED_EXTERNALLY', text: 'BTC/USDT:USDT: 0.5', at: '2026-11-29T02:00:00Z' }];
    expect(await compose(batchOf(wanted(main, { reasons })))).toMatchObject({
      key: 'k',
      thread: 'call-1',
      link: null,
      subject: `${main}: BTC/USDT:USDT position differs: exchange 0.8 BTC long, bot none`,
    });
  });

  it('counts two notifications of one account as one account', async () => {
    const message = await compose(batchOf(wanted(main), wanted(main, { id: 'second' })));
    expect(message.accounts).toEqual([main]);
  });
});
