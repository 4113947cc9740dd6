import { Engine } from '../../packages/exchange-simulator/src/engine/engine.js';
import { remedyOf } from '../../src/domain/difference/describe.js';
import type { Difference } from '../../src/domain/difference/difference.js';
import type { OpenOrder, Position, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { ACCOUNT } from './script.js';
import type { World } from './world.js';

/** What a remedy tells a person to do on the exchange. */
export type Act =
  { kind: 'close'; amount: string } | { kind: 'cancel' } | { kind: 'amend'; price?: string; amount?: string };

/** Reads the act from the remedy's text, as a person does. Throws if the text says something else. */
export function actIn(text: string): Act {
  if (text === 'cancel it on the exchange') return { kind: 'cancel' };
  const close = /^close ([\d,.]+) \S+(?: of \S+)?(?: of it)? on the exchange$/.exec(text);
  if (close?.[1] !== undefined) return { kind: 'close', amount: plain(close[1]) };
  const terms = /^amend the order back to (.+) on the exchange$/.exec(text)?.[1];
  if (terms === undefined) throw new Error(`this remedy has an act that no test knows: ${text}`);
  const act: Act = { kind: 'amend' };
  for (const term of terms.split(/, (?=[a-z])/)) {
    const [, name, number = ''] = /^(price|amount) ([\d,.]+)(?: \S+)*$/.exec(term) ?? [];
    if (name === 'price') act.price = plain(number);
    else if (name === 'amount') act.amount = plain(number);
    else throw new Error(`this remedy amends a term that no test knows: ${text}`);
  }
  return act;
}

function plain(number: string): string {
  return number.replaceAll(',', '');
}

/** The act that the two values imply; null if the remedy offers none. */
export function actOf(difference: Difference): Act | null {
  if (remedyOf(difference).onExchange === null) return null;
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY':
      return { kind: 'close', amount: difference.exchange.amount };
    case 'POSITION_SIZE_CHANGED': {
      const excess = Number(difference.exchange.amount) - Number(difference.internal.amount);
      return { kind: 'close', amount: String(Math.round(excess * 1000) / 1000) };
    }
    case 'ORDER_PLACED_EXTERNALLY':
      return { kind: 'cancel' };
    case 'ORDER_AMENDED_EXTERNALLY': {
      const { terms = [], internal } = difference;
      const price = terms.includes('price') && internal.price !== null ? { price: internal.price } : {};
      const amount = terms.includes('amount') && internal.amount !== null ? { amount: internal.amount } : {};
      return { kind: 'amend', ...price, ...amount };
    }
    case 'POSITION_CLOSED_EXTERNALLY':
    case 'ORDER_MISSING_ON_EXCHANGE':
    case 'ORDER_FILL_MISSED':
    case 'BALANCE_CHANGED_EXTERNALLY':
      throw new Error(`${difference.type} has an act on the exchange that no test knows`);
  }
}

/** The exchange after the act, apart from the world, which goes on without it. */
export function afterAct(world: World, difference: Difference, act: Act): Engine {
  const engine = copyOf(world);
  const { symbol, orderId, side, exchange } = difference;
  const reference = { account: ACCOUNT, id: orderId ?? '' };
  switch (act.kind) {
    case 'cancel':
      engine.cancel(reference, 'manual');
      break;
    case 'amend': {
      const { price, amount } = act;
      engine.amend(reference, { price, amount }, 'manual');
      break;
    }
    case 'close': {
      const held = exchange !== null && 'amount' in exchange && 'changedAt' in exchange ? exchange : null;
      const isLong = (held as Position | null)?.side === 'long';
      const leg = side === null ? { reduceOnly: true } : { positionSide: side };
      const order = { symbol, side: isLong ? ('sell' as const) : ('buy' as const), type: 'market' as const };
      engine.place(ACCOUNT, 'manual', { ...order, amount: act.amount, ...leg });
      break;
    }
  }
  return engine;
}

export function copyOf(world: World): Engine {
  const now = world.engine.now();
  const engine = new Engine({ now: () => now, markets: world.kind.markets });
  engine.restore(world.engine.toState());
  return engine;
}

/** The bot's state after the first half of the remedy. */
export function afterChangeInBot(internal: Snapshot, difference: Difference): Snapshot {
  const { symbol, side } = difference;
  const isOfKey = (row: Position): boolean => row.symbol === symbol && (side === null || row.side === side);
  const others = internal.positions.filter((row) => !isOfKey(row));
  const withoutOrder = (row: OpenOrder | null): OpenOrder[] =>
    internal.orders.filter(({ id, clientOrderId }) => id !== row?.id || clientOrderId !== row.clientOrderId);
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY':
    case 'POSITION_SIZE_CHANGED':
      return { ...internal, positions: [...others, difference.exchange] };
    case 'POSITION_CLOSED_EXTERNALLY':
      return { ...internal, positions: others };
    case 'ORDER_PLACED_EXTERNALLY':
      return { ...internal, orders: [...internal.orders, difference.exchange] };
    case 'ORDER_MISSING_ON_EXCHANGE': {
      const rest = withoutOrder(difference.internal);
      const id = difference.explanation?.becameOpen;
      return { ...internal, orders: id === undefined ? rest : [...rest, { ...difference.internal, id }] };
    }
    case 'ORDER_AMENDED_EXTERNALLY': {
      const row: OpenOrder = { ...difference.internal };
      for (const term of difference.terms ?? []) {
        if (term === 'id') row.id = difference.exchange.id;
        if (term === 'side') row.side = difference.exchange.side;
        if (term === 'price') row.price = difference.exchange.price;
        if (term === 'amount') row.amount = difference.exchange.amount;
        if (term === 'trigger price') row.triggerPrice = difference.exchange.triggerPrice;
      }
      return { ...internal, orders: [...withoutOrder(difference.internal), row] };
    }
    case 'ORDER_FILL_MISSED': {
      const row = { ...difference.internal, filled: difference.exchange.filled };
      return { ...internal, orders: [...withoutOrder(difference.internal), row] };
    }
    case 'BALANCE_CHANGED_EXTERNALLY':
      return withHolding(internal, difference.exchange.total, symbol);
  }
}

/** A bot that shows holdings as positions changes its position. */
function withHolding(internal: Snapshot, total: string, currency: string): Snapshot {
  const positions = internal.positions.filter(
    (row) => row.symbol.split('/')[0] !== currency || row.symbol.includes(':'),
  );
  const balances = internal.balances.filter((row) => row.currency !== currency);
  if (positions.length === internal.positions.length) {
    return { ...internal, balances: [...balances, { currency, total }] };
  }
  const isShort = total.startsWith('-');
  const amount = isShort ? total.slice(1) : total;
  const row: Position = { symbol: `${currency}/USDT`, side: isShort ? 'short' : 'long', amount, changedAt: null };
  return { ...internal, balances, positions: amount === '0' ? positions : [...positions, row] };
}
