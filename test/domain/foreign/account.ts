import * as fc from 'fast-check';
import type { CompareRules } from '../../../src/domain/policy/policy.js';
import type { Snapshot, Unread } from '../../../src/domain/snapshot/snapshot.js';
import { NOON, snapshot } from '../snapshots.js';
import { CONTRACT_SYMBOLS, CURRENCY_NAMES, holdingThing, positionThing } from './holdings.js';
import { attachedThing, ocoThing, orderThing } from './orders.js';
import { MARKETS, type MakeThing, type Rows, type Thing } from './things.js';

/** What a side could not read of a thing. */
export interface Loss {
  thing: Thing;
  side: 'exchange' | 'internal';
  entry: Unread;
}

export interface ForeignAccount {
  things: Thing[];
  losses: Loss[];
  exchange: Snapshot;
  internal: Snapshot;
  rules: CompareRules;
}

const KINDS = ['contracts', 'spot', 'both'] as const;
type Kind = (typeof KINDS)[number];

const SCOPES: Record<Kind, string[]> = {
  contracts: ['positions:linear', 'positions:inverse', 'orders:regular', 'orders:conditional'],
  spot: ['orders:regular:spot', 'orders:conditional:spot', 'balances'],
  both: ['positions:linear', 'positions:inverse', 'orders:regular', 'orders:conditional', 'balances'],
};

const symbols = <T extends string>(all: readonly T[], most: number): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...all], { maxLength: most });

function thingsOf(kind: Kind): fc.Arbitrary<MakeThing[]> {
  const each = (names: readonly string[], of: (name: string) => fc.Arbitrary<MakeThing>): fc.Arbitrary<MakeThing[]> =>
    symbols(names, 3).chain((chosen) => fc.tuple(...chosen.map(of)));
  const none = fc.constant<MakeThing[]>([]);
  const positions = kind === 'spot' ? none : each(CONTRACT_SYMBOLS, positionThing);
  const holdings = kind === 'contracts' ? none : each(CURRENCY_NAMES, holdingThing);
  const anyOrder = fc.oneof({ weight: 5, arbitrary: orderThing }, ocoThing, attachedThing);
  const orders = fc.array(anyOrder, { maxLength: 4 });
  return fc.tuple(positions, holdings, orders).map((lists) => lists.flat());
}

const rules: fc.Arbitrary<Omit<CompareRules, 'compareBalances'>> = fc.record({
  tolerance: fc.constantFrom<Record<string, string>>(
    {},
    {},
    {},
    { BTC: '0.0005', 'BTC/USDT:USDT': '0.002' },
    { '*': '0.2%' },
    { '*': '0.0005+0.2%' },
    { BTC: '0.00001+0.11%', ETH: '0.11%', 'BTC/USD:BTC': '100' },
  ),
  atLeast: fc.constantFrom<string[]>([], [], ['BTC'], ['*']),
  ignore: fc.record({
    symbols: fc.constantFrom<string[]>([], [], [], ['BTC/USDT:USDT'], ['ETH']),
    clientOrderIdPrefixes: fc.constant<string[]>([]),
    types: fc.constant<CompareRules['ignore']['types']>([]),
  }),
});

/** An account with everything that it shows, and what each side could not read. */
export const foreignAccount: fc.Arbitrary<ForeignAccount> = fc
  .constantFrom(...KINDS)
  .chain((kind) =>
    fc.tuple(
      fc.constant(kind),
      thingsOf(kind),
      rules,
      fc.array(fc.record({ of: fc.nat({ max: 6 }), inside: fc.boolean(), whole: fc.boolean(), code: fc.boolean() }), {
        maxLength: 2,
      }),
      fc.infiniteStream(fc.nat({ max: 1000 })),
    ),
  )
  .map(([kind, makers, rest, lost, dice]) => {
    const things = makers.map((make, index) => make(index + 1));
    const losses = lost.flatMap((loss) => lossOf(things, loss));
    const compareBalances = kind === 'both' ? true : ('auto' as const);
    const account = { things, losses, rules: { ...rest, compareBalances, baseline: baselineOf(things) } };
    const markets = MARKETS;
    const sideOf = (side: 'exchange' | 'internal', scopes: string[]): Snapshot => {
      const unread = losses.filter((loss) => loss.side === side).map(({ entry }) => entry);
      const rows = shuffledRows(rowsOf(things, losses, side), () => dice.next().value ?? 0);
      const base = { scopes, markets: side === 'exchange' ? markets : {}, positionMode: null, asOf: NOON };
      return snapshot(side, { ...base, ...rows, ...(unread.length === 0 ? {} : { unread }) });
    };
    const said = kind === 'contracts' ? ['positions', 'orders'] : ['positions', 'orders', 'balances'];
    return { ...account, exchange: sideOf('exchange', SCOPES[kind]), internal: sideOf('internal', said) };
  });

function baselineOf(things: readonly Thing[]): NonNullable<CompareRules['baseline']> {
  const held = things.flatMap(({ beside }) => beside ?? []);
  const of = (isPosition: boolean): Record<string, string> =>
    Object.fromEntries(
      held.filter(({ symbol }) => symbol.includes('/') === isPosition).map(({ symbol, amount }) => [symbol, amount]),
    );
  return { positions: of(true), balances: of(false) };
}

interface LossMade {
  of: number;
  inside: boolean;
  whole: boolean;
  code: boolean;
}

/** A thing's rows on one side become an unread part: of their symbol, or of their whole scope. */
function lossOf(things: readonly Thing[], { of, inside, whole, code }: LossMade): Loss[] {
  const thing = things[of];
  if (thing === undefined) return [];
  const side = inside ? ('internal' as const) : ('exchange' as const);
  const rows = thing[side];
  const position = rows.positions?.[0];
  const order = rows.orders?.[0];
  const balance = rows.balances?.[0];
  const scope =
    position !== undefined
      ? `positions:${marketOf(position.symbol)}`
      : order !== undefined
        ? `orders:${order.conditional ? 'conditional' : 'regular'}:${marketOf(order.symbol)}`
        : balance !== undefined
          ? `balances:${balance.currency}`
          : null;
  if (scope === null) return [];
  const symbol = position?.symbol ?? order?.symbol ?? balance?.currency ?? null;
  const entry: Unread = {
    scope: whole && order !== undefined ? scope.split(':').slice(0, 3).join(':') : scope,
    symbol: whole ? null : symbol,
    code: code ? 'SYMBOL_UNKNOWN' : 'ROW_UNREADABLE',
    reason: `${symbol} cannot be read`,
  };
  return [{ thing, side, entry }];
}

/** "spot", "linear:USDT", "inverse:BTC". */
export function marketOf(symbol: string): string {
  const [pair = '', settle] = symbol.split(':');
  if (settle === undefined) return 'spot';
  const currency = settle.split('-')[0] ?? '';
  return `${pair.startsWith(`${currency}/`) ? 'inverse' : 'linear'}:${currency}`;
}

function rowsOf(things: readonly Thing[], losses: readonly Loss[], side: 'exchange' | 'internal'): Rows {
  const rows: Rows = { positions: [], orders: [], balances: [] };
  for (const thing of things) {
    // All of its rows, so that it is never partly there.
    if (losses.some((loss) => loss.thing === thing && loss.side === side)) continue;
    rows.positions.push(...(thing[side].positions ?? []));
    rows.orders.push(...(thing[side].orders ?? []));
    rows.balances.push(...(thing[side].balances ?? []));
  }
  return rows;
}

function shuffledRows({ positions, orders, balances }: Rows, roll: () => number): Rows {
  const shuffled = <T>(list: T[]): T[] =>
    list
      .map((row) => ({ row, place: roll() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ row }) => row);
  return { positions: shuffled(positions), orders: shuffled(orders), balances: shuffled(balances) };
}
