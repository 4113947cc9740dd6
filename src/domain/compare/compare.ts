import { atOnce, type Pieces } from '../pieces.js';
import { addDecimals, equalDecimals, isZero, type DecimalText } from '../decimal/decimal.js';
import type { Difference } from '../difference/difference.js';
import { ObservationInProgress } from './observation-in-progress.js';
import type { Comparison } from './observation.js';
import { matchOrders, type OrderPair } from './match-orders.js';
import type { CompareRules } from '../policy/policy.js';
import { positionKeys, signedAmount } from '../snapshot/position-legs.js';
import { scopeOfBalance, scopeOfOrder, scopeOfPosition } from '../snapshot/scope.js';
import type { Balance, OpenOrder, Position, Snapshot } from '../snapshot/snapshot.js';
import type { IsWithinTolerance } from './tolerance.js';

export { agreedIdentities } from './agreement.js';

/** How many pairs of orders are compared in one piece. */
const PIECE = 500;

/**
 * Compares two snapshots: returns every key on which the two sides differ, and what was compared. Pure.
 *
 * - Positions: see `positionKeys`. Signed amounts within tolerance are equal; a flip is one size change. A position that
 *   only one side has is dust, and no difference, if its amount is within tolerance of zero.
 * - Orders: see `matchOrders`. A matched pair may differ in its terms (side, price, trigger price, amount) and in its
 *   fills: these are two differences. Prices are compared exactly, amounts and fills within tolerance. A price, trigger
 *   price or amount that a side does not report (null, or zero, which many APIs send for "none") is not compared.
 * - Balances, if the rules ask for them: a currency that a side covers and does not list counts as zero.
 * - Only rows in scopes that both sides cover are compared (`coverageOf`). Orders are matched before coverage is checked,
 *   and a pair is compared if the class of either row is covered, so a bot need not know that its stop is a conditional
 *   order.
 * - Ignore rules exclude rows by symbol (or currency) and by prefix of the client order id (of either row of a pair), and
 *   differences by type.
 *
 * Differences are sorted by type (as in DISCREPANCY_TYPES), symbol, side, exchange id and client order id, whatever the
 * order of the rows.
 */
export function compare(exchange: Snapshot, internal: Snapshot, rules: CompareRules): Comparison {
  return atOnce(compareInPieces(exchange, internal, rules));
}

/** Like `compare`, in pieces: comparing thousands of orders at once would block the event loop. */
export function* compareInPieces(exchange: Snapshot, internal: Snapshot, rules: CompareRules): Pieces<Comparison> {
  const observation = new ObservationInProgress(exchange, internal, rules);
  comparePositions(observation, exchange, internal);
  yield;
  yield* compareOrders(observation, exchange, internal);
  if (rules.compareBalances) compareBalances(observation, exchange, internal);
  yield;
  return observation.finish();
}

function comparePositions(observation: ObservationInProgress, exchange: Snapshot, internal: Snapshot): void {
  for (const key of positionKeys(exchange, internal)) {
    const rows: [Position | null, Position | null] = [key.exchange, key.internal];
    if (observation.ignores(rows, key.symbol, []) || !observation.speaksFor(rows, scopeOfPosition(key))) continue;
    if (observation.isWithin(key.symbol, signedAmount(key.exchange), signedAmount(key.internal))) continue;
    const base = { symbol: key.symbol, side: key.side, orderId: null, clientOrderId: null };
    if (key.exchange === null) {
      if (key.internal === null) continue;
      observation.report({ ...base, type: 'POSITION_CLOSED_EXTERNALLY', exchange: null, internal: key.internal });
    } else if (key.internal === null) {
      observation.report({ ...base, type: 'POSITION_OPENED_EXTERNALLY', exchange: key.exchange, internal: null });
    } else {
      observation.report({ ...base, type: 'POSITION_SIZE_CHANGED', exchange: key.exchange, internal: key.internal });
    }
  }
}

function* compareOrders(observation: ObservationInProgress, exchange: Snapshot, internal: Snapshot): Pieces<void> {
  const { pairs, exchangeOnly, internalOnly } = matchOrders(exchange.orders, internal.orders);
  for (const [index, pair] of pairs.entries()) {
    if (index % PIECE === 0) yield;
    comparePair(observation, pair);
  }
  for (const order of exchangeOnly) {
    if (observation.ignores([order, null], order.symbol, [order.clientOrderId])) continue;
    if (!observation.speaksFor([order, null], scopeOfOrder(order)) || isDust(order, observation.isWithin)) continue;
    observation.report({ ...keyOfOrder(order), type: 'ORDER_PLACED_EXTERNALLY', exchange: order, internal: null });
  }
  for (const order of internalOnly) {
    if (observation.ignores([null, order], order.symbol, [order.clientOrderId])) continue;
    if (!observation.speaksForInternalOrder(order) || isDust(order, observation.isWithin)) continue;
    observation.report({
      ...keyOfOrder(order),
      type: 'ORDER_MISSING_ON_EXCHANGE',
      exchange: null,
      internal: order,
      explanation: null,
    });
  }
}

function comparePair(observation: ObservationInProgress, pair: OrderPair): void {
  const [exchange, internal] = pair;
  const { symbol } = exchange;
  if (observation.ignores(pair, symbol, [exchange.clientOrderId, internal.clientOrderId])) return;
  if (!observation.speaksForPair(pair)) return;
  const amended =
    exchange.side !== internal.side ||
    pricesDiffer(exchange.price, internal.price) ||
    pricesDiffer(exchange.triggerPrice, internal.triggerPrice) ||
    amountsDiffer(exchange.amount, internal.amount, observation.isWithin, symbol);
  const fillMissed = !observation.isWithin(symbol, exchange.filled, internal.filled);
  if (!amended && !fillMissed) return;
  const base = {
    symbol,
    side: null,
    orderId: exchange.id ?? internal.id,
    clientOrderId: exchange.clientOrderId ?? internal.clientOrderId,
    exchange,
    internal,
  };
  if (amended) observation.report({ ...base, type: 'ORDER_AMENDED_EXTERNALLY' });
  if (fillMissed) observation.report({ ...base, type: 'ORDER_FILL_MISSED' });
}

function compareBalances(observation: ObservationInProgress, exchange: Snapshot, internal: Snapshot): void {
  const outside = totals(exchange.balances);
  const inside = totals(internal.balances);
  for (const currency of new Set([...outside.keys(), ...inside.keys()])) {
    const rows: [Balance | null, Balance | null] = [outside.get(currency) ?? null, inside.get(currency) ?? null];
    if (observation.ignores(rows, currency, []) || !observation.speaksFor(rows, scopeOfBalance({ currency }))) continue;
    const ofExchange = rows[0] ?? { currency, total: '0' };
    const ofInternal = rows[1] ?? { currency, total: '0' };
    if (observation.isWithin(currency, ofExchange.total, ofInternal.total)) continue;
    observation.report({
      type: 'BALANCE_CHANGED_EXTERNALLY',
      symbol: currency,
      side: null,
      orderId: null,
      clientOrderId: null,
      exchange: ofExchange,
      internal: ofInternal,
    });
  }
}

/** By currency. Rows of one currency (a row per wallet) are summed. */
function totals(balances: readonly Balance[]): Map<string, Balance> {
  const byCurrency = new Map<string, Balance>();
  for (const balance of balances) {
    const { currency, total } = balance;
    const known = byCurrency.get(currency);
    byCurrency.set(currency, known === undefined ? balance : { currency, total: addDecimals(known.total, total) });
  }
  return byCurrency;
}

function keyOfOrder(order: OpenOrder): Pick<Difference, 'symbol' | 'side' | 'orderId' | 'clientOrderId'> {
  return { symbol: order.symbol, side: null, orderId: order.id, clientOrderId: order.clientOrderId };
}

function pricesDiffer(a: DecimalText | null, b: DecimalText | null): boolean {
  if (a === b || a === null || b === null) return false;
  return !equalDecimals(a, b) && !isZero(a) && !isZero(b);
}

function amountsDiffer(
  a: DecimalText | null,
  b: DecimalText | null,
  isWithin: IsWithinTolerance,
  symbol: string,
): boolean {
  if (a === b || a === null || b === null) return false;
  return !isWithin(symbol, a, b) && !isZero(a) && !isZero(b);
}

function isDust(order: OpenOrder, isWithin: IsWithinTolerance): boolean {
  return order.amount !== null && !isZero(order.amount) && isWithin(order.symbol, order.amount, '0');
}
