import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { compare } from '../../src/domain/compare/compare.js';
import { remedyOf } from '../../src/domain/difference/describe.js';
import {
  DISCREPANCY_TYPES,
  HINT_KINDS,
  MISSING_CAUSES,
  type Difference,
  type DiscrepancyType,
  type HintKind,
  type MissingCause,
} from '../../src/domain/difference/difference.js';
import { withExplanations } from '../../src/domain/explain/explain.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { BTC, RULES, balance, order, position, sides } from './snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;

const text = readFileSync(new URL('../../docs/remedies.md', import.meta.url), 'utf8');

/** The rows of the table below a heading: the name in the first cell, and the cells after it. */
function table(heading: string): Map<string, string[]> {
  const section = text.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| `'));
  return new Map(
    lines.map((line) => {
      const [name = '', ...cells] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [name.replaceAll('`', ''), cells];
    }),
  );
}

function one(exchange: Fields, internal: Fields): Difference {
  const snapshots = sides(exchange, internal);
  const [difference] = compare(...snapshots, { ...RULES, compareBalances: true }).differences;
  if (difference === undefined) throw new Error('no difference');
  return difference;
}

const plain = { clientOrderId: null };
const missing = one({}, { orders: [order(plain)] });

const TYPES: Record<DiscrepancyType, Difference> = {
  POSITION_OPENED_EXTERNALLY: one({ positions: [position()] }, {}),
  POSITION_SIZE_CHANGED: one({ positions: [position({ amount: '0.7' })] }, { positions: [position()] }),
  POSITION_CLOSED_EXTERNALLY: one({}, { positions: [position()] }),
  ORDER_PLACED_EXTERNALLY: one({ orders: [order(plain)] }, {}),
  ORDER_MISSING_ON_EXCHANGE: missing,
  ORDER_AMENDED_EXTERNALLY: one({ orders: [order({ ...plain, price: '61000' })] }, { orders: [order(plain)] }),
  ORDER_FILL_MISSED: one({ orders: [order({ ...plain, filled: '0.006' })] }, { orders: [order(plain)] }),
  BALANCE_CHANGED_EXTERNALLY: one({ balances: [balance('USDT', '990')] }, { balances: [balance('USDT', '1000')] }),
};

function missingBy(cause: MissingCause): Difference {
  const isFilled = cause === 'filled' || cause === 'liquidated';
  const livesOn = cause === 'triggered' || cause === 'replaced' ? { becameOpen: '18' } : {};
  const filled = isFilled ? '0.01' : '0';
  const explanation = { cause, filled, averagePrice: null, at: null, source: 'order query', ...livesOn };
  const [explained] = withExplanations([missing], [explanation]);
  if (explained === undefined) throw new Error('no difference');
  return explained;
}

function hinted(kind: HintKind): Difference {
  const hint = { kind, text: '' };
  switch (kind) {
    case 'coins':
      return { ...one({ positions: [position({ symbol: 'BTC/USD:BTC', amount: '500' })] }, {}), hint };
    case 'remaining': {
      const outside = order({ ...plain, filled: '0.004' });
      return { ...one({ orders: [outside] }, { orders: [order({ ...plain, amount: '0.006' })] }), hint };
    }
    case 'own_order':
    case 'lives_on':
      return { ...TYPES.ORDER_PLACED_EXTERNALLY, hint };
    case 'contracts':
    case 'value':
    case 'scale':
    case 'unread_rows':
      return { ...TYPES.POSITION_OPENED_EXTERNALLY, hint };
  }
}

describe('docs/remedies.md', () => {
  it('has each discrepancy type, with the words of its remedy', () => {
    const rows = table('Discrepancies');
    expect([...rows.keys()]).toEqual([...DISCREPANCY_TYPES]);
    for (const type of DISCREPANCY_TYPES) {
      const { inBot, onExchange } = remedyOf(TYPES[type]);
      expect([type, ...(rows.get(type) ?? []).slice(0, 2)]).toEqual([type, inBot, onExchange ?? '-']);
      expect(rows.get(type)).toHaveLength(4);
    }
  });

  it('has each cause of a missing order, and none of them is placed again', () => {
    const rows = table('Causes of missing orders');
    expect([...rows.keys()].toSorted()).toEqual([...MISSING_CAUSES].toSorted());
    for (const cause of MISSING_CAUSES) {
      expect(remedyOf(missingBy(cause))).toEqual({ inBot: rows.get(cause)?.[0], onExchange: null });
    }
  });

  it('has each hint, and none of them has an act on the exchange', () => {
    const rows = table('Hints');
    expect([...rows.keys()].toSorted()).toEqual([...HINT_KINDS].toSorted());
    for (const kind of HINT_KINDS) {
      expect(remedyOf(hinted(kind))).toEqual({ inBot: rows.get(kind)?.[0], onExchange: null });
    }
  });
});

describe('an act on the exchange', () => {
  const amended = (exchange: Parameters<typeof order>[0], internal: Parameters<typeof order>[0]): string | null =>
    remedyOf(one({ orders: [order(exchange)] }, { orders: [order(internal)] })).onExchange;

  it.each<[string, Parameters<typeof order>[0], Parameters<typeof order>[0], string | null]>([
    [
      'a buy goes back to a lower price',
      { price: '61000' },
      {},
      'amend the order back to price 60,000 on the exchange',
    ],
    ['a buy does not go back to a higher price, which may fill at once', { price: '59000' }, {}, null],
    [
      'a sell goes back to a higher price',
      { price: '59000', side: 'sell' },
      { side: 'sell' },
      'amend the order back to price 60,000 on the exchange',
    ],
    ['a sell does not go back to a lower price', { price: '61000', side: 'sell' }, { side: 'sell' }, null],
    ['a smaller amount is restored', { amount: '0.02' }, {}, 'amend the order back to amount 0.01 BTC on the exchange'],
    ['a larger amount is not', { amount: '0.005' }, {}, null],
    ['an amount that is filled already is not', { amount: '0.02', filled: '0.01' }, { filled: '0.01' }, null],
    ['of two terms both must be harmless', { amount: '0.02', price: '59000' }, {}, null],
  ])('restores terms only if that cannot fill: %s', (_, exchange, internal, act) => {
    expect(amended(exchange, internal)).toBe(act);
  });

  it('moves no trigger, and cancels no conditional or attached order', () => {
    const stop = { type: 'stop_market', price: null, triggerPrice: '55000', conditional: true };
    expect(amended({ ...stop, triggerPrice: '56000' }, stop)).toBeNull();
    expect(remedyOf(one({ orders: [order(stop)] }, {})).onExchange).toBeNull();
    expect(remedyOf(one({ orders: [order({ parent: '7' })] }, {})).onExchange).toBeNull();
    expect(remedyOf(one({ orders: [order()] }, {})).onExchange).toBe('cancel it on the exchange');
  });

  it('is not offered for what may be in rows of the bot that could not be read', () => {
    const unread = ['positions:linear:USDT', 'orders:regular:linear:USDT'].map((scope) => {
      return { scope, symbol: 'OLD/USDT:USDT', code: 'SYMBOL_UNKNOWN' as const, reason: 'not listed' };
    });
    const opened = one({ positions: [position()] }, { unread });
    expect(opened.hint).toEqual({
      kind: 'unread_rows',
      text: 'the bot has rows of OLD/USDT:USDT that could not be compared, and it may be one of them',
    });
    expect(remedyOf(opened).onExchange).toBeNull();
    expect(remedyOf(one({ orders: [order()] }, { unread })).onExchange).toBeNull();
  });

  it('is not offered for the order that a missing one became', () => {
    const [exchange, internal] = sides(
      { orders: [order({ id: '18', clientOrderId: 'sys-18', price: '59000' })] },
      { orders: [order({ ...plain, type: 'stop' })] },
    );
    const { differences } = compare(exchange, internal, RULES);
    const at = { filled: null, averagePrice: null, at: null, source: 'order query' };
    const [placed, gone] = withExplanations(differences, [{ ...at, cause: 'triggered', becameOpen: '18' }]);
    expect(placed).toMatchObject({ hint: { kind: 'lives_on', text: 'it is what became of order 17' } });
    expect([placed, gone].map((difference) => difference && remedyOf(difference))).toEqual([
      { inBot: 'add order 18 ("sys-18") to the bot\'s state in place of the order that became it', onExchange: null },
      { inBot: "record order 18 in place of order 17 in the bot's state", onExchange: null },
    ]);
  });

  it('is not offered for an order with a client order id of the bot', () => {
    const [exchange, internal] = sides(
      { orders: [order({ id: '18', clientOrderId: '27f109', price: '59000' })] },
      { orders: [order({ clientOrderId: '27f109' })] },
    );
    const [placed] = compare(exchange, internal, RULES).differences;
    expect(placed).toMatchObject({ symbol: BTC, hint: { kind: 'own_order' } });
  });

  it("is not offered for the bot's own order behind a broker's prefix, also where its terms differ", () => {
    const orders = [order({ id: '18', clientOrderId: 'x-xcKtGhcu27f109953d6e', price: '59000' })];
    const [exchange, internal] = sides({ orders }, { orders: [order({ id: null, clientOrderId: '27f109953d6e' })] });
    const [placed] = compare(exchange, internal, RULES).differences;
    expect(placed?.hint?.kind).toBe('own_order');
    expect(placed && remedyOf(placed).onExchange).toBeNull();
  });
});
