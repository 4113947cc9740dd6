import { describe, expect, it } from '@jest/globals';
import { describeBeside } from '../../src/domain/compare/baseline.js';
import { compare } from '../../src/domain/compare/compare.js';
import { remedy } from '../../src/domain/difference/describe.js';
import type { Difference } from '../../src/domain/difference/difference.js';
import { botTrades, renamedTrades, type BotReference } from '../../src/domain/snapshot/bot-reference.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { BTC, ETH, RULES, balance, order, position, sides, stopOrder } from './snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;

function one(exchange: Fields, internal: Fields): Difference {
  const [difference] = compare(...sides(exchange, internal), { ...RULES, compareBalances: true }).differences;
  if (difference === undefined) throw new Error('no difference');
  return difference;
}

const freqtrade = (trades: Record<string, string[]>, source?: string): BotReference => ({
  kind: 'freqtrade',
  ...(source === undefined ? {} : { source }),
  trades: Object.fromEntries(Object.entries(trades).map(([symbol, ids]) => [symbol, botTrades(ids)])),
});
const WITH_TRADE = [freqtrade({ [BTC]: ['7'] })];
const RELOAD = '`/reload_trade 7` in Telegram, or `POST /api/v1/trades/7/reload`';
const SPOT = 'BTC/USDT';

describe("a remedy names Freqtrade's own way, with the id of its trade", () => {
  const plain = { clientOrderId: null };
  it.each<[string, Difference, string]>([
    [
      'position closed',
      one({}, { positions: [position()] }),
      `remove 0.5 BTC long from the bot's state (in Freqtrade: ${RELOAD}, which closes the trade; a forced exit fails, because nothing is left to close)`,
    ],
    [
      'position larger',
      one({ positions: [position({ amount: '0.7' })] }, { positions: [position()] }),
      `change 0.5 BTC long in the bot's state to 0.7 BTC long (in Freqtrade: ${RELOAD}), or close 0.2 BTC of it on the exchange`,
    ],
    [
      'a fill that opened the position',
      one({ positions: [position()] }, {}),
      `add 0.5 BTC long to the bot's state (in Freqtrade: ${RELOAD}), or close 0.5 BTC on the exchange`,
    ],
    [
      'order placed',
      one({ orders: [order(plain)] }, {}),
      `add order 17 to the bot's state (in Freqtrade: ${RELOAD}, which makes the order its own), or cancel it on the exchange`,
    ],
    [
      'order missing',
      one({}, { orders: [order(plain)] }),
      `remove order 17 from the bot's state (in Freqtrade: its next loop does it by itself; if the difference stays, ${RELOAD})`,
    ],
    [
      'order amended',
      one({ orders: [order({ ...plain, price: '61000' })] }, { orders: [order(plain)] }),
      `record price 61,000 for order 17 in the bot's state (in Freqtrade: its next loop does it by itself; if the difference stays, ${RELOAD}), or amend the order back to price 60,000 on the exchange`,
    ],
    [
      'fill missed',
      one({ orders: [order({ ...plain, filled: '0.006' })] }, { orders: [order(plain)] }),
      `record 0.006 BTC filled of order 17 in the bot's state (in Freqtrade: its next loop does it by itself; if the difference stays, ${RELOAD})`,
    ],
  ])('%s', (_, difference, text) => {
    expect(remedy(difference, WITH_TRADE)).toBe(text);
    expect(remedy(difference, [freqtrade({ [ETH]: ['8'] }, 'b')])).toBe(remedy(difference));
  });

  it('of a spot balance: the trades of all pairs with that coin', () => {
    const difference = one({ balances: [balance('BTC', '0.1')] }, { balances: [balance('BTC', '0.5')] });
    const bots = [freqtrade({ [SPOT]: ['7'], 'BTC/EUR': ['9'], 'ETH/BTC': ['10'] })];
    expect(remedy(difference, bots)).toBe(
      "record 0.1 BTC in the bot's state (in Freqtrade: `/reload_trade ID` in Telegram, or `POST /api/v1/trades/ID/reload`, for each of its 2 trades (7, 9))",
    );
  });

  it('of a position that it never opened: it cannot take it over, so the exchange comes first', () => {
    const opened = one({ positions: [position()] }, {});
    expect(remedy(opened, [freqtrade({})])).toBe(
      "Freqtrade takes over no position that it did not open: close 0.5 BTC on the exchange, or name it as a baseline if it is not the bot's (`baseline`)",
    );
    expect(remedy(one({ orders: [order(plain)] }, {}), [freqtrade({})])).toBe(
      'Freqtrade takes over no order without a trade: cancel it on the exchange',
    );
    // A stop may protect a position, so its end is not advised.
    expect(remedy(one({ orders: [stopOrder(plain)] }, {}), [freqtrade({})])).toBe(
      'Freqtrade takes over no order without a trade: decide by hand what becomes of it on the exchange',
    );
  });

  it('of one of several bots by the name of its source; another bot may have opened it', () => {
    const bots = [freqtrade({ [BTC]: ['7'] }, 'grid'), freqtrade({ [BTC]: ['3'] }, 'trend')];
    const larger = one({ positions: [position({ amount: '0.4' })] }, { positions: [position()] });
    expect(remedy(larger, bots)).toBe(
      `change 0.5 BTC long in the bot's state to 0.4 BTC long (in Freqtrade: ${RELOAD} (source "grid"); in Freqtrade: ${RELOAD.replaceAll('7', '3')} (source "trend"))`,
    );
    const opened = one({ positions: [position()] }, {});
    expect(remedy(opened, [freqtrade({}, 'grid')])).toBe(remedy(opened));
  });

  it('beside a baseline', () => {
    const baseline = { positions: { [BTC]: '0.2' }, balances: {} };
    const difference = one({ positions: [position({ amount: '0.9' })] }, { positions: [position({ amount: '0.7' })] });
    expect(describeBeside(difference, baseline, WITH_TRADE).remedy).toBe(
      `beside the baseline of 0.2 BTC: change 0.5 BTC long in the bot's state to 0.7 BTC long (in Freqtrade: ${RELOAD}), or close 0.2 BTC of it on the exchange`,
    );
  });

  it('but not of a wrong unit, which no trade can fix', () => {
    const markets = { [BTC]: { amountStep: '0.001', contractSize: '0.01' } };
    const units = one({ positions: [position()], markets }, { positions: [position({ amount: '50' })], markets });
    expect(remedy(units, WITH_TRADE)).toBe(remedy(units));
  });
});

describe('what a bot calls its trades', () => {
  it('is bounded, and only whole numbers are named', () => {
    expect(botTrades(['1', '2', '3', '4', '5', '6'])).toEqual({ ids: ['1', '2', '3', '4', '5'], count: 6 });
    expect(botTrades(['7; rm -rf /', '', '9'.repeat(21), '-1', '8'])).toEqual({ ids: ['8'], count: 5 });
    const closed = one({}, { positions: [position()] });
    expect(remedy(closed, [freqtrade({ [BTC]: ['x'] })])).toContain('for each of its 1 trades (`/status` lists them)');
    expect(remedy(closed, [freqtrade({ [BTC]: ['1', '2', '3', '4', '5', '6'] })])).toContain('(1, 2, 3, 4, 5, ...)');
  });

  it('follows the names of its symbols', () => {
    const renamed = renamedTrades(freqtrade({ FTM: ['1'], S: ['2'], constructor: ['3'] }), (name) =>
      name === 'FTM' ? 'S' : name,
    );
    expect(renamed.trades).toEqual({ S: { ids: ['1', '2'], count: 2 }, constructor: { ids: ['3'], count: 1 } });
    expect(remedy(one({}, { positions: [position()] }), [freqtrade({ constructor: ['3'] }, 'a')])).not.toContain(
      'Freqtrade',
    );
  });
});
