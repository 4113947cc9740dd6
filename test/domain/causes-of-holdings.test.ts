import { describe, expect, it } from '@jest/globals';
import { compare } from '../../src/domain/compare/compare.js';
import { remedy } from '../../src/domain/difference/describe.js';
import { withExplanations, explainable } from '../../src/domain/explain/explain.js';
import type { MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import { relate } from '../../src/domain/explain/relate.js';
import type { VenueAction } from '../../src/domain/explain/cause.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { balance, order, RULES, sides, stopOrder } from './snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;
type Answers = Record<string, Partial<MissingOrderExplanation>>;

function causes(exchange: Fields, internal: Fields, answers: Answers = {}, venueActions: VenueAction[] = []): string[] {
  const scopes = ['orders', 'balances'];
  const { differences } = compare(...sides({ ...exchange, scopes }, { ...internal, scopes }), {
    ...RULES,
    compareBalances: 'auto',
  });
  const unknown: MissingOrderExplanation = {
    cause: 'unknown',
    filled: null,
    averagePrice: null,
    at: null,
    source: '-',
  };
  const explained = withExplanations(
    differences,
    explainable(differences).map(({ id }) => ({ ...unknown, ...answers[id ?? ''] })),
  );
  return relate(explained, { venueActions }).map(
    ({ kind, text, differences: of }) => `${kind}: ${text} [${of.length}]`,
  );
}

const SPOT = 'BTC/USDT';
const takeProfit = order({ id: '1', clientOrderId: null, symbol: SPOT, side: 'sell', amount: '1', price: '65000' });
const stopLoss = stopOrder({ id: '2', clientOrderId: null, symbol: SPOT, side: 'sell', amount: '1' });
const FILLED = { cause: 'filled', filled: '1', averagePrice: '65000', source: 'order query' } as const;
const EXPIRED = { cause: 'expired', filled: '0', source: 'order query' } as const;

describe('what a spot account holds has the cause that moved it', () => {
  it('one OCO that filled on one leg is one cause, with its other leg and both currencies', () => {
    const before = { orders: [takeProfit, stopLoss], balances: [balance('BTC', '1'), balance('USDT', '0')] };
    const after = { balances: [balance('USDT', '64935')] };
    expect(causes(after, before, { 1: FILLED, 2: EXPIRED })).toEqual([
      'order_filled: BTC/USDT: order 1 filled 1 BTC at 65,000; order 2 ended with it; BTC and USDT moved by it [4]',
    ]);
  });

  it('a balance that moved by something else keeps a cause of its own', () => {
    const before = { orders: [takeProfit], balances: [balance('BTC', '1'), balance('USDT', '0')] };
    const after = { balances: [balance('USDT', '60000')] };
    expect(causes(after, before, { 1: FILLED })).toEqual([
      'order_filled: BTC/USDT: order 1 filled 1 BTC at 65,000; BTC moved by it [2]',
      "unexplained: USDT: 60,000 on the exchange, 0 in the bot's state [1]",
    ]);
  });

  const act = (kind: VenueAction['kind'], change: string): VenueAction => ({
    kind,
    symbol: 'BNB',
    change,
    price: null,
    at: null,
  });

  it.each<[VenueAction[], string]>([
    [
      [act('fee', '-0.02'), act('fee', '-0.007')],
      "fee: BNB: 0.089 on the exchange, 0.116 in the bot's state: fee of -0.027 BNB [1]",
    ],
    [
      [act('fee', '-0.017'), act('withdrawal', '-0.01')],
      "fee: BNB: 0.089 on the exchange, 0.116 in the bot's state: fee and withdrawal of -0.027 BNB [1]",
    ],
    [
      [act('fee', '-0.02'), act('deposit', '5')],
      "fee: BNB: 0.089 on the exchange, 0.116 in the bot's state: fee of -0.02 BNB; a further -0.007 BNB is unexplained [1]",
    ],
    [[act('deposit', '5')], "unexplained: BNB: 0.089 on the exchange, 0.116 in the bot's state [1]"],
  ])('%j', (venueActions, text) => {
    const found = causes(
      { balances: [balance('BNB', '0.089')] },
      { balances: [balance('BNB', '0.116')] },
      {},
      venueActions,
    );
    expect(found).toEqual([text]);
  });
});

describe('a stop that triggered', () => {
  const TRIGGERED = { cause: 'triggered', becameOpen: '14', source: 'trigger query' } as const;
  const lives = order({ id: '14', clientOrderId: null, side: 'sell', type: 'market', price: null });

  it('is one cause with the order that it became', () => {
    expect(
      causes({ orders: [lives] }, { orders: [stopOrder({ id: '2', clientOrderId: null })] }, { 2: TRIGGERED }),
    ).toEqual([
      'order_triggered: BTC/USDT:USDT: order 2 triggered and lives on as order 14 (sell 0.01 BTC market) [2]',
    ]);
  });

  it('is recorded, not placed again', () => {
    const scopes = ['orders'];
    const { differences } = compare(...sides({ scopes }, { scopes, orders: [stopOrder({ id: '2' })] }), RULES);
    const [missing] = withExplanations(differences, [{ filled: '0', averagePrice: null, at: null, ...TRIGGERED }]);
    if (missing === undefined) throw new Error('no difference');
    expect(remedy(missing)).toBe('record order 14 in place of order 2 ("bot-17") in the bot\'s state');
  });
});
