import type { Difference } from '../../src/domain/difference/difference.js';
import type { OpenOrder, Position } from '../../src/domain/snapshot/snapshot.js';

export type OrderRow = Omit<OpenOrder, 'conditional'>;

export interface PositionRow {
  symbol: string;
  slot: string;
  amount: string;
  updatedAt?: number;
}

/** One side in the engine's terms: signed amounts by slot, every number in its shortest form. */
export interface Rows {
  positions: readonly PositionRow[];
  orders: readonly OrderRow[];
  /** By currency. */
  balances: Readonly<Record<string, string>>;
}

/** The account's rules, as the simulation itself understands them. */
export interface TruthRules {
  /** Currencies whose balances are compared. */
  currencies: readonly string[];
  /** Whether two different balances count as equal. */
  accepts: (currency: string, outside: string, inside: string) => boolean;
  ignores: (clientOrderId: string) => boolean;
}

/** Differences by identity. */
export type Drifts = ReadonlyMap<string, Drift>;

export interface Drift {
  /** Its type and both values. */
  text: string;
  /** When the exchange last changed the row, by its own clock; null if it reports no time. */
  changedAt: number | null;
}

/**
 * The keys on which two sides differ, computed independently of the product's code. All numbers are in their shortest
 * form, so equal text means equal values.
 */
export function driftsBetween(exchange: Rows, internal: Rows, rules: TruthRules): Drifts {
  const drifts = new Map<string, Drift>();
  comparePositions(drifts, exchange, internal);
  const isCompared = ({ clientOrderId }: OrderRow): boolean => !rules.ignores(clientOrderId ?? '');
  compareOrders(drifts, exchange.orders.filter(isCompared), internal.orders.filter(isCompared));
  for (const currency of rules.currencies) {
    const [outside, inside] = [exchange.balances[currency] ?? '0', internal.balances[currency] ?? '0'];
    if (outside === inside || rules.accepts(currency, outside, inside)) continue;
    drifts.set(`balance|${currency}`, { text: `BALANCE_CHANGED_EXTERNALLY ${outside} / ${inside}`, changedAt: null });
  }
  return drifts;
}

function comparePositions(drifts: Map<string, Drift>, exchange: Rows, internal: Rows): void {
  const amounts = new Map<string, [outside: string, inside: string, changedAt: number | null]>();
  const keyOf = ({ symbol, slot }: { symbol: string; slot: string }): string =>
    slot === 'net' ? `position|${symbol}` : `position|${symbol}|${slot}`;
  for (const row of exchange.positions) amounts.set(keyOf(row), [row.amount, '0', row.updatedAt ?? null]);
  for (const row of internal.positions) {
    const [outside, , changedAt] = amounts.get(keyOf(row)) ?? ['0', '0', null];
    amounts.set(keyOf(row), [outside, row.amount, changedAt]);
  }
  for (const [key, [outside, inside, changedAt]] of amounts) {
    if (outside === inside) continue;
    const what = outside === '0' ? 'CLOSED_EXTERNALLY' : inside === '0' ? 'OPENED_EXTERNALLY' : 'SIZE_CHANGED';
    drifts.set(key, { text: `POSITION_${what} ${outside} / ${inside}`, changedAt });
  }
}

function compareOrders(drifts: Map<string, Drift>, exchange: readonly OrderRow[], internal: readonly OrderRow[]): void {
  const byId = new Map<string, OrderRow>();
  const byClientId = new Map<string, OrderRow>();
  for (const row of internal) {
    if (row.id === null) byClientId.set(`${row.symbol} ${row.clientOrderId}`, row);
    else byId.set(`${row.symbol} ${row.id}`, row);
  }
  const paired = new Set<OrderRow>();
  for (const row of exchange) {
    const twin = byId.get(`${row.symbol} ${row.id}`) ?? byClientId.get(`${row.symbol} ${row.clientOrderId}`);
    const key = `${row.symbol}|id:${row.id}`;
    if (twin === undefined || paired.has(twin)) {
      drifts.set(`order-presence|${key}`, {
        text: `ORDER_PLACED_EXTERNALLY ${terms(row)} ${row.filled}`,
        changedAt: row.changedAt,
      });
      continue;
    }
    paired.add(twin);
    if (terms(row) !== terms(twin)) {
      drifts.set(`order-terms|${key}`, {
        text: `ORDER_AMENDED_EXTERNALLY ${terms(row)} / ${terms(twin)}`,
        changedAt: row.changedAt,
      });
    }
    if (row.filled !== twin.filled) {
      drifts.set(`order-fill|${key}`, {
        text: `ORDER_FILL_MISSED ${row.filled} / ${twin.filled}`,
        changedAt: row.changedAt,
      });
    }
  }
  for (const row of internal) {
    if (paired.has(row)) continue;
    const key = row.id === null ? `client:${row.clientOrderId}` : `id:${row.id}`;
    drifts.set(`order-presence|${row.symbol}|${key}`, {
      text: `ORDER_MISSING_ON_EXCHANGE ${terms(row)} ${row.filled}`,
      changedAt: null,
    });
  }
}

/** The same text for a difference that Plumbline reports. */
export function textOf(difference: Difference): string {
  const { type } = difference;
  switch (type) {
    case 'POSITION_OPENED_EXTERNALLY':
    case 'POSITION_SIZE_CHANGED':
    case 'POSITION_CLOSED_EXTERNALLY':
      return `${type} ${signed(difference.exchange)} / ${signed(difference.internal)}`;
    case 'ORDER_PLACED_EXTERNALLY':
      return `${type} ${terms(difference.exchange)} ${difference.exchange.filled}`;
    case 'ORDER_MISSING_ON_EXCHANGE':
      return `${type} ${terms(difference.internal)} ${difference.internal.filled}`;
    case 'ORDER_AMENDED_EXTERNALLY':
      return `${type} ${terms(difference.exchange)} / ${terms(difference.internal)}`;
    case 'ORDER_FILL_MISSED':
      return `${type} ${difference.exchange.filled} / ${difference.internal.filled}`;
    case 'BALANCE_CHANGED_EXTERNALLY':
      return `${type} ${difference.exchange.total} / ${difference.internal.total}`;
  }
}

function signed(position: Position | null): string {
  return position === null ? '0' : position.side === 'long' ? position.amount : `-${position.amount}`;
}

function terms(row: Pick<OrderRow, 'side' | 'price' | 'triggerPrice' | 'amount'>): string {
  return `${row.side} ${row.amount} at ${row.price ?? row.triggerPrice ?? 'market'}`;
}
