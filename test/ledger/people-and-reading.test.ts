import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { DISCREPANCY_TYPES } from '../../src/domain/difference/difference.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { BTC, ETH, NOON } from '../domain/snapshots.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import { failed, NO_ANSWER, orderPlaced, register, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
beforeEach(() => {
  ({ ledger, main } = under);
});

describe('people', () => {
  it('pause and resume, each request once', async () => {
    const pause = { account: main, paused: true, by: 'ada', reason: 'maintenance', requestId: 'a' };
    await ledger.recordPause(pause);
    await ledger.recordPause({ account: main, paused: false, by: 'ada', reason: null, requestId: 'b' });
    await ledger.recordPause(pause);
    expect((await ledger.account(main))?.paused).toBe(false);
    expect((await ledger.events(main, { after: 1 })).map(({ type, payload }) => [type, payload])).toEqual([
      ['RECONCILIATION_PAUSED', { by: 'ada', reason: 'maintenance' }],
      ['RECONCILIATION_RESUMED', { by: 'ada', reason: null }],
    ]);
  });

  it('are called until one of them acknowledges, with reasons, reminders and a snooze on the way', async () => {
    const id = `${main}/call`;
    const reason = { action: 'POSITION_OPENED_EXTERNALLY', text: '0.5 BTC', at: new Date(NOON).toISOString() };
    const second = { ...reason, action: 'UNSETTLED' };
    await ledger.openIntervention({ account: main, interventionId: id, reasons: [reason] });
    await ledger.openIntervention({ account: main, interventionId: id, reasons: [reason] });
    await ledger.addInterventionReason({ interventionId: id, requestId: 'r1', reason: second });
    await ledger.addInterventionReason({ interventionId: id, requestId: 'r1', reason: second });
    for (const requestId of ['n1', 'n1', 'n2']) await ledger.recordNotification({ interventionId: id, requestId });
    expect((await ledger.account(main))?.openInterventions).toBe(1);
    expect(await ledger.interventions({ account: main, openOnly: true })).toMatchObject([
      { id, state: 'open', notifiedTimes: 2, reasons: [reason, second] },
    ]);

    const until = new Date('2999-01-01');
    for (const note of ['asleep', 'delivered again']) {
      await ledger.snoozeIntervention({ interventionId: id, by: 'ada', until, note });
    }
    expect(await ledger.interventions({ account: main })).toMatchObject([{ state: 'snoozed', snoozedUntil: until }]);
    await ledger.snoozeIntervention({ interventionId: id, by: 'ada', until: new Date('2020-01-01'), note: 'over' });
    expect(await ledger.interventions({ account: main })).toMatchObject([{ state: 'open' }]);

    await ledger.acknowledgeIntervention({ interventionId: id, by: 'ada', note: 'closed by hand' });
    await ledger.acknowledgeIntervention({ interventionId: id, by: 'bob', note: 'late' });
    await ledger.snoozeIntervention({ interventionId: id, by: 'bob', until, note: 'late' });
    expect(await ledger.interventions({ account: main })).toMatchObject([
      { state: 'acknowledged', acknowledgedBy: 'ada', note: 'closed by hand' },
    ]);
    expect((await ledger.account(main))?.openInterventions).toBe(0);
    const events = await ledger.events(main, { after: 1 });
    expect(events.map(({ type }) => type)).toEqual([
      'INTERVENTION_SNOOZED',
      'INTERVENTION_SNOOZED',
      'MANUAL_REVIEW_ACKNOWLEDGED',
    ]);
    expect(events[0]?.payload).toEqual({
      by: 'ada',
      intervention_id: id,
      note: 'asleep',
      until: '2999-01-01T00:00:00.000Z',
    });
    expect(events[2]).toMatchObject({
      type: 'MANUAL_REVIEW_ACKNOWLEDGED',
      payload: { by: 'ada', note: 'closed by hand', reasons: [reason, second] },
    });
  });

  it('leave the way of each act in its event, and the same request is recorded once', async () => {
    const id = `${main}/way`;
    const at = new Date(NOON).toISOString();
    const reasons = [{ action: 'ORDER_PLACED_EXTERNALLY', text: 'an order', at }];
    await ledger.recordVerdict(
      verdict(1, { key: { ...verdict(1).key, account: main }, confirmed: [orderPlaced('o-1')] }),
    );
    await ledger.openIntervention({ account: main, interventionId: id, reasons });
    const act = { by: 'ada', note: 'mine', via: 'link', channel: 'phone' } as const;
    const until = new Date(Date.now() + 3_600_000);
    const later = new Date(Date.now() + 7_200_000);
    const before = (await ledger.events(main, { limit: 1 }))[0]?.sequence ?? 0;
    await ledger.snoozeIntervention({ ...act, interventionId: id, until, requestId: 's' });
    await ledger.snoozeIntervention({ ...act, interventionId: id, until: later, requestId: 's' });
    const accept = { ...act, account: main, discrepancyIds: null, requestId: 'a' };
    expect(await ledger.acceptDiscrepancies({ ...accept, until })).toHaveLength(1);
    expect(await ledger.acceptDiscrepancies({ ...accept, until: later })).toMatchObject([{ accepted: { until } }]);
    await ledger.acknowledgeIntervention({ ...act, interventionId: id, requestId: 'k' });
    await ledger.recordPause({ account: main, paused: true, by: 'ada', reason: null, requestId: 'p', via: 'cli' });
    const events = await ledger.events(main, { after: before });
    expect(
      events.map(({ type, payload }) => [type, payload['via'], payload['channel'], payload['request_id']]),
    ).toEqual([
      ['INTERVENTION_SNOOZED', 'link', 'phone', 's'],
      ['DISCREPANCY_ACCEPTED', 'link', 'phone', 'a'],
      ['MANUAL_REVIEW_ACKNOWLEDGED', 'link', 'phone', 'k'],
      ['RECONCILIATION_PAUSED', 'cli', undefined, undefined],
    ]);
    expect(await ledger.actOf(main, 's', null)).toMatchObject({ type: 'INTERVENTION_SNOOZED', by: 'ada' });
    expect(await ledger.actOf(main, 'a', id)).toMatchObject({ type: 'DISCREPANCY_ACCEPTED', by: 'ada' });
    expect(await ledger.actOf(main, 'k', id)).toMatchObject({ type: 'MANUAL_REVIEW_ACKNOWLEDGED', by: 'ada' });
    // An acknowledgement is found by its own request alone, and only with its intervention.
    for (const [request, intervention] of [
      ['k', null],
      ['k', 'another'],
      ['x', id],
    ] as const) {
      expect(await ledger.actOf(main, request, intervention)).toBeNull();
    }
    expect(await ledger.actOf('another', 's', null)).toBeNull();
    expect((await ledger.interventions({ account: main }))[0]).toMatchObject({ snoozedBy: 'ada', snoozeNote: 'mine' });
    expect((await ledger.verify(main)).accounts[0]?.faults).toEqual([]);
  });

  it('who acknowledge a call also close what an ended workflow left open', async () => {
    await ledger.openIntervention({ account: main, interventionId: `${main}/lost`, reasons: [] });
    await ledger.openIntervention({ account: main, interventionId: `${main}/new`, reasons: [] });
    expect((await ledger.account(main))?.openInterventions).toBe(2);
    await ledger.acknowledgeIntervention({ interventionId: `${main}/new`, by: 'ada', note: 'seen' });
    expect((await ledger.account(main))?.openInterventions).toBe(0);
  });
});

describe('reading', () => {
  it('shows an account from its registration on, with zeros for every type', async () => {
    const totals = await ledger.account(main);
    expect(Object.keys(totals?.discrepancyTotal ?? {})).toEqual([...DISCREPANCY_TYPES]);
    expect(new Set(Object.values(totals?.openDiscrepancies ?? {}))).toEqual(new Set([0]));
    expect((await ledger.accounts()).map(({ account }) => account)).toContain(main);
    expect(await ledger.account('nobody')).toBeNull();
  });

  it('keeps the history of an account that was stopped and registered again', async () => {
    await ledger.recordVerdict(verdict(1, {}, main));
    await ledger.deactivateAccount(main);
    expect(await ledger.account(main)).toMatchObject({ active: false, successTotal: 1 });
    await register(ledger, main, { intervalMinutes: 5 });
    expect(await ledger.account(main)).toMatchObject({ active: true, successTotal: 1, policy: { intervalMinutes: 5 } });
  });

  it('pages runs from the newest and events from any sequence', async () => {
    for (const run of [1, 2, 3, 4, 5]) await ledger.recordVerdict(verdict(run, {}, main));
    expect((await ledger.runs(main, { limit: 2 })).map(({ runNumber }) => runNumber)).toEqual([5, 4]);
    expect((await ledger.runs(main, { limit: 2, before: 4 })).map(({ runNumber }) => runNumber)).toEqual([3, 2]);
    expect((await ledger.events(main, { limit: 2 })).map(({ sequence }) => sequence)).toEqual([5, 6]);
    expect((await ledger.events(main, { limit: 2, after: 1 })).map(({ sequence }) => sequence)).toEqual([2, 3]);
  });

  it.each([
    ['symbol', { symbols: [BTC] }, `symbol ${BTC}`],
    ['client order id', { clientOrderIdPrefixes: ['manual-'] }, 'client order id prefix manual-'],
    ['type', { types: ['ORDER_PLACED_EXTERNALLY' as const] }, 'type ORDER_PLACED_EXTERNALLY'],
    ['none that fits', { symbols: [ETH], types: ['ORDER_FILL_MISSED' as const] }, null],
  ])('says of an open discrepancy which rule ignores it by now: by %s', async (_by, rule, ignoredBy) => {
    const placed = orderPlaced('17');
    if (placed.difference.type !== 'ORDER_PLACED_EXTERNALLY') throw new Error('an order was placed');
    placed.difference.exchange.clientOrderId = 'manual-1';
    await ledger.recordVerdict(verdict(1, { confirmed: [placed] }, main));
    await ledger.registerAccount({
      account: main,
      exchange: 'binanceusdm',
      policy: { ...DEFAULT_POLICY, ignore: { ...DEFAULT_POLICY.ignore, ...rule } },
    });
    const hidden = await ledger.recordVerdict(verdict(2, {}, main));
    expect(hidden).toMatchObject({ outcome: 'drifted', openDiscrepancies: 1 });
    expect(await ledger.discrepancies(main)).toMatchObject([{ state: 'open', ignoredBy }]);
    await ledger.recordVerdict(verdict(3, { agreed: [placed.identity] }, main));
    expect(await ledger.discrepancies(main)).toMatchObject([{ state: 'resolved', ignoredBy: null }]);
  });

  it('keeps texts that PostgreSQL cannot store as they came', async () => {
    const hostile = orderPlaced('a\0b\uD800');
    await ledger.recordVerdict(verdict(1, { confirmed: [{ ...hostile, description: 'nul \0 in "quotes"' }] }, main));
    const again = await ledger.recordVerdict(verdict(2, { confirmed: [hostile] }, main));
    expect(again).toMatchObject({ openDiscrepancies: 1, opened: [] });
    const [open] = await ledger.discrepancies(main, { state: 'open' });
    expect(open?.difference.orderId).toBe('a\0b\uD800');
    await ledger.recordFailure(failed(3, { failure: { ...NO_ANSWER, message: 'body: \0\0 \uDFFF' } }, main));
    expect((await ledger.runs(main))[0]?.failure?.message).toBe('body: \0\0 \uDFFF');
    expect((await ledger.events(main)).at(-1)?.payload['reason']).toBe('body: \0\0 \uDFFF');
  });

  it('and verifying need no right to write, and writing without it is a failure with a remedy', async () => {
    const reader = `reader_${randomUUID().replaceAll('-', '')}`;
    await under.query(`CREATE ROLE ${reader} LOGIN PASSWORD 'r'`);
    await under.query(`GRANT USAGE ON SCHEMA plumbline TO ${reader}`);
    await under.query(`GRANT SELECT ON ALL TABLES IN SCHEMA plumbline TO ${reader}`);
    const url = new URL(under.url);
    url.username = reader;
    url.password = 'r';
    const reading = createLedger(url.href);
    try {
      await reading.ping();
      await ledger.recordVerdict(verdict(1, {}, main));
      expect(await reading.runs(main)).toHaveLength(1);
      expect((await reading.verify(main)).accounts[0]?.faults).toEqual([]);
      await expect(reading.recordVerdict(verdict(2, {}, main))).rejects.toMatchObject({
        failure: { kind: 'ledger', remedy: expect.stringMatching(/Grant/) },
      });
    } finally {
      await reading.close();
      await under.query(`DROP OWNED BY ${reader}`);
      await under.query(`DROP ROLE ${reader}`);
    }
  });
});
