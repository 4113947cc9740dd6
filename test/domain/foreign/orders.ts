import * as fc from 'fast-check';
import type { OpenOrder } from '../../../src/domain/snapshot/snapshot.js';
import { exact, otherText, textOf } from './exact.js';
import { ORDER_SYMBOLS, stepOf, type MakeThing, type Near, type Thing } from './things.js';

const TYPES = ['limit', 'market', 'stop_market', 'stop', 'take_profit_market', 'trailing_stop_market'] as const;
/** How the bot's row names the order. */
const LINKS = ['both', 'id', 'client', 'prefixed', 'prefixedWithId', 'rounded', 'roundedWithClient', 'newId'] as const;
const PLANTS = [
  'none',
  'none',
  'none',
  'noise',
  'unreported',
  'price',
  'trigger',
  'amount',
  'side',
  'fill',
  'missing',
  'placed',
  'neighbour',
] as const;
type Plant = (typeof PLANTS)[number];

/** 19 digits; a float knows 16 of them. The distance keeps the rounded ids of two things apart. */
export function orderId(number: number, more = 0): string {
  return String(8_389_766_000_000_000_123n + BigInt(number) * 10_000_019n + BigInt(more));
}

function clientId(number: number, name = 'a'): string {
  return `27f1099${String(number).padStart(3, '0')}${name}`;
}

const orderTerms = fc.record({
  symbol: fc.constantFrom(...ORDER_SYMBOLS),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  type: fc.constantFrom(...TYPES),
  steps: fc.integer({ min: 2, max: 40 }),
  filledSteps: fc.constantFrom(0, 0, 0, 1),
});

/** An order that each side lists as one row. */
export const orderThing: fc.Arbitrary<MakeThing> = fc
  .record({
    terms: orderTerms,
    link: fc.constantFrom(...LINKS),
    plant: fc.constantFrom(...PLANTS),
    by: fc.integer({ min: 1, max: 3 }),
    text: fc.nat({ max: 2 }),
    knowsClass: fc.boolean(),
  })
  .map(({ terms, link, plant, by, text, knowsClass }) => (number: number): Thing => {
    const outside = trueRow(number, terms);
    const linked = { ...outside, ...idsOf(outside, link, number) };
    const isConditional = outside.conditional;
    const inside = planted({ ...linked, conditional: isConditional && knowsClass }, plant, by, number);
    const exchangeRow = seenByExchange(outside, link, number);
    const written = { ...inside, amount: inside.amount === null ? null : otherText(inside.amount, text) };
    return {
      symbol: terms.symbol,
      part: 'orders',
      kind: `${plant} by ${link}`,
      exchange: { orders: plant === 'missing' ? [] : [exchangeRow] },
      internal: { orders: plant === 'placed' ? [] : [written] },
      differs: (near) => {
        const amount = exact(outside.amount ?? '0');
        if (plant === 'missing' || plant === 'placed') return !near(terms.symbol, amount, 0n);
        if (plant === 'neighbour') return near(terms.symbol, amount, 0n) ? null : true;
        const isApart = termsDiffer(outside, inside, near) || link === 'newId';
        // A row that is matched by its terms alone is two rows if they differ; too small ones are not reported.
        return isApart && near(terms.symbol, amount, 0n) ? null : isApart;
      },
    };
  });

type Terms = typeof orderTerms extends fc.Arbitrary<infer T> ? T : never;

function trueRow(number: number, { symbol, side, type, steps, filledSteps }: Terms): OpenOrder {
  const isTriggered = type !== 'limit' && type !== 'market';
  const hasPrice = type === 'limit' || type === 'stop';
  return {
    id: orderId(number),
    clientOrderId: clientId(number),
    symbol,
    side,
    type,
    price: hasPrice ? String(59_000 + number) : null,
    triggerPrice: isTriggered ? String(55_000 + number) : null,
    amount: textOf(BigInt(steps) * stepOf(symbol)),
    filled: isTriggered ? '0' : textOf(BigInt(filledSteps) * stepOf(symbol)),
    conditional: isTriggered,
    changedAt: null,
  };
}

function seenByExchange(row: OpenOrder, link: (typeof LINKS)[number], number: number): OpenOrder {
  const clientOrderId = link.startsWith('prefixed') ? `x-xcKtGhcu${row.clientOrderId}` : row.clientOrderId;
  // The exchange shows the price at which a market order would fill, and moves the trigger of a trailing stop.
  if (row.type === 'market' || row.type === 'stop_market')
    return { ...row, clientOrderId, price: `${60_123 + number}` };
  if (row.type === 'trailing_stop_market') return { ...row, clientOrderId, triggerPrice: `${57_000 + number}` };
  return { ...row, clientOrderId };
}

function idsOf(row: OpenOrder, link: (typeof LINKS)[number], number: number): Pick<OpenOrder, 'id' | 'clientOrderId'> {
  const { id, clientOrderId } = row;
  const rounded = BigInt(Number(id)).toString();
  switch (link) {
    case 'both':
      return { id, clientOrderId };
    case 'id':
      return { id, clientOrderId: null };
    case 'client':
    case 'prefixed':
      return { id: null, clientOrderId };
    case 'prefixedWithId':
      return { id, clientOrderId };
    case 'rounded':
      return { id: number % 2 === 0 ? rounded : String(Number(id)), clientOrderId: null };
    case 'roundedWithClient':
      return { id: rounded, clientOrderId };
    case 'newId':
      return { id: orderId(number, 5_000_000), clientOrderId };
  }
}

function planted(row: OpenOrder, plant: Plant, by: number, number: number): OpenOrder {
  const step = stepOf(row.symbol);
  const amount = exact(row.amount ?? '0');
  const moved = (price: string | null, far: number): string | null =>
    price === null ? null : String(Number(price) + far);
  switch (plant) {
    case 'noise':
      return row.symbol === 'BTC/USD:BTC' ? row : { ...row, amount: textOf(amount + (step * 2n) / 10n) };
    case 'unreported':
      return { ...row, price: number % 2 === 0 ? null : '0', triggerPrice: row.triggerPrice === null ? '0' : null };
    case 'price':
      return { ...row, price: moved(row.price, by) ?? '60000' };
    case 'trigger':
      return { ...row, triggerPrice: moved(row.triggerPrice, by) };
    case 'amount':
      return { ...row, amount: textOf(amount + BigInt(by) * step) };
    case 'side':
      return { ...row, side: row.side === 'buy' ? 'sell' : 'buy' };
    case 'fill':
      return { ...row, filled: textOf(exact(row.filled) + BigInt(by) * step) };
    case 'neighbour':
      // The bot's order is gone, and another one with the same terms and the next id is open.
      return { ...row, id: orderId(number, -by), clientOrderId: clientId(number, 'b') };
    case 'none':
    case 'missing':
    case 'placed':
      return row;
  }
}

/** What an exact look at both rows finds, by the documented rules of which terms count. */
function termsDiffer(outside: OpenOrder, inside: OpenOrder, near: Near): boolean {
  const isShown = (text: string | null): text is string => text !== null && exact(text) !== 0n;
  const apart = (a: string | null, b: string | null): boolean => isShown(a) && isShown(b) && exact(a) !== exact(b);
  const { symbol, type } = outside;
  const isMarket = type.endsWith('market');
  return (
    outside.side !== inside.side ||
    (!isMarket && apart(outside.price, inside.price)) ||
    (!type.startsWith('trailing') && apart(outside.triggerPrice, inside.triggerPrice)) ||
    !near(symbol, exact(outside.amount ?? '0'), exact(inside.amount ?? '0')) ||
    !near(symbol, exact(outside.filled), exact(inside.filled))
  );
}

const OCO_PLANTS = ['none', 'none', 'price', 'amount', 'fill', 'legGone', 'missing', 'placed', 'side'] as const;

/** An order of two legs of which one cancels the other: one row on one side, two on the other, or two on both. */
export const ocoThing: fc.Arbitrary<MakeThing> = fc
  .record({
    symbol: fc.constantFrom('BTC/USDT:USDT', 'BTC/USDT'),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    steps: fc.integer({ min: 3, max: 40 }),
    shown: fc.constantFrom('wholeOutside', 'wholeInside', 'legs', 'wholes'),
    plant: fc.constantFrom(...OCO_PLANTS),
    isStopLimit: fc.boolean(),
    hasParent: fc.boolean(),
  })
  .map(({ symbol, side, steps, shown, plant, isStopLimit, hasParent }) => (number: number): Thing => {
    const amount = BigInt(steps) * stepOf(symbol);
    const oco = { symbol, side, amount, stop: 50_000 + number, profit: 70_000 + number, isStopLimit, filled: 0n };
    const other = {
      ...oco,
      ...(plant === 'price' ? { profit: oco.profit + 5 } : {}),
      ...(plant === 'amount' ? { amount: amount + stepOf(symbol) } : {}),
      ...(plant === 'fill' ? { filled: stepOf(symbol) } : {}),
      ...(plant === 'side' ? { side: side === 'buy' ? ('sell' as const) : ('buy' as const) } : {}),
    };
    const outside = shown === 'wholeOutside' || shown === 'wholes' ? whole(oco, number) : legs(oco, number, hasParent);
    const inside =
      shown === 'wholeInside' || shown === 'wholes' ? whole(other, number) : legs(other, number, hasParent);
    const cut = plant === 'legGone' && inside.length === 2 ? inside.slice(number % 2, (number % 2) + 1) : inside;
    return {
      symbol,
      part: 'orders',
      kind: `${plant} of OCO as ${shown}`,
      exchange: { orders: plant === 'missing' ? [] : outside },
      internal: { orders: plant === 'placed' ? [] : cut },
      differs: (near) => {
        if (plant === 'none' || (plant === 'legGone' && cut === inside)) return false;
        if (near(symbol, amount, 0n)) return null;
        if (plant === 'amount') return !near(symbol, amount, other.amount);
        if (plant === 'fill') return !near(symbol, 0n, other.filled);
        return true;
      },
    };
  });

interface Oco {
  symbol: string;
  side: 'buy' | 'sell';
  amount: bigint;
  filled: bigint;
  stop: number;
  profit: number;
  isStopLimit: boolean;
}

function whole({ symbol, side, amount, filled, stop, profit }: Oco, number: number): OpenOrder[] {
  return [
    {
      id: orderId(number),
      clientOrderId: null,
      symbol,
      side,
      type: 'oco',
      price: null,
      triggerPrice: String(stop),
      secondTriggerPrice: String(profit),
      amount: textOf(amount),
      filled: textOf(filled),
      conditional: true,
      changedAt: null,
    },
  ];
}

function legs(oco: Oco, number: number, hasParent: boolean): OpenOrder[] {
  const { symbol, side, amount, filled, stop, profit, isStopLimit } = oco;
  const base = { symbol, side, amount: textOf(amount), changedAt: null };
  const parent = hasParent ? { parent: `list${number}` } : {};
  return [
    {
      ...base,
      ...parent,
      id: orderId(number, 3_000_000),
      clientOrderId: `sl${number}`,
      type: isStopLimit ? 'stop' : 'stop_market',
      price: isStopLimit ? String(stop - 10) : null,
      triggerPrice: String(stop),
      filled: '0',
      conditional: true,
    },
    {
      ...base,
      ...parent,
      id: orderId(number, 6_000_000),
      clientOrderId: `tp${number}`,
      type: 'limit',
      price: String(profit),
      triggerPrice: null,
      filled: textOf(filled),
      conditional: false,
    },
  ];
}

/** An entry order with a stop-loss attached to it. Bots often keep the stop as a term of the entry. */
export const attachedThing: fc.Arbitrary<MakeThing> = fc
  .record({
    terms: orderTerms,
    knows: fc.constantFrom('both', 'parent', 'parent', 'none', 'child'),
    trigger: fc.boolean(),
  })
  .map(({ terms, knows, trigger }) => (number: number): Thing => {
    const entry = { ...trueRow(number, { ...terms, type: 'limit' }), filled: '0' };
    const stop: OpenOrder = {
      ...entry,
      id: orderId(number, 3_000_000),
      clientOrderId: clientId(number, 'sl'),
      type: 'stop_market',
      side: entry.side === 'buy' ? 'sell' : 'buy',
      price: null,
      triggerPrice: '50000',
      conditional: true,
      parent: entry.id ?? '',
    };
    const believed = { ...stop, id: null, triggerPrice: trigger ? '50500' : '50000' };
    const inside = { both: [entry, believed], parent: [entry], none: [], child: [believed] }[knows];
    return {
      symbol: terms.symbol,
      part: 'orders',
      kind: `attached, the bot knows ${knows}`,
      exchange: { orders: [entry, stop] },
      internal: { orders: inside },
      differs: (near) => {
        if (knows === 'parent') return false;
        const isSmall = near(terms.symbol, exact(entry.amount ?? '0'), 0n);
        if (knows === 'both') return trigger;
        return isSmall ? null : true;
      },
    };
  });
