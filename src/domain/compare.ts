import { coverageOf, speaksForInternalOrder } from './coverage.js';
import { equalDecimals, isZero, withinTolerance, type DecimalText } from './decimal.js';
import { DISCREPANCY_TYPES, type Difference, type DiscrepancyType } from './difference.js';
import { identityOf } from './identity.js';
import type { Comparison } from './look.js';
import { matchOrders, type OrderPair } from './match-orders.js';
import type { CompareRules } from './policy.js';
import { positionKeys, signedAmount } from './position-legs.js';
import { commonScopes, coveredBy, scopeOfBalance, scopeOfOrder, scopeOfPosition, type Scope } from './scope.js';
import type { Balance, OpenOrder, Position, Side, Snapshot } from './snapshot.js';
import { toleranceOf, type Tolerance } from './tolerance.js';

export { agreedIdentities } from './agreement.js';

/**
 * What one look sees: every key on which the two sides do not agree, and what was looked at to say so. Pure.
 *
 * - Positions: see `positionKeys`. Signed amounts equal within tolerance are equal; a flip is one size change. Less than
 *   the tolerance against nothing is dust, and no difference.
 * - Orders: see `matchOrders`. A matched pair may differ in its terms (side, price, trigger price, amount) and in its
 *   fills: two differences. Prices are equal as exact decimals, amounts and fills within tolerance. A price, trigger
 *   price or amount that a side does not tell (null, or the zero by which many APIs mean none) is not compared.
 * - Balances, where the rules ask for them: a currency that a side which speaks for it does not list is zero there.
 * - Only rows in scopes that both sides cover are compared (`coverageOf`). Orders are matched before coverage is asked,
 *   so a pair is compared if either row's class is covered: a bot need not know that its stop is a conditional order.
 * - Ignore rules leave out rows by symbol (or currency) and by prefix of the client order id (of either row of a pair),
 *   and differences by type.
 *
 * Differences come sorted by type (as in DISCREPANCY_TYPES), symbol, side, exchange id, client order id, whatever the
 * order of the rows was.
 */
export function compare(exchange: Snapshot, internal: Snapshot, rules: CompareRules): Comparison {
  const look = new LookInProgress(exchange, internal, rules);
  comparePositions(look, exchange, internal);
  compareOrders(look, exchange, internal);
  if (rules.compareBalances) compareBalances(look, exchange, internal);
  return look.finish();
}

function comparePositions(look: LookInProgress, exchange: Snapshot, internal: Snapshot): void {
  for (const key of positionKeys(exchange, internal)) {
    const rows: [Position | null, Position | null] = [key.exchange, key.internal];
    if (look.ignores(rows, key.symbol, []) || !look.speaksFor(rows, scopeOfPosition(key))) continue;
    const equal = withinTolerance(signedAmount(key.exchange), signedAmount(key.internal), look.tolerance(key.symbol));
    if (equal) continue;
    const base = { symbol: key.symbol, side: key.side, orderId: null, clientOrderId: null };
    if (key.exchange === null) {
      if (key.internal === null) continue;
      look.report({ ...base, type: 'POSITION_CLOSED_EXTERNALLY', exchange: null, internal: key.internal });
    } else if (key.internal === null) {
      look.report({ ...base, type: 'POSITION_OPENED_EXTERNALLY', exchange: key.exchange, internal: null });
    } else {
      look.report({ ...base, type: 'POSITION_SIZE_CHANGED', exchange: key.exchange, internal: key.internal });
    }
  }
}

function compareOrders(look: LookInProgress, exchange: Snapshot, internal: Snapshot): void {
  const { pairs, exchangeOnly, internalOnly } = matchOrders(exchange.orders, internal.orders);
  for (const pair of pairs) comparePair(look, pair);
  for (const order of exchangeOnly) {
    if (look.ignores([order, null], order.symbol, [order.clientOrderId])) continue;
    if (!look.speaksFor([order, null], scopeOfOrder(order)) || isDust(order, look.tolerance)) continue;
    look.report({ ...keyOfOrder(order), type: 'ORDER_PLACED_EXTERNALLY', exchange: order, internal: null });
  }
  for (const order of internalOnly) {
    if (look.ignores([null, order], order.symbol, [order.clientOrderId])) continue;
    if (!look.speaksForInternalOrder(order) || isDust(order, look.tolerance)) continue;
    look.report({
      ...keyOfOrder(order),
      type: 'ORDER_MISSING_ON_EXCHANGE',
      exchange: null,
      internal: order,
      explanation: null,
    });
  }
}

function comparePair(look: LookInProgress, pair: OrderPair): void {
  const [exchange, internal] = pair;
  const { symbol } = exchange;
  if (look.ignores(pair, symbol, [exchange.clientOrderId, internal.clientOrderId])) return;
  if (!look.speaksForPair(pair)) return;
  const amended =
    exchange.side !== internal.side ||
    pricesDiffer(exchange.price, internal.price) ||
    pricesDiffer(exchange.triggerPrice, internal.triggerPrice) ||
    amountsDiffer(exchange.amount, internal.amount, look.tolerance, symbol);
  const fillMissed = !withinTolerance(exchange.filled, internal.filled, look.tolerance(symbol));
  if (!amended && !fillMissed) return;
  const base = {
    symbol,
    side: null,
    orderId: exchange.id ?? internal.id,
    clientOrderId: exchange.clientOrderId ?? internal.clientOrderId,
    exchange,
    internal,
  };
  if (amended) look.report({ ...base, type: 'ORDER_AMENDED_EXTERNALLY' });
  if (fillMissed) look.report({ ...base, type: 'ORDER_FILL_MISSED' });
}

function compareBalances(look: LookInProgress, exchange: Snapshot, internal: Snapshot): void {
  const outside = new Map(exchange.balances.map((balance) => [balance.currency, balance]));
  const inside = new Map(internal.balances.map((balance) => [balance.currency, balance]));
  for (const currency of new Set([...outside.keys(), ...inside.keys()])) {
    const rows: [Balance | null, Balance | null] = [outside.get(currency) ?? null, inside.get(currency) ?? null];
    if (look.ignores(rows, currency, []) || !look.speaksFor(rows, scopeOfBalance({ currency }))) continue;
    const [ofExchange, ofInternal] = rows.map((row) => row ?? { currency, total: '0' });
    if (ofExchange === undefined || ofInternal === undefined) continue;
    if (withinTolerance(ofExchange.total, ofInternal.total, look.tolerance(currency))) continue;
    look.report({
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

function pricesDiffer(a: DecimalText | null, b: DecimalText | null): boolean {
  if (a === b || a === null || b === null) return false;
  return !equalDecimals(a, b) && !isZero(a) && !isZero(b);
}

function amountsDiffer(a: DecimalText | null, b: DecimalText | null, tolerance: Tolerance, symbol: string): boolean {
  if (a === b || a === null || b === null) return false;
  return !withinTolerance(a, b, tolerance(symbol)) && !isZero(a) && !isZero(b);
}

function isDust(order: OpenOrder, tolerance: Tolerance): boolean {
  return order.amount !== null && !isZero(order.amount) && withinTolerance(order.amount, '0', tolerance(order.symbol));
}

type Rows = readonly [exchange: unknown, internal: unknown];

/** Collects what the look finds, and what it leaves out and why. */
class LookInProgress {
  readonly tolerance: Tolerance;
  private readonly compared: readonly Scope[];
  private readonly speaking = new Map<string, boolean>();
  private readonly strays = new Set<Scope>();
  private readonly ignoredSymbols: ReadonlySet<string>;
  private readonly ignoredTypes: ReadonlySet<DiscrepancyType>;
  private readonly ignored = new Map<string, number>();
  private readonly hidden: string[] = [];
  private readonly differences: Difference[] = [];
  private readonly uncompared: Record<Side, number> = { exchange: 0, internal: 0 };

  constructor(
    private readonly exchange: Snapshot,
    private readonly internal: Snapshot,
    private readonly rules: CompareRules,
  ) {
    this.tolerance = toleranceOf(rules, exchange.markets, internal.markets);
    this.compared = commonScopes(exchange.scopes, internal.scopes);
    this.ignoredSymbols = new Set(rules.ignore.symbols);
    this.ignoredTypes = new Set(rules.ignore.types);
  }

  ignores(rows: Rows, symbol: string, clientOrderIds: readonly (string | null)[]): boolean {
    const rule = this.ignoringRule(symbol, clientOrderIds);
    if (rule === null) return false;
    this.count(rule, rows.filter((row) => row !== null).length);
    return true;
  }

  /** Whether both sides cover the rows' scope; counts them where not. */
  speaksFor(rows: Rows, scope: Scope): boolean {
    return this.covers(scope) || this.leaveOut(rows, scope);
  }

  speaksForInternalOrder(order: OpenOrder): boolean {
    return speaksForInternalOrder(this.compared, order) || this.leaveOut([null, order], scopeOfOrder(order));
  }

  speaksForPair([exchange, internal]: OrderPair): boolean {
    if (this.coversOrder(exchange) || this.coversOrder(internal)) return true;
    return this.leaveOut([exchange, internal], scopeOfOrder(exchange));
  }

  report(difference: Difference): void {
    if (this.ignoredTypes.has(difference.type)) {
      this.count(`type ${difference.type}`, 1);
      this.hidden.push(identityOf(difference));
    } else this.differences.push(difference);
  }

  finish(): Comparison {
    const { compared, notCompared } = coverageOf(this.exchange, this.internal, {
      balances: this.rules.compareBalances,
      strays: [...this.strays].toSorted(),
    });
    return {
      differences: this.differences.toSorted(byKey),
      compared,
      notCompared,
      ignored: Object.fromEntries([...this.ignored].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      hidden: this.hidden.toSorted(),
      uncompared: this.uncompared,
    };
  }

  private ignoringRule(symbol: string, clientOrderIds: readonly (string | null)[]): string | null {
    if (this.ignoredSymbols.has(symbol)) return `symbol ${symbol}`;
    const prefix = this.rules.ignore.clientOrderIdPrefixes.find((start) =>
      clientOrderIds.some((id) => id?.startsWith(start) === true),
    );
    return prefix === undefined ? null : `client order id prefix ${prefix}`;
  }

  private count(rule: string, rows: number): void {
    this.ignored.set(rule, (this.ignored.get(rule) ?? 0) + rows);
  }

  private coversOrder(order: OpenOrder): boolean {
    // By symbol and class, so that a book of 100,000 orders makes few scope texts.
    const key = order.conditional ? `!${order.symbol}` : order.symbol;
    const known = this.speaking.get(key);
    if (known !== undefined) return known;
    const covered = this.covers(scopeOfOrder(order));
    this.speaking.set(key, covered);
    return covered;
  }

  private covers(scope: Scope): boolean {
    return coveredBy(this.compared, scope);
  }

  private leaveOut(rows: Rows, scope: Scope): false {
    if (rows[0] !== null) this.uncompared.exchange += 1;
    if (rows[1] !== null) this.uncompared.internal += 1;
    this.strays.add(scope);
    return false;
  }
}

const TYPE_RANK = new Map<DiscrepancyType, number>(DISCREPANCY_TYPES.map((type, index) => [type, index]));

function byKey(a: Difference, b: Difference): number {
  return (
    (TYPE_RANK.get(a.type) ?? 0) - (TYPE_RANK.get(b.type) ?? 0) ||
    textOrder(a.symbol, b.symbol) ||
    textOrder(a.side, b.side) ||
    textOrder(a.orderId, b.orderId) ||
    textOrder(a.clientOrderId, b.clientOrderId) ||
    // Only rows that repeat a key come this far.
    textOrder(JSON.stringify([a.exchange, a.internal]), JSON.stringify([b.exchange, b.internal]))
  );
}

function textOrder(a: string | null, b: string | null): number {
  const [textA, textB] = [a ?? '', b ?? ''];
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}
