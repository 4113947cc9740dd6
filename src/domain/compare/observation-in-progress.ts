import { coverageOf, speaksForInternalOrder } from './coverage.js';
import { DISCREPANCY_TYPES, type Difference, type DiscrepancyType } from '../difference/difference.js';
import { identityOf } from '../difference/identity.js';
import { IgnoreRules } from './ignore-rules.js';
import type { Comparison } from './observation.js';
import type { OrderPair } from './match-orders.js';
import type { CompareRules } from '../policy/policy.js';
import { commonScopes, coveredBy, scopeOfOrder, type Scope } from '../snapshot/scope.js';
import type { OpenOrder, Side, Snapshot } from '../snapshot/snapshot.js';
import { toleranceOf, type IsWithinTolerance } from './tolerance.js';

/** The row of each side for one key; null if the side has none. */
type Rows = readonly [exchange: unknown, internal: unknown];

/** Collects the differences of an observation, and counts the rows that it does not compare, with the reason. */
export class ObservationInProgress {
  readonly isWithin: IsWithinTolerance;
  private readonly compared: readonly Scope[];
  private readonly speaking = new Map<string, boolean>();
  private readonly strays = new Set<Scope>();
  private readonly coveredScopes = new Map<Scope, boolean>();
  private readonly ignoreRules: IgnoreRules;
  private readonly ignored = new Map<string, number>();
  private readonly hidden: string[] = [];
  private readonly differences: Difference[] = [];
  private readonly uncompared: Record<Side, number> = { exchange: 0, internal: 0 };

  constructor(
    private readonly exchange: Snapshot,
    private readonly internal: Snapshot,
    private readonly rules: CompareRules,
  ) {
    this.isWithin = toleranceOf(rules, exchange.markets, internal.markets);
    this.compared = commonScopes(exchange.scopes, internal.scopes);
    this.ignoreRules = new IgnoreRules(rules);
  }

  ignores(rows: Rows, symbol: string, clientOrderIds: readonly (string | null)[]): boolean {
    const rule = this.ignoreRules.ofRows(symbol, clientOrderIds);
    if (rule === null) return false;
    this.count(rule, rows.filter((row) => row !== null).length);
    return true;
  }

  /** Whether both sides cover the scope of the rows; if not, counts the rows as not compared. */
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
    const rule = this.ignoreRules.ofType(difference.type);
    if (rule !== null) {
      this.count(rule, 1);
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
      inconsistent: [
        ...new Set([...(this.exchange.movedWhileRead ?? []), ...(this.internal.movedWhileRead ?? [])]),
      ].toSorted(),
    };
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

  private leaveOut(rows: Rows, scope: Scope): false {
    if (rows[0] !== null) this.uncompared.exchange += 1;
    if (rows[1] !== null) this.uncompared.internal += 1;
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
