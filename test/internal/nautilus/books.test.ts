import { describe, expect, it } from '@jest/globals';
import { atOnce } from '../../../src/domain/pieces.js';
import { FailureError } from '../../../src/domain/failure/failure.js';
import { booksOf, partOf, replayed, type Books, type Part } from '../../../src/internal/nautilus/books.js';
import { readInstrument, symbolOf, type Instrument } from '../../../src/internal/nautilus/instruments.js';
import { accepted, event, filled, initialized, submitted } from './support/events.js';

type Lists = Record<string, unknown[]>;
const ANY: Part = { venue: null, accountId: null, exchange: null };
const BTC = 'BTCUSDT-PERP.BINANCE';
const ONE: Instrument = { multiplier: '1', symbol: 'BTC/USDT:USDT' };

function read(
  orders: Lists,
  positions: Lists = {},
  part = ANY,
  instruments: Record<string, Instrument> = { [BTC]: ONE },
): Books {
  const events = { orders: new Map(Object.entries(orders)), positions: new Map(Object.entries(positions)) };
  return booksOf(partOf(atOnce(replayed(events)), part), new Map(Object.entries(instruments)), true);
}

const order = (fields: Record<string, unknown> = {}, ...more: unknown[]): unknown[] => [
  initialized(fields),
  submitted(),
  accepted(),
  ...more,
];

describe('the books of a NautilusTrader', () => {
  it('have the orders that the exchange may have', () => {
    const { orders } = read({
      local: [initialized()],
      sent: [initialized(), submitted()],
      open: order({}, filled('0.03')),
      emulated: [initialized({ emulation_trigger: 'BID_ASK' }), event('OrderEmulated')],
      ended: order({}, event('OrderCanceled')),
      external: order({ strategy_id: 'EXTERNAL' }),
    });
    expect(orders).toMatchObject([
      {
        id: null,
        clientOrderId: 'O-1',
        symbol: 'BTCUSDT',
        side: 'buy',
        type: 'limit',
        price: '49000.0',
        amount: '0.1',
        filled: '0',
      },
      { id: '77', filled: '0.03', conditional: false },
    ]);
  });

  it('know a trigger until it is reached, and not where it trails', () => {
    const stop = {
      order_type: 'STOP_LIMIT',
      order_side: 'SELL',
      options: { price: '44900.0', trigger_price: '45100.0' },
    };
    const { orders } = read({
      a: order(stop),
      b: order(stop, event('OrderTriggered')),
      c: order({ ...stop, order_type: 'TRAILING_STOP_LIMIT' }),
      d: order({ ...stop, order_type: 'MARKET_IF_TOUCHED', options: { trigger_price: '45100.0' } }),
    });
    expect(orders.map(({ price, triggerPrice, conditional }) => [price, triggerPrice, conditional])).toEqual([
      ['44900.0', '45100.0', true],
      ['44900.0', null, false],
      [null, null, true],
      [null, '45100.0', true],
    ]);
  });

  it('have a row for each strategy, and none for a flat position or EXTERNAL', () => {
    const sell = { order_side: 'SELL' };
    const { positions } = read(
      {},
      {
        trend: [filled('0.5'), filled('0.2', sell)],
        hedge: [filled('0.06', sell)],
        flat: [filled('0.1'), filled('0.100', sell)],
        external: [filled('1', { strategy_id: 'EXTERNAL' })],
      },
    );
    expect(positions).toEqual([
      { symbol: 'BTCUSDT', side: 'long', amount: '0.3', changedAt: null },
      { symbol: 'BTCUSDT', side: 'short', amount: '0.06', changedAt: null },
    ]);
  });

  it('are in base units where an instrument counts contracts', () => {
    const doge = { instrument_id: 'DOGE-USDT-SWAP.OKX' };
    const { positions, orders } = read(
      { a: order({ ...doge, quantity: '0.05' }, filled('0.02')) },
      { p: [filled('0.02', doge)] },
      ANY,
      { 'DOGE-USDT-SWAP.OKX': { multiplier: '1000', symbol: null } },
    );
    expect(positions).toMatchObject([{ symbol: 'DOGE-USDT-SWAP', amount: '20' }]);
    expect(orders).toMatchObject([{ amount: '50', filled: '20' }]);
  });

  it('cost the symbol of what cannot be read, and nothing else', () => {
    const eth = { instrument_id: 'ETHUSDT-PERP.BINANCE' };
    const { orders, positions, unread } = read(
      { good: order(), bad: order(eth, event('OrderSuspended', eth)) },
      { good: [filled('1')], unknown: [filled('1', eth)] },
    );
    expect([orders.length, positions.length]).toEqual([1, 1]);
    expect(unread).toEqual([
      {
        scope: 'orders',
        symbol: 'ETHUSDT',
        code: 'ROW_UNREADABLE',
        reason: expect.stringMatching(
          /^order bad \(ETHUSDT-PERP.BINANCE\) cannot be read: event 3: type is "OrderSuspended"/,
        ),
      },
      {
        scope: 'positions',
        symbol: 'ETHUSDT',
        code: 'ROW_UNREADABLE',
        reason: expect.stringContaining('amounts: base'),
      },
    ]);
  });

  it('cost a whole list if a row says no instrument', () => {
    expect(read({ bad: [null] }, { gone: [] }).unread).toMatchObject([
      { scope: 'orders', symbol: null },
      { scope: 'positions', symbol: null, reason: 'position gone cannot be read: it has no fill' },
    ]);
  });

  it('refuse a quantity in the quote currency', () => {
    expect(read({ a: order({ quote_quantity: true }) })).toMatchObject({ orders: [], unread: [{ symbol: 'BTCUSDT' }] });
  });

  it("have the bot's own fills of a position that EXTERNAL traded, too", () => {
    const { positions } = read(
      {},
      { both: [filled('0.5'), filled('0.2', { strategy_id: 'EXTERNAL', order_side: 'SELL' })] },
    );
    expect(positions).toMatchObject([{ side: 'long', amount: '0.5' }]);
  });

  const twice = {
    a: order(),
    b: [initialized({ instrument_id: 'BTCUSDT-LINEAR.BYBIT' }), submitted(), accepted({ account_id: 'BYBIT-001' })],
  };

  it('are refused if they are of two venues, or two accounts, and none is named', () => {
    const failure = (lists: Lists): unknown => {
      try {
        return read(lists);
      } catch (error) {
        return error instanceof FailureError ? error.failure : error;
      }
    };
    expect(failure(twice)).toMatchObject({
      kind: 'configuration',
      where: 'internal.venue',
      message: expect.stringContaining('BINANCE, BYBIT'),
    });
    const spot = [initialized(), submitted(), accepted({ account_id: 'BINANCE-SPOT-001' })];
    expect(failure({ a: order(), spot })).toMatchObject({ kind: 'configuration', where: 'internal.account_id' });
  });

  it.each([
    ['binanceusdm', 'BTCUSDT-LINEAR.BYBIT', 'BYBIT-UNIFIED', 'internal.venue'],
    ['bybit', 'BTCUSDT-PERP.BINANCE', 'BINANCE-001', 'internal.venue'],
    ['binanceusdm', 'BTCUSDT.BINANCE', 'BINANCE-SPOT-master', 'internal.account_id'],
    ['binance', 'BTCUSDT-PERP.BINANCE', 'BINANCE-USDT_FUTURES-master', 'internal.account_id'],
  ])('of %s are not those of %s, account %s', (exchange, instrument_id, account_id, where) => {
    const lists = { a: [initialized({ instrument_id }), submitted(), accepted({ account_id })] };
    expect(() => read(lists, {}, { ...ANY, exchange })).toThrow(
      expect.objectContaining({ failure: expect.objectContaining({ kind: 'configuration', where }) }),
    );
    const named = { exchange, venue: instrument_id.split('.')[1] ?? '', accountId: account_id };
    expect(() => read(lists, {}, named)).not.toThrow();
  });

  it('may be of a venue whose name the bot lengthens', () => {
    const lists = { a: [initialized({ instrument_id: 'BTCUSDT-PERP.BINANCE_FUTURES' }), submitted(), accepted()] };
    expect(() => read(lists, {}, { ...ANY, exchange: 'binanceusdm' })).not.toThrow();
  });

  it('are those of the venue that is named', () => {
    const { orders } = read(twice, {}, { ...ANY, venue: 'BINANCE', accountId: 'BINANCE-001' });
    expect(orders).toHaveLength(1);
  });
});

describe('the symbol of an instrument', () => {
  it.each([
    ['BTCUSDT-PERP.BINANCE', 'BTCUSDT'],
    ['BTCUSDT.BINANCE', 'BTCUSDT'],
    ['BTCUSD_PERP.BINANCE', 'BTCUSD_PERP'],
    ['BTCUSD-PERP.BINANCE', 'BTCUSD_PERP'],
    ['BNBUSD-PERP.BINANCE', 'BNBUSD_PERP'],
    ['BTCFDUSD-PERP.BINANCE', 'BTCFDUSD'],
    ['kPEPE-USD-PERP.HYPERLIQUID', 'KPEPE/USDC:USDC'],
    ['BTCUSDT-LINEAR.BYBIT', 'BTC/USDT:USDT'],
    ['1000PEPEUSDT-LINEAR.BYBIT', '1000PEPE/USDT:USDT'],
    ['BTCPERP-LINEAR.BYBIT', 'BTC/USDC:USDC'],
    ['BTCUSD-INVERSE.BYBIT', 'BTC/USD:BTC'],
    ['ETHUSDT-SPOT.BYBIT', 'ETH/USDT'],
    ['BTC-USDT-SWAP.OKX', 'BTC-USDT-SWAP'],
    ['BTC-USDT.OKX', 'BTC-USDT'],
    ['BTC-USD-PERP.HYPERLIQUID', 'BTC/USDC:USDC'],
    ['PURR-USDC-SPOT.HYPERLIQUID', 'PURR/USDC'],
    ['PF_XBTUSD.KRAKEN', 'PF_XBTUSD'],
    ['BTC-USD-PERP.DYDX', 'BTC-USD'],
    ['NOVENUE', 'NOVENUE'],
  ])('%s is %s', (id, symbol) => {
    expect(symbolOf(id, null)).toBe(symbol);
  });

  it('is that of the definition where the id does not say it', () => {
    const definition = {
      type: 'CryptoPerpetual',
      base_currency: 'BTC',
      quote_currency: 'USDE',
      settlement_currency: 'USDE',
      multiplier: '1',
    };
    expect(symbolOf('BTCUSDE-LINEAR.BYBIT', readInstrument(definition))).toBe('BTC/USDE:USDE');
  });

  it('is not known from a definition that cannot be read', () => {
    expect(readInstrument({ type: 'CryptoPerpetual', multiplier: '0' })).toBeNull();
    expect(readInstrument(null)).toBeNull();
  });
});
