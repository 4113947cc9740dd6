import { subtractDecimals } from '../decimal/decimal.js';
import { describe } from '../difference/describe.js';
import type { Difference } from '../difference/difference.js';
import { changeOf, missedFillOf } from './missed-fills.js';
import { orderCauses } from './order-causes.js';
import { positionCauses } from './position-causes.js';
import type { Circumstances, Cause } from './cause.js';
import { amountText } from '../difference/wording.js';

/**
 * Groups the confirmed differences of a run by cause. Pure. Each difference belongs to exactly one cause; the causes
 * come in the order of their first differences.
 *
 * 1. What the exchange says it did by itself (liquidation, deleveraging, settlement) explains a position first.
 * 2. Fills that the bot missed explain the rest: those of missing and of open orders that make up the change exactly,
 *    else all that point the same way; what they do not explain is named.
 * 3. A position of a dated contract that is gone after the contract's expiry was settled, and its orders with it.
 * 4. Orders on the closing side of a position that is gone, cancelled or expired without a fill, went with it; where the
 *    exchange liquidated, those of both sides. The orders of its risk engine are part of what it did.
 * 5. A position turned over is a flip; one that differs by less than the market's least amount is dust.
 * 6. A missing order and one placed outside are one replaced order if they share a client order id, or if each is the
 *    only one of its symbol, side and amount.
 * 7. Terms and fills of one order have one cause.
 * 8. A balance that differs by exactly the funding of its currency is funding.
 */
export function relate(differences: readonly Difference[], circumstances: Partial<Circumstances> = {}): Cause[] {
  const known: Circumstances = { exchangeClock: null, markets: {}, venueActions: [], ...circumstances };
  const causes: Cause[] = [];
  const reported = new Set<Difference>();
  for (const causesOf of [positionCauses, orderCauses, singleCauses]) {
    const left = differences.filter((difference) => !reported.has(difference));
    for (const cause of causesOf(left, known)) {
      causes.push(cause);
      for (const difference of cause.differences) reported.add(difference);
    }
  }
  const rank = new Map(differences.map((difference, index) => [difference, index]));
  const rankOf = ({ differences: effects }: Cause): number =>
    effects.reduce((least, effect) => Math.min(least, rank.get(effect) ?? Infinity), Infinity);
  return causes.toSorted((a, b) => rankOf(a) - rankOf(b));
}

function singleCauses(differences: readonly Difference[], known: Circumstances): Cause[] {
  return differences.map((difference) => {
    const funding = fundingCause(difference, known);
    if (funding !== null) return funding;
    const kind = missedFillOf(difference) === null ? 'unexplained' : 'order_filled';
    return { kind, text: describe(difference), differences: [difference] };
  });
}

function fundingCause(difference: Difference, { venueActions }: Circumstances): Cause | null {
  if (difference.type !== 'BALANCE_CHANGED_EXTERNALLY') return null;
  const { symbol, exchange, internal } = difference;
  const paid = venueActions.filter((venueAction) => venueAction.kind === 'funding' && venueAction.symbol === symbol);
  const change = changeOf(paid);
  if (paid.length === 0 || subtractDecimals(exchange.total, internal.total) !== change) return null;
  return {
    kind: 'funding',
    text: `${describe(difference)}: funding of ${amountText(change, symbol)}`,
    differences: [difference],
  };
}
