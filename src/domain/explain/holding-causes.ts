import { Big } from 'big.js';
import {
  absoluteDecimal,
  isZero,
  signOf,
  subtractDecimals,
  withinTolerance,
  type DecimalText,
} from '../decimal/decimal.js';
import { describe } from '../difference/describe.js';
import type { Difference } from '../difference/difference.js';
import { amountText, orderName, shortList } from '../difference/wording.js';
import { CURRENCY_ACTS, type Cause, type Circumstances, type CurrencyAct, type VenueAction } from './cause.js';
import { changeOf, fillText, missedFillOf, type MissedFill } from './missed-fills.js';

type BalanceDifference = Extract<Difference, { type: 'BALANCE_CHANGED_EXTERNALLY' }>;

/** How far fees and rounding may move a balance beside the fill that changed it: one percent of the fill. */
const FEE_SHARE = '0.01';

/**
 * Rule 8 of `relate`: a spot order that filled, the other leg of its OCO, and the balances of both currencies have one cause.
 */
export function spotFillCauses(differences: readonly Difference[]): Cause[] {
  const fills = differences
    .map(missedFillOf)
    .filter((fill) => fill !== null && isSpot(fill.order.symbol)) as MissedFill[];
  const balances = differences.filter(isBalance);
  const expected = expectedChanges(fills);
  const taken = new Set<Difference>();
  const symbols = [...new Set(fills.map(({ order }) => order.symbol))];
  return symbols.flatMap((symbol): Cause[] => {
    const own = fills.filter(({ order }) => order.symbol === symbol);
    const moved = balances.filter(
      (balance) => !taken.has(balance) && currenciesOf(symbol).includes(balance.symbol) && isMovedBy(balance, expected),
    );
    const ended = differences.filter((difference) => endedWith(difference, own));
    if (moved.length + ended.length === 0) return [];
    for (const difference of moved) taken.add(difference);
    const acts = shortList(own.map(fillText));
    const legs = ended.length === 0 ? '' : `; ${shortList(ended.map(orderName))} ended with it`;
    const by = moved.length === 0 ? '' : `; ${moved.map(({ symbol: currency }) => currency).join(' and ')} moved by it`;
    return [
      {
        kind: 'order_filled',
        text: `${symbol}: ${acts}${legs}${by}`,
        differences: [...own.map(({ difference }) => difference), ...ended, ...moved],
      },
    ];
  });
}

/** Rule 9 of `relate`: balances that differ by what the exchange records as deposit, withdrawal, fee, funding and the like. */
export function balanceCause(difference: Difference, { venueActions }: Circumstances): Cause | null {
  if (!isBalance(difference)) return null;
  const acts = venueActions.filter(
    (act): act is CurrencyAction => isCurrencyAct(act) && act.symbol === difference.symbol,
  );
  const excess = excessOf(difference);
  const candidates = [...CURRENCY_ACTS.map((kind) => acts.filter((act) => act.kind === kind)), acts];
  const exact = candidates.find((some) => some.length > 0 && isSame(changeOf(some), excess));
  const chosen = exact ?? candidates.find((some) => some.length > 0 && isPartOf(changeOf(some), excess));
  const [first] = chosen ?? [];
  if (chosen === undefined || first === undefined) return null;
  const rest = subtractDecimals(excess, changeOf(chosen));
  const more = exact === undefined ? `; a further ${amountText(rest, difference.symbol)} is unexplained` : '';
  const kinds = [...new Set(chosen.map(({ kind }) => kind))].join(' and ');
  return {
    kind: first.kind,
    text: `${describe(difference)}: ${kinds} of ${amountText(changeOf(chosen), difference.symbol)}${more}`,
    differences: [difference],
  };
}

type CurrencyAction = VenueAction & { kind: CurrencyAct };

function isCurrencyAct({ kind }: VenueAction): boolean {
  return (CURRENCY_ACTS as readonly string[]).includes(kind);
}

function isBalance(difference: Difference): difference is BalanceDifference {
  return difference.type === 'BALANCE_CHANGED_EXTERNALLY';
}

function excessOf({ exchange, internal }: BalanceDifference): DecimalText {
  return subtractDecimals(exchange.total, internal.total);
}

function isSpot(symbol: string): boolean {
  return !symbol.includes(':');
}

function currenciesOf(symbol: string): string[] {
  return symbol.split('/');
}

/** By currency, what all spot fills together changed; null where a price is not known. */
function expectedChanges(fills: readonly MissedFill[]): Map<string, Big | null> {
  const changes = new Map<string, Big | null>();
  const add = (currency: string, change: Big | null): void => {
    const known = changes.get(currency);
    changes.set(currency, known === null || change === null ? null : (known ?? new Big(0)).plus(change));
  };
  for (const { order, change, price } of fills) {
    const [base = '', quote = ''] = currenciesOf(order.symbol);
    add(base, new Big(change));
    const at = price ?? order.price;
    add(quote, at === null || isZero(at) ? null : new Big(change).times(at).neg());
  }
  return changes;
}

function isMovedBy(balance: BalanceDifference, expected: ReadonlyMap<string, Big | null>): boolean {
  const change = expected.get(balance.symbol);
  if (change === undefined || change === null) return false;
  const margin = change.abs().times(FEE_SHARE);
  return change.minus(excessOf(balance)).abs().lte(margin);
}

/** The other leg of an OCO: a missing order that was cancelled or expired without a fill when its twin filled. */
function endedWith(difference: Difference, fills: readonly MissedFill[]): boolean {
  if (difference.type !== 'ORDER_MISSING_ON_EXCHANGE' || missedFillOf(difference) !== null) return false;
  const { internal, explanation } = difference;
  if (explanation?.cause !== 'canceled' && explanation?.cause !== 'expired') return false;
  return fills.some(({ order }) => {
    const isTwin = order.side === internal.side && order.symbol === internal.symbol;
    const hasParent = internal.parent !== undefined && internal.parent === order.parent;
    const sameAmount = order.amount !== null && internal.amount !== null && isSame(order.amount, internal.amount);
    return isTwin && (hasParent || (sameAmount && (order.conditional || internal.conditional)));
  });
}

function isSame(a: DecimalText, b: DecimalText): boolean {
  return withinTolerance(a, b, '0.00000001');
}

/** Whether the acts changed the balance in its direction, by no more than it differs. */
function isPartOf(change: DecimalText, excess: DecimalText): boolean {
  const isSameWay = signOf(change) === signOf(excess) && signOf(change) !== 0;
  return isSameWay && new Big(absoluteDecimal(change)).lte(absoluteDecimal(excess));
}
