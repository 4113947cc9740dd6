import { describe, expect, it } from '@jest/globals';
import { replayOrder, replayPosition } from '../../../src/internal/nautilus/replay.js';
import { accepted, event, filled, initialized, submitted } from './support/events.js';

const open = [initialized(), submitted(), accepted()];

describe('the replay of an order', () => {
  it.each([
    ['an order that was not sent is local', [initialized()], { status: 'local', accountId: null, venueOrderId: null }],
    ['a denied order has ended', [initialized(), event('OrderDenied')], { status: 'closed' }],
    ['an order without an answer is sent', [initialized(), submitted()], { status: 'sent', venueOrderId: null }],
    ['an accepted order has the id of the exchange', open, { status: 'open', venueOrderId: '77', price: '49000.0' }],
    ['a rejected order has ended', [initialized(), submitted(), event('OrderRejected')], { status: 'closed' }],
    [
      'an order that is filled at once needs no acceptance',
      [initialized(), submitted(), filled('0.04')],
      { status: 'open', filled: '0.04', venueOrderId: '77' },
    ],
    ['an order with a fill was sent', [initialized(), filled('0.04')], { status: 'open', filled: '0.04' }],
    ['fills add up exactly', [...open, filled('0.01'), filled('0.02')], { status: 'open', filled: '0.03' }],
    ['a whole fill ends the order', [...open, filled('0.04'), filled('0.060')], { status: 'closed', filled: '0.1' }],
    [
      'a fill after the cancel does not reopen it',
      [...open, event('OrderCanceled'), filled('0.04')],
      { status: 'closed' },
    ],
    ['an expired order has ended', [...open, event('OrderExpired')], { status: 'closed' }],
    ['a pending cancel leaves it open', [...open, event('OrderPendingCancel')], { status: 'open' }],
    [
      'a refused change changes nothing',
      [...open, event('OrderPendingUpdate'), event('OrderModifyRejected'), event('OrderCancelRejected')],
      { status: 'open', quantity: '0.100', price: '49000.0' },
    ],
    [
      'a change keeps what it does not name',
      [...open, event('OrderUpdated', { quantity: '0.15', price: null, venue_order_id: '78' })],
      { quantity: '0.15', price: '49000.0', venueOrderId: '78' },
    ],
    [
      'a triggered stop waits no more',
      [initialized({ order_type: 'STOP_LIMIT' }), submitted(), accepted(), event('OrderTriggered')],
      { status: 'triggered' },
    ],
    [
      'an emulated order is not at the exchange',
      [initialized({ emulation_trigger: 'LAST_PRICE' }), event('OrderEmulated')],
      { isEmulated: true, status: 'local' },
    ],
    [
      'a released order is',
      [
        initialized({ emulation_trigger: 'LAST_PRICE', order_type: 'STOP_LIMIT' }),
        event('OrderEmulated'),
        initialized({ quantity: '0.2' }),
        event('OrderReleased'),
        submitted(),
        accepted(),
      ],
      { isEmulated: false, status: 'open', type: 'LIMIT', quantity: '0.2' },
    ],
    ['options may be JSON in a text', [initialized({ options: '{"price":"1.5"}' })], { price: '1.5' }],
    [
      'times may be ISO 8601',
      [initialized({ ts_event: '2026-11-28T12:00:00.123456789Z' })],
      { lastEventAt: 1795867200123 },
    ],
    [
      'an order that was found at the exchange is adopted',
      [initialized({ reconciliation: true })],
      { isAdopted: true },
    ],
  ])('%s', (_, events, expected) => {
    expect(replayOrder(events)).toMatchObject(expected);
  });

  it.each([
    ['without events', [], 'it has no event'],
    ['that begins with another event', [accepted()], 'event 0 is OrderAccepted, expected OrderInitialized'],
    ['with an unknown event', [...open, event('OrderSuspended')], /^event 3: type is "OrderSuspended", expected/],
    ['with the event of another order', [...open, event('OrderCanceled', { client_order_id: 'O-2' })], /expected O-1$/],
    ['with a value that was not decoded', [null], /^event 0: it is null/],
    ['with a float', [initialized({ quantity: 0.1 })], /^event 0: quantity is 0.1/],
    ['with a quantity that is no number', [initialized({ quantity: 'NaN' })], /^event 0: quantity is "NaN"/],
  ])('refuses a list %s', (_, events, problem) => {
    expect(replayOrder(events)).toEqual(expect.stringMatching(problem));
  });
});

describe('the replay of a position', () => {
  const sell = { order_side: 'SELL' };

  it('is the exact sum of its fills', () => {
    expect(replayPosition([filled('0.1'), filled('0.2'), filled('0.05', sell)])).toMatchObject({ signed: '0.25' });
    expect(replayPosition([filled('0.1', sell), filled('0.2', sell)])).toMatchObject({ signed: '-0.3' });
  });

  it('includes one that was closed and reopened', () => {
    expect(replayPosition([filled('0.1'), filled('0.1', sell), filled('0.02', sell)])).toMatchObject({
      signed: '-0.02',
    });
  });

  it('counts fills that reconciliation found', () => {
    expect(replayPosition([filled('0.1'), filled('0.1', { reconciliation: true })])).toMatchObject({ adoptedFills: 1 });
  });

  it.each([
    [[], 'it has no fill'],
    [[filled('0.1'), event('OrderFillVoided')], /^fill 1: /],
    [[filled('0.1'), filled('0.1', { instrument_id: 'ETHUSDT-PERP.BINANCE' })], /^fill 1 is of ETHUSDT-PERP.BINANCE/],
    [[filled('0.1', { order_side: 'NO_ORDER_SIDE' })], /^fill 0: order_side is "NO_ORDER_SIDE"/],
  ])('refuses a list that it does not understand: %j', (fills, problem) => {
    expect(replayPosition(fills)).toEqual(expect.stringMatching(problem));
  });
});
