import { describe, expect, it } from '@jest/globals';
import { atOnce } from '../../../src/domain/pieces.js';
import { writtenJson } from '../../../src/domain/text/exact-json.js';
import { booksOf, type Books, type TradingMode } from '../../../src/internal/freqtrade/books.js';
import { order, trade, type Fields } from './answers.js';

/** Numbers that only their text shows exactly: `exact('0.10')` stands in the JSON as 0.10. */
const exact = (text: string): string => `#${text}#`;

function booksOfTrades(trades: readonly unknown[], mode: TradingMode = 'futures'): Books {
  const text = JSON.stringify(trades).replaceAll(/"#([^#]*)#"/g, '$1');
  return atOnce(booksOf(atOnce(writtenJson(text)) as unknown[], mode));
}

const SHORT = { is_short: true };
const SELL = { ft_order_side: 'sell' };
const STOP = { ft_order_side: 'stoploss', order_type: 'market', safe_price: 44_100 };

describe('a position is the amount with the fills of open orders', () => {
  const held = (trades: Fields[]): string[] =>
    booksOfTrades(trades).positions.map(({ symbol, side, amount }) => `${symbol} ${side} ${amount}`);
  const BTC = 'BTC/USDT:USDT';

  it.each<[string, Fields[], string[]]>([
    ['a long', [trade()], [`${BTC} long 0.04`]],
    ['a short', [trade(SHORT)], [`${BTC} short 0.04`]],
    ['an unfilled entry', [trade({ amount: 0, orders: [order()] })], []],
    ['filled is null', [trade({ amount: 0, orders: [order({ filled: null })] })], []],
    ['a partial entry of a long', [trade({ amount: 0, orders: [order({ filled: 0.015 })] })], [`${BTC} long 0.015`]],
    [
      'a partial entry of a short',
      [trade({ ...SHORT, amount: 0, orders: [order({ ...SELL, filled: 0.2, amount: 0.645 })] })],
      [`${BTC} short 0.2`],
    ],
    ['a partial exit of a long', [trade({ orders: [order({ ...SELL, filled: 0.01 })] })], [`${BTC} long 0.03`]],
    ['a partial exit of a short', [trade({ ...SHORT, orders: [order({ filled: 0.01 })] })], [`${BTC} short 0.03`]],
    ['a stop of a long that fills', [trade({ orders: [order({ ...STOP, filled: 0.01 })] })], [`${BTC} long 0.03`]],
    [
      'a stop of a short that fills',
      [trade({ ...SHORT, orders: [order({ ...STOP, filled: 0.01 })] })],
      [`${BTC} short 0.03`],
    ],
    [
      'a further entry, an exit and a stop together',
      [
        trade({
          amount: exact('0.1'),
          orders: [
            order({ filled: exact('0.2') }),
            order({ ...SELL, order_id: '2', filled: exact('0.05') }),
            order({ ...STOP, order_id: '3', filled: exact('0.01') }),
          ],
        }),
      ],
      [`${BTC} long 0.24`],
    ],
    [
      'a closed order is in the amount already',
      [trade({ orders: [order({ is_open: false, filled: 0.04 })] })],
      [`${BTC} long 0.04`],
    ],
    ['two trades of a pair', [trade(), trade({ trade_id: 8, amount: 0.01 })], [`${BTC} long 0.05`]],
    ['two trades that offset each other', [trade(), trade({ trade_id: 8, ...SHORT })], []],
    [
      'base units where the exchange counts contracts',
      [trade({ pair: 'DOGE/USDT:USDT', amount: 950 })],
      ['DOGE/USDT:USDT long 950'],
    ],
    ['an exponent', [trade({ amount: exact('1e-05') })], [`${BTC} long 0.00001`]],
    ['the amount, not what the leverage moves', [trade({ leverage: 10, stake_amount: 200 })], [`${BTC} long 0.04`]],
    [
      'more digits than a float has',
      [trade({ amount: exact('12345678901234567.12345678') })],
      [`${BTC} long 12345678901234567.12345678`],
    ],
    [
      'what was asked for is not held',
      [trade({ amount: 0.05454545, amount_requested: 0.1 })],
      [`${BTC} long 0.05454545`],
    ],
    ['no trades', [], []],
  ])('%s', (_, trades, expected) => {
    expect(held(trades)).toEqual(expected);
  });
});

describe('an open order', () => {
  const OPEN = {
    id: '8389765502',
    clientOrderId: null,
    symbol: 'BTC/USDT:USDT',
    side: 'buy',
    type: 'limit',
    price: '49000.5',
    triggerPrice: null,
    amount: '0.04',
    filled: '0',
    conditional: false,
    changedAt: null,
  };

  it.each<[string, Fields, Fields, Fields]>([
    ['a limit order has its price', {}, { filled: 0 }, {}],
    ['filled null is nothing filled', {}, { filled: null }, {}],
    ['a filled one has an average, not its price', {}, { filled: 0.01 }, { filled: '0.01', price: null }],
    ['a market order has no price', {}, { order_type: 'market', filled: 0 }, { type: 'market', price: null }],
    ['an exit of a long', {}, { ...SELL, filled: 0 }, { side: 'sell' }],
    ['an entry of a short', SHORT, { ...SELL, filled: 0 }, { side: 'sell' }],
    ['an exit of a short', SHORT, { filled: 0 }, { side: 'buy' }],
    [
      'a stop of a long sells, and a market stop shows its trigger',
      {},
      { ...STOP, filled: 0 },
      { side: 'sell', type: 'market', price: null, triggerPrice: '44100', conditional: true },
    ],
    [
      'a stop of a short buys',
      SHORT,
      { ...STOP, filled: 0 },
      { side: 'buy', type: 'market', price: null, triggerPrice: '44100', conditional: true },
    ],
    [
      'a filled market stop shows its average, not its trigger',
      {},
      { ...STOP, filled: 0.01 },
      { side: 'sell', type: 'market', price: null, filled: '0.01', conditional: true },
    ],
    [
      'a limit stop shows its limit price, not its trigger',
      {},
      { ...STOP, order_type: 'limit', filled: 0 },
      { side: 'sell', price: null, conditional: true },
    ],
    [
      'a stop of OKX',
      {},
      { ...STOP, order_type: 'stoploss', filled: 0 },
      { side: 'sell', type: 'stoploss', price: null, conditional: true },
    ],
    ['without a type', {}, { order_type: null, filled: 0 }, { type: 'market', price: null }],
    ['a price of zero is none', {}, { safe_price: 0, filled: 0 }, { price: null }],
    ['without a price', {}, { safe_price: null, filled: 0 }, { price: null }],
    [
      'exact numbers',
      {},
      { amount: exact('1e-05'), safe_price: exact('0.10'), filled: 0 },
      { amount: '0.00001', price: '0.10' },
    ],
  ])('%s', (_, ofTrade, ofOrder, expected) => {
    const { orders, unread } = booksOfTrades([trade({ ...ofTrade, orders: [order(ofOrder)] })]);
    expect({ orders, unread }).toEqual({ orders: [{ ...OPEN, ...expected }], unread: [] });
  });

  it('that is closed is not listed', () => {
    expect(booksOfTrades([trade({ orders: [order({ is_open: false })] })]).orders).toEqual([]);
  });
});

describe('what a spot bot holds at least', () => {
  const spot = (fields: Fields): Fields =>
    trade({ pair: 'BTC/USDT', trading_mode: 'spot', fee_open: 0.001, ...fields });
  const closed = { is_open: false, filled: exact('0.0196'), ft_fee_base: null };

  it.each<[string, Fields, string]>([
    ['the amount where the fee is paid in the quote currency', { orders: [order(closed)] }, '0.04'],
    [
      'the amount without a base fee that Freqtrade pays from the rest of the wallet',
      { amount: exact('0.0196'), fee_open: exact('0.0002'), fee_open_currency: 'BTC', orders: [order(closed)] },
      '0.01959608',
    ],
    [
      'the amount where Freqtrade has taken the base fee off',
      { fee_open_currency: 'BTC', orders: [order({ ...closed, ft_fee_base: exact('0.00001') })] },
      '0.04',
    ],
    [
      'the fills of an open entry without their fee, whose currency is not known yet',
      { amount: 0, fee_open_currency: null, orders: [order({ filled: exact('0.005') })] },
      '0.004995',
    ],
    ['without what an open exit has sold', { orders: [order({ ...SELL, filled: exact('0.01') })] }, '0.03'],
    ['the amount if no fee is known', { fee_open: null, fee_open_currency: null, orders: [order(closed)] }, '0.04'],
  ])('is %s', (_, fields, total) => {
    const { holdings, positions } = booksOfTrades([spot(fields)], 'spot');
    expect(holdings).toEqual([{ currency: 'BTC', total }]);
    expect(positions).toEqual([]);
  });

  it('is the sum of the trades of a currency, whatever they paid with', () => {
    const { holdings } = booksOfTrades([spot({}), spot({ pair: 'BTC/EUR', amount: exact('0.1') })], 'spot');
    expect(holdings).toEqual([{ currency: 'BTC', total: '0.14' }]);
  });
});

describe('a row that cannot be read costs its own pair', () => {
  it.each<[string, Fields, string]>([
    ['no amount', { amount: null }, 'amount is null, expected a decimal number, as text or as a JSON number'],
    ['an amount below zero', { amount: -0.04 }, 'amount is -0.04; is_short gives the direction, so it has no sign'],
    ['no direction', { is_short: null }, 'is_short is null, expected true or false'],
    ['no list of orders', { orders: null }, 'orders is null, expected a list'],
    [
      'an order of an unknown side',
      { orders: [order({ ft_order_side: 'hedge' })] },
      'orders[0].ft_order_side is "hedge", expected one of "buy", "sell", "stoploss"',
    ],
    ['an order without an id', { orders: [order({ order_id: '' })] }, 'orders[0].order_id is empty'],
    [
      'an order of no amount',
      { orders: [order({ amount: 0 })] },
      'orders[0].amount is 0, expected an amount above zero',
    ],
    [
      'an order filled below zero',
      { orders: [order(), order({ order_id: '2', filled: -1 })] },
      'orders[1].filled is -1;',
    ],
    ['a number that is none', { orders: [order({ filled: 'some' })] }, 'orders[0].filled is "some", expected'],
  ])('%s', (_, fields, problem) => {
    const others = trade({ trade_id: 8, pair: 'ETH/USDT:USDT', base_currency: 'ETH', amount: 1 });
    // A second trade of the pair is right, but its sum is not known.
    const { positions, unread } = booksOfTrades([trade({ trade_id: 9 }), trade(fields), others]);
    expect(positions.map(({ symbol }) => symbol)).toEqual(['ETH/USDT:USDT']);
    expect(unread).toEqual(
      ['orders', 'positions:linear:USDT'].map((scope) => ({
        scope,
        symbol: 'BTC/USDT:USDT',
        code: 'ROW_UNREADABLE',
        reason: expect.stringContaining(`trade 7 (BTC/USDT:USDT) cannot be read: ${problem}`),
      })),
    );
  });

  it('on spot also its currency', () => {
    const { holdings, unread } = booksOfTrades(
      [
        trade({ pair: 'BTC/USDT' }),
        trade({ pair: 'BTC/EUR', amount: null }),
        trade({ pair: 'ETH/EUR', base_currency: 'ETH' }),
      ],
      'spot',
    );
    expect(holdings).toEqual([{ currency: 'ETH', total: '0.04' }]);
    expect(unread.map(({ scope, symbol }) => [scope, symbol])).toEqual([
      ['balances:BTC', 'BTC'],
      ['orders', 'BTC/EUR'],
    ]);
  });

  it.each([[{ ...trade(), pair: null }], [17], [null], ['x']])('without a pair all of it: %j', (row) => {
    const { unread } = booksOfTrades([row]);
    expect(unread.map(({ scope, symbol }) => [scope, symbol])).toEqual([
      ['orders', null],
      ['positions', null],
    ]);
  });

  it('many trades are read in pieces', () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => trade({ trade_id: index }));
    const pieces = booksOf(atOnce(writtenJson(JSON.stringify(rows))) as unknown[], 'futures');
    let turns = 0;
    while (pieces.next().done !== true) turns += 1;
    expect(turns).toBe(4);
  });
});
