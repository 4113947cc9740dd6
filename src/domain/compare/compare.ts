import { atOnce, type Pieces } from '../pieces.js';
import { withBaseline } from './baseline.js';
import { withUnifiedCurrencies } from './currency-codes.js';
import { isZero, normalizeDecimal } from '../decimal/decimal.js';
import { orderName } from '../difference/wording.js';
import type { Difference, Hint } from '../difference/difference.js';
import { balanceRule, totals, withFlatSpot, withSpotHoldings, withUnreadHoldings } from './holdings.js';
import { differingTerms } from './order-terms.js';
import { ownOrders } from './own-orders.js';
import { remainingHint, unitHint } from './unit-hints.js';
import { ObservationInProgress } from './observation-in-progress.js';
import type { Comparison } from './observation.js';
import { matchOrders, type OrderPair } from './match-orders.js';
import type { CompareRules } from '../policy/policy.js';
import { positionKeys, signedAmount, type PositionKey } from '../snapshot/position-legs.js';
import { scopeOfBalance, scopeOfPosition } from '../snapshot/scope.js';
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
 *   fills: these are two differences. See `differingTerms` for what is compared. Fills are compared within tolerance.
 * - Balances, see `balanceRule`: a currency that a side covers and does not list counts as zero. Spot positions of the bot are
 *   balances of their base currency. On an exchange without positions, an empty list of positions agrees (`withFlatSpot`).
 * - Amounts that look like the same amount in two units are a difference with a hint; see `unitHint`.
 * - Only rows in scopes that both sides cover are compared (`coverageOf`). Orders are matched before coverage is checked,
 *   and a pair is compared if the class of either row is covered, so a bot need not know that its stop is a conditional
 *   order.
 * - Codes that mean another currency are unified (`withUnifiedCurrencies`), and the baseline is added to internal state
 *   (`withBaseline`) before anything is compared.
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
export function* compareInPieces(outside: Snapshot, inside: Snapshot, rules: CompareRules): Pieces<Comparison> {
  const ignored = new Set(rules.ignore.symbols);
  const [exchange, internal] = withFlatSpot(
    withUnifiedCurrencies(outside, ignored),
    withUnreadHoldings(withUnifiedCurrencies(inside, ignored)),
  );
  const own = withSpotHoldings(exchange, internal);
  const held = { ...own, state: withBaseline(exchange, own.state, rules.baseline) };
  const observation = new ObservationInProgress(exchange, held.state, rules, balanceRule(rules, exchange, held));
  comparePositions(observation, exchange, held.state);
  yield;
  yield* compareOrders(observation, exchange, held.state);
  compareBalances(observation, exchange, held.state);
  yield;
  return observation.finish();
}

function comparePositions(observation: ObservationInProgress, exchange: Snapshot, internal: Snapshot): void {
  for (const key of positionKeys(exchange, internal)) {
    const rows: [Position | null, Position | null] = [key.exchange, key.internal];
    if (observation.ignores(rows, key.symbol, []) || !observation.speaksFor(rows, scopeOfPosition(key), key.symbol))
      continue;
    if (observation.isWithin(key.symbol, signedAmount(key.exchange), signedAmount(key.internal))) continue;
    const hint = positionHint(observation, key);
    const base = { symbol: key.symbol, side: key.side, orderId: null, clientOrderId: null, ...hinted(hint) };
    if (key.exchange === null) {
      if (key.internal === null) continue;
      observation.report({ ...base, type: 'POSITION_CLOSED_EXTERNALLY', exchange: null, internal: key.internal });
    } else if (key.internal === null) {
      const opened = { ...base, ...hinted(observation.unreadHint('positions')) };
      observation.report({ ...opened, type: 'POSITION_OPENED_EXTERNALLY', exchange: key.exchange, internal: null });
    } else {
      observation.report({ ...base, type: 'POSITION_SIZE_CHANGED', exchange: key.exchange, internal: key.internal });
    }
  }
}

function positionHint(observation: ObservationInProgress, { symbol, exchange, internal }: PositionKey): Hint | null {
  if (exchange !== null && internal !== null && exchange.side !== internal.side) return null;
  return unitHint(symbol, exchange?.amount ?? null, internal?.amount ?? null, observation.factsOf(symbol));
}

function hinted(hint: Hint | null): { hint?: Hint } {
  return hint === null ? {} : { hint };
}

function* compareOrders(observation: ObservationInProgress, exchange: Snapshot, internal: Snapshot): Pieces<void> {
  const { pairs, exchangeOnly, internalOnly } = matchOrders(exchange.orders, internal.orders, observation.isWithin);
  for (const [index, pair] of pairs.entries()) {
    if (index % PIECE === 0) yield;
    comparePair(observation, pair);
  }
  const isOwn = ownOrders(internal.orders);
  const originOf = origins(internalOnly);
  for (const order of exchangeOnly) {
    if (observation.ignores([order, null], order.symbol, [order.clientOrderId])) continue;
    if (!observation.speaksForExchangeOrder(order)) continue;
    if (isDust(order, observation.isWithin) || observation.isAttached(order, internal.orders)) continue;
    const hint = isOwn(order) ? OWN_ORDER : (originOf(order) ?? observation.unreadHint('orders'));
    const base = { ...keyOfOrder(order), ...hinted(hint) };
    observation.report({ ...base, type: 'ORDER_PLACED_EXTERNALLY', exchange: order, internal: null });
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

/**
 * Finds the missing order of the same symbol, side and amount, which may live on as the given one, so that no remedy cancels it
 * before the missing one is explained. Indexed, because either side may have thousands of orders.
 */
function origins(missing: readonly OpenOrder[]): (order: OpenOrder) => Hint | null {
  const first = new Map<string, OpenOrder>();
  for (const order of missing) {
    const key = sizeOf(order);
    if (key !== null && !first.has(key)) first.set(key, order);
  }
  return (order) => {
    const key = first.size === 0 ? null : sizeOf(order);
    const origin = key === null ? undefined : first.get(key);
    if (origin === undefined) return null;
    const name = orderName({ orderId: origin.id, clientOrderId: origin.clientOrderId });
    return { kind: 'lives_on', text: `it may be what became of ${name}` };
  };
}

function sizeOf({ symbol, side, amount }: OpenOrder): string | null {
  return amount === null ? null : `${symbol}|${side}|${normalizeDecimal(amount)}`;
}

const OWN_ORDER: Hint = { kind: 'own_order', text: "by its client order id it is the bot's own" };

function comparePair(observation: ObservationInProgress, pair: OrderPair): void {
  const [exchange, internal] = pair;
  const { symbol } = exchange;
  if (observation.ignores(pair, symbol, [exchange.clientOrderId, internal.clientOrderId])) return;
  if (!observation.speaksForPair(pair)) return;
  const terms = differingTerms(pair, observation.isWithin);
  const fillMissed = !observation.isWithin(symbol, exchange.filled, internal.filled);
  if (terms.length === 0 && !fillMissed) return;
  const facts = observation.factsOf(symbol);
  const remaining = remainingHint(exchange, internal);
  const amountHint = terms.includes('amount') ? unitHint(symbol, exchange.amount, internal.amount, facts) : null;
  const base = {
    symbol,
    side: null,
    orderId: exchange.id ?? internal.id,
    clientOrderId: exchange.clientOrderId ?? internal.clientOrderId,
    exchange,
    internal,
  };
  if (terms.length > 0) {
    observation.report({ ...base, ...hinted(remaining ?? amountHint), type: 'ORDER_AMENDED_EXTERNALLY', terms });
  }
  if (fillMissed) observation.report({ ...base, ...hinted(remaining), type: 'ORDER_FILL_MISSED' });
}

function compareBalances(observation: ObservationInProgress, exchange: Snapshot, internal: Snapshot): void {
  const outside = totals(exchange.balances);
  const inside = totals(internal.balances);
  for (const currency of new Set([...outside.keys(), ...inside.keys()])) {
    const { compared, holdings } = observation.balances;
    if (!compared && !holdings.has(currency)) continue;
    const rows: [Balance | null, Balance | null] = [outside.get(currency) ?? null, inside.get(currency) ?? null];
    if (observation.ignores(rows, currency, [])) continue;
    if (!observation.speaksFor(rows, scopeOfBalance({ currency }), currency)) continue;
    const ofExchange = rows[0] ?? { currency, total: '0' };
    const ofInternal = rows[1] ?? { currency, total: '0' };
    if (observation.isWithin(currency, ofExchange.total, ofInternal.total)) continue;
    if (observation.acceptsHolding(currency, ofExchange.total, ofInternal.total)) continue;
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

function keyOfOrder(order: OpenOrder): Pick<Difference, 'symbol' | 'side' | 'orderId' | 'clientOrderId'> {
  return { symbol: order.symbol, side: null, orderId: order.id, clientOrderId: order.clientOrderId };
}

function isDust(order: OpenOrder, isWithin: IsWithinTolerance): boolean {
  return order.amount !== null && !isZero(order.amount) && isWithin(order.symbol, order.amount, '0');
}
