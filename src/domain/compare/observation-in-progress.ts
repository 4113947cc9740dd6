import { coverageOf, speaksForInternalOrder } from './coverage.js';
import { DISCREPANCY_TYPES, type Difference, type DiscrepancyType, type Hint } from '../difference/difference.js';
import { identityOf } from '../difference/identity.js';
import { IgnoreRules } from './ignore-rules.js';
import { coversBelief, isDustHolding, type BalanceRule } from './holdings.js';
import type { Comparison, NotCompared } from './observation.js';
import { subtractDecimals, type DecimalText } from '../decimal/decimal.js';
import { holdingOf } from './baseline.js';
import type { OrderPair } from './match-orders.js';
import { ignoringRule } from '../policy/drift-rules.js';
import type { CompareRules } from '../policy/policy.js';
import { commonScopes, coveredBy, covers, scopeOfOrder, type Scope } from '../snapshot/scope.js';
import type { MarketFacts, OpenOrder, Side, Snapshot, Unread } from '../snapshot/snapshot.js';
import { markPriceOf } from '../snapshot/mark-price.js';
import { isUnread, isUnreadOrder } from '../snapshot/unread-parts.js';
import { toleranceOf, type IsWithinTolerance } from './tolerance.js';

/** The row of each side for one key; null if the side has none. */
type Rows = readonly [exchange: unknown, internal: unknown];

/** Collects the differences of an observation, and counts the rows that it does not compare, with the reason. */
export class ObservationInProgress {
  readonly isWithin: IsWithinTolerance;
  private readonly compared: readonly Scope[];
  private readonly speaking = new Map<string, boolean>();
  private readonly strays = new Set<Scope>();
  private readonly attached = new Map<string, OpenOrder>();
  private readonly coveredScopes = new Map<Scope, boolean>();
  private readonly ignoreRules: IgnoreRules;
  private readonly ignored = new Map<string, number>();
  private readonly hidden: string[] = [];
  private readonly dismissed = new Map<string, number>();
  private readonly differences: Difference[] = [];
  /** What each side could not read. Its keys are not compared, because the row may be what the other side has. */
  private readonly unread: Record<Side, readonly Unread[]>;
  private readonly uncompared: Record<Side, number> = { exchange: 0, internal: 0 };

  constructor(
    private readonly exchange: Snapshot,
    private readonly internal: Snapshot,
    private readonly rules: CompareRules,
    readonly balances: BalanceRule,
  ) {
    this.uncompared.internal += balances.positions ?? 0;
    this.isWithin = toleranceOf(rules, exchange.markets, internal.markets);
    this.compared = commonScopes(exchange.scopes, internal.scopes);
    this.ignoreRules = new IgnoreRules(rules);
    const notIgnored = ({ symbol }: Unread): boolean => symbol === null || this.ignoreRules.ofRows(symbol) === null;
    this.unread = {
      exchange: (exchange.unread ?? []).filter(notIgnored),
      internal: (internal.unread ?? []).filter(notIgnored),
    };
  }

  /** @param clientOrderIds of the rows that there are, the exchange's first; empty if the rows are no orders */
  ignores(rows: Rows, symbol: string, clientOrderIds: readonly (string | null)[]): boolean {
    const [first, second] = clientOrderIds;
    const isPair = second !== undefined;
    const rule =
      first === undefined
        ? this.ignoreRules.ofRows(symbol)
        : this.ignoreRules.ofOrder(symbol, {
            ...(isPair || rows[0] !== null ? { exchange: first } : {}),
            ...(isPair ? { internal: second } : rows[1] === null ? {} : { internal: first }),
          });
    if (rule === null) return false;
    this.count(rule, rows.filter((row) => row !== null).length);
    return true;
  }

  /** Whether both sides cover the scope of the rows and could read it; if not, counts the rows as not compared. */
  speaksFor(rows: Rows, scope: Scope, symbol: string): boolean {
    if (!this.covers(scope)) return this.leaveOut(rows, scope);
    return !this.isUnread(scope, symbol) || this.countUncompared(rows);
  }

  speaksForInternalOrder(order: OpenOrder): boolean {
    if (!speaksForInternalOrder(this.compared, order)) return this.leaveOut([null, order], scopeOfOrder(order));
    return !this.isUnreadOrder(order) || this.countUncompared([null, order]);
  }

  speaksForExchangeOrder(order: OpenOrder): boolean {
    if (!this.coversOrder(order)) return this.leaveOut([order, null], scopeOfOrder(order));
    return !this.isUnreadOrder(order) || this.countUncompared([order, null]);
  }

  /** Rows that were found on both sides are compared even if another row of their symbol could not be read. */
  speaksForPair([exchange, internal]: OrderPair): boolean {
    if (this.coversOrder(exchange) || this.coversOrder(internal)) return true;
    return this.leaveOut([exchange, internal], scopeOfOrder(exchange));
  }

  factsOf(symbol: string): MarketFacts | undefined {
    const { markets } = Object.hasOwn(this.exchange.markets, symbol) ? this.exchange : this.internal;
    return Object.hasOwn(markets, symbol) ? markets[symbol] : undefined;
  }

  /** Whether the difference between two holdings is accepted: it is dust, or a rule of the account allows it. */
  acceptsHolding(currency: string, held: DecimalText, believed: DecimalText): boolean {
    if (this.isDust(currency, held, believed)) return true;
    if (!coversBelief(this.rules, currency, held, believed)) return false;
    this.count(`at_least ${currency}`, 1);
    return true;
  }

  /** A hint for what only the exchange has, if the bot has rows of the list that could not be compared: it may be one of them. */
  unreadHint(list: 'positions' | 'orders'): Hint | null {
    const part = this.unread.internal.find(({ scope, symbol }) => symbol !== null && covers(list, scope));
    if (part === undefined) return null;
    return {
      kind: 'unread_rows',
      text: `the bot has rows of ${part.symbol} that could not be compared, and it may be one of them`,
    };
  }

  /**
   * Whether the order is attached to another one that the bot has, and the bot's state lists no attached orders at all.
   * Many bots keep a take-profit and a stop-loss as terms of the entry order. The order is then reported as not
   * compared.
   */
  isAttached(order: OpenOrder, internal: readonly OpenOrder[]): boolean {
    const { parent, symbol } = order;
    if (parent === undefined || !internal.some(({ id, clientOrderId }) => id === parent || clientOrderId === parent)) {
      return false;
    }
    if (internal.some((row) => row.parent === parent)) return false;
    this.attached.set(JSON.stringify([scopeOfOrder(order), symbol]), order);
    this.uncompared.exchange += 1;
    return true;
  }

  report(found: Difference): void {
    const difference = this.factsOf(found.symbol)?.unit === 'base' ? inCoins(found) : found;
    const rule = this.ignoreRules.ofType(difference.type) ?? this.driftRule(difference);
    if (rule !== null) {
      this.count(rule, 1);
      this.hidden.push(identityOf(difference));
    } else this.differences.push(difference);
  }

  finish(): Comparison {
    const { compared, notCompared } = coverageOf(this.exchange, this.internal, {
      balances: this.balances,
      strays: [...this.strays].toSorted(),
      unread: this.unread,
    });
    for (const order of this.attached.values()) notCompared.push(attachedEntry(order));
    return {
      differences: this.differences.toSorted(byKey),
      compared,
      notCompared,
      ignored: Object.fromEntries([...this.ignored].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      hidden: this.hidden.toSorted(),
      ...(this.dismissed.size === 0 ? {} : { dismissed: Object.fromEntries(this.dismissed) }),
      uncompared: this.uncompared,
      unread: [...this.unread.exchange, ...this.unread.internal],
      inconsistent: [
        ...new Set([...(this.exchange.movedWhileRead ?? []), ...(this.internal.movedWhileRead ?? [])]),
      ].toSorted(),
    };
  }

  /** Whether the bot's own part is too small to be sold. The baseline does not count. */
  private isDust(currency: string, held: DecimalText, believed: DecimalText): boolean {
    const { baseline } = this.rules;
    const beside = baseline === undefined ? null : holdingOf(currency, baseline);
    const own = (total: DecimalText): DecimalText => (beside === null ? total : subtractDecimals(total, beside));
    return isDustHolding(own(held), own(believed), this.factsOf(currency));
  }

  /** The drift rule that leaves the difference out. */
  private driftRule(difference: Difference): string | null {
    const { drift } = this.rules;
    if (drift === undefined) return null;
    const rule = ignoringRule(difference, drift, markPriceOf(difference.symbol, this.exchange, this.internal));
    if (rule === null) return null;
    this.dismissed.set(identityOf(difference), rule);
    return `drift rule ${rule}`;
  }

  private count(rule: string, rows: number): void {
    this.ignored.set(rule, (this.ignored.get(rule) ?? 0) + rows);
  }

  private coversOrder(order: OpenOrder): boolean {
    // Cached by symbol and class, so that an account with 100,000 orders needs few scope texts.
    const key = order.conditional ? `!${order.symbol}` : order.symbol;
    const known = this.speaking.get(key);
    if (known !== undefined) return known;
    const covered = this.covers(scopeOfOrder(order));
    this.speaking.set(key, covered);
    return covered;
  }

  private covers(scope: Scope): boolean {
    const known = this.coveredScopes.get(scope);
    if (known !== undefined) return known;
    const covered = coveredBy(this.compared, scope);
    this.coveredScopes.set(scope, covered);
    return covered;
  }

  private isUnread(scope: Scope, symbol: string): boolean {
    return isUnread(this.unread.exchange, scope, symbol) || isUnread(this.unread.internal, scope, symbol);
  }

  private isUnreadOrder({ symbol }: OpenOrder): boolean {
    return isUnreadOrder(this.unread.exchange, symbol) || isUnreadOrder(this.unread.internal, symbol);
  }

  private countUncompared(rows: Rows): false {
    if (rows[0] !== null) this.uncompared.exchange += 1;
    if (rows[1] !== null) this.uncompared.internal += 1;
    return false;
  }

  private leaveOut(rows: Rows, scope: Scope): false {
    this.countUncompared(rows);
    // Beyond the limit only the part of the account is named, not the settle currency.
    this.strays.add(this.strays.size < MAX_STRAYS ? scope : partOf(scope));
    return false;
  }
}

/** Scopes outside the common coverage that are listed one by one. Bounded, because each is compared with all scopes. */
const MAX_STRAYS = 100;

/** "positions", "orders:regular", "orders:conditional" or "balances". */
function partOf(scope: Scope): Scope {
  const [list = scope, second] = scope.split(':');
  return list === 'orders' && second !== undefined ? `${list}:${second}` : list;
}

/** Marks the rows of a difference whose amounts are coins although the contract is inverse. */
function inCoins(difference: Difference): Difference {
  const measured = <Row>(row: Row | null): Row | null => (row === null ? null : { ...row, unit: 'base' });
  return {
    ...difference,
    exchange: measured<unknown>(difference.exchange),
    internal: measured<unknown>(difference.internal),
  } as Difference;
}

function attachedEntry(order: OpenOrder): NotCompared {
  const { symbol, parent = '' } = order;
  const reason = `attached to order ${parent}; the bot's state lists no attached orders`;
  return { scope: scopeOfOrder(order), symbol, missing: 'internal', code: 'ATTACHED_ORDER', reason };
}

const TYPE_RANK: ReadonlyMap<DiscrepancyType, number> = new Map(DISCREPANCY_TYPES.map((type, index) => [type, index]));

function byKey(a: Difference, b: Difference): number {
  return (
    (TYPE_RANK.get(a.type) ?? 0) - (TYPE_RANK.get(b.type) ?? 0) ||
    textOrder(a.symbol, b.symbol) ||
    textOrder(a.side, b.side) ||
    textOrder(a.orderId, b.orderId) ||
    textOrder(a.clientOrderId, b.clientOrderId) ||
    // Reached only by rows that repeat a key.
    textOrder(JSON.stringify([a.exchange, a.internal]), JSON.stringify([b.exchange, b.internal]))
  );
}

function textOrder(a: string | null, b: string | null): number {
  const [textA, textB] = [a ?? '', b ?? ''];
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}
