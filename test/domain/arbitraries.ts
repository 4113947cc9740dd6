import * as fc from 'fast-check';
import { normalizeDecimal } from '../../src/domain/decimal/decimal.js';
import type { CompareRules } from '../../src/domain/policy/policy.js';
import type { Balance, OpenOrder, Position, Side, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { NOON, RULES, snapshot } from './snapshots.js';

/** Few symbols, ids and numbers, so that the two sides often speak of the same things. */
const CONTRACTS = ['BTC/USDT:USDT', 'ETH/USDT:USDT', 'BTC/USD:BTC'];
/** A spot position is a balance of the exchange; test/domain/holdings.test.ts has those. */
const SYMBOLS = [...CONTRACTS, 'SOL/USDT'];
const AMOUNTS = ['0.001', '0.0014', '0.002', '0.5', '0.500', '5e-1', '0.501', '1', '12.000', '0.00049', '0.0005'];
const PRICES = ['60000', '60000.0', '6e4', '60000.1', '59999.99', '0', '1e-8'];

export const decimalText: fc.Arbitrary<string> = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 18 }))
  .map(([digits, places]) => {
    const sign = digits < 0n ? '-' : '';
    const text = (digits < 0n ? -digits : digits).toString().padStart(places + 1, '0');
    return places === 0 ? sign + text : `${sign}${text.slice(0, -places)}.${text.slice(-places)}`;
  });

/** Another text of the same number. */
export function rewritten(text: string): fc.Arbitrary<string> {
  const plain = normalizeDecimal(text);
  const zeros = fc
    .integer({ min: 0, max: 5 })
    .map((count) => (plain.includes('.') ? plain : `${plain}.`) + '0'.repeat(count));
  const exponent = fc.integer({ min: -3, max: 3 }).map((by) => `${shifted(plain, -by)}e${by}`);
  return fc.oneof(fc.constant(plain), zeros, exponent);
}

/** The number times ten to the power of `by`, as plain text. */
function shifted(plain: string, by: number): string {
  return normalizeDecimal(`${plain}e${by}`);
}

const time = fc.option(fc.integer({ min: NOON - 100_000, max: NOON }), { nil: null });

export const position: fc.Arbitrary<Position> = fc.record({
  symbol: fc.constantFrom(...CONTRACTS),
  side: fc.constantFrom('long', 'short'),
  amount: fc.constantFrom(...AMOUNTS),
  changedAt: time,
});

export const order: fc.Arbitrary<OpenOrder> = fc
  .record({
    id: fc.option(fc.constantFrom('1', '2', '3', '4', '5'), { nil: null, freq: 3 }),
    clientOrderId: fc.option(fc.constantFrom('bot-1', 'bot-2', 'bot-3', 'manual-1'), { nil: null, freq: 3 }),
    symbol: fc.constantFrom(...SYMBOLS),
    side: fc.constantFrom('buy', 'sell'),
    type: fc.constantFrom('limit', 'stop_market', 'stop'),
    price: fc.option(fc.constantFrom(...PRICES), { nil: null, freq: 5 }),
    triggerPrice: fc.constant(null),
    amount: fc.option(fc.constantFrom(...AMOUNTS), { nil: null, freq: 9 }),
    filled: fc.constantFrom('0', '0.0', '0.001', '0.0004', '0.4'),
    conditional: fc.boolean(),
    changedAt: time,
  })
  .map((row) => {
    // An order that waits for a trigger is filed as such by both sides; doubtful ones have tests of their own.
    const conditional = row.type !== 'limit';
    const id = row.id === null && row.clientOrderId === null ? '6' : row.id;
    return { ...row, id, conditional, triggerPrice: conditional ? '55000' : null };
  });

const balance: fc.Arbitrary<Balance> = fc.record({
  currency: fc.constantFrom('USDT', 'BTC', 'BNB'),
  total: fc.constantFrom('0', '1', '1.0', '1.2', '1000'),
});

const scopes: fc.Arbitrary<string[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<string[]>(['positions', 'orders', 'balances']) },
  {
    weight: 2,
    arbitrary: fc.subarray([
      'positions',
      'positions:linear',
      'positions:linear:USDT',
      'positions:spot',
      'orders',
      'orders:regular',
      'orders:conditional',
      'orders:regular:linear',
      'orders:conditional:inverse',
      'balances',
      'balances:USDT',
    ]),
  },
);

const markets = fc.constantFrom({}, Object.fromEntries(SYMBOLS.map((symbol) => [symbol, { amountStep: '0.001' }])));

type Fields = Omit<Snapshot, 'side' | 'readStartedAt' | 'readEndedAt' | 'asOf'>;

const fields: fc.Arbitrary<Fields> = fc.record({
  positionMode: fc.constantFrom('one-way' as const, 'hedge' as const, null),
  scopes,
  gaps: fc.constant<Fields['gaps']>([]),
  positions: fc.array(position, { maxLength: 6 }),
  orders: fc.array(order, { maxLength: 8 }),
  balances: fc.uniqueArray(balance, { maxLength: 3, selector: ({ currency }) => currency }),
  markets,
});

/** Two accounts that have much in common: the internal rows are the exchange's, some changed, some gone, some new. */
export const bothSides: fc.Arbitrary<[exchange: Snapshot, internal: Snapshot]> = fc
  .tuple(fields, fields, fc.infiniteStream(fc.nat({ max: 9 })))
  .map(([outside, inside, dice]) => {
    const roll = (): number => dice.next().value ?? 0;
    const kept = <T>(rows: T[], others: T[]): T[] => [
      ...rows.filter(() => roll() < 7),
      ...others.filter(() => roll() < 4),
    ];
    const mixed: Fields = {
      ...inside,
      positions: kept(outside.positions, inside.positions),
      orders: kept(
        outside.orders.map((row) =>
          roll() < 2 ? { ...row, ...inside.orders[0], id: row.id, clientOrderId: row.clientOrderId } : row,
        ),
        inside.orders,
      ),
      balances: kept(outside.balances, inside.balances).filter(
        (row, index, all) => all.findIndex(({ currency }) => currency === row.currency) === index,
      ),
    };
    return [snapshot('exchange', outside), snapshot('internal', mixed)];
  });

export const compareRules: fc.Arbitrary<CompareRules> = fc.record({
  tolerance: fc.constantFrom(
    {},
    { '*': '0.0005' },
    { 'BTC/USDT:USDT': '0.01', BTC: '0.5' },
    { '*': '0.2%' },
    { '*': '20%' },
  ),
  compareBalances: fc.boolean(),
  ignore: fc.record({
    symbols: fc.constantFrom([], ['ETH/USDT:USDT'], ['BNB']),
    clientOrderIdPrefixes: fc.constantFrom([], ['manual-'], ['manual-', 'bot-1']),
    types: fc.constantFrom([], ['ORDER_FILL_MISSED' as const], ['POSITION_OPENED_EXTERNALLY' as const]),
  }),
});

/** Rules that ignore nothing, with any tolerance. */
export const strictRules: fc.Arbitrary<CompareRules> = compareRules.map((rules) => ({
  ...rules,
  ignore: RULES.ignore,
}));

export function sideOf(side: Side, of: Snapshot): Snapshot {
  return { ...of, side };
}

/** The account as an exchange would have it: no order is listed twice, no client order id is used twice. */
export function withoutRepeatedOrders(state: Snapshot): Snapshot {
  const isFirst = (row: OpenOrder, index: number): boolean =>
    state.orders.findIndex(
      (other) =>
        other.symbol === row.symbol &&
        ((row.id !== null && other.id === row.id) ||
          (row.clientOrderId !== null && other.clientOrderId === row.clientOrderId)),
    ) === index;
  return { ...state, orders: state.orders.filter(isFirst) };
}

/** As `bothSides`, without repeated orders. */
export const tidySides: typeof bothSides = bothSides.map(([exchange, internal]) => [
  withoutRepeatedOrders(exchange),
  withoutRepeatedOrders(internal),
]);
