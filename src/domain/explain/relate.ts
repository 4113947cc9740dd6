import { describe } from '../difference/describe.js';
import type { Difference } from '../difference/difference.js';
import { balanceCause, spotFillCauses } from './holding-causes.js';
import { missedFillOf } from './missed-fills.js';
import { orderCauses } from './order-causes.js';
import { positionCauses } from './position-causes.js';
import type { Circumstances, Cause } from './cause.js';

/**
 * Groups the confirmed differences of a run by cause. Pure. Each difference belongs to exactly one cause. The causes are
 * in the order of their first differences.
 *
 * 1. Venue actions (liquidation, deleveraging, settlement) explain a position first.
 * 2. Missed fills explain the rest. If fills of missing and open orders add up to the change exactly, they are the cause;
 *    otherwise all fills in the same direction are. The text names the amount that remains unexplained.
 * 3. A position of a dated contract that is gone after the contract's expiry was settled, and its orders ended with it.
 * 4. Orders on the closing side of a position that is gone ended with it if they were cancelled or expired without a fill.
 *    After a liquidation this holds for the orders of both sides. The orders of the risk engine belong to the liquidation.
 * 5. A position that changed its side is a flip. One that differs by less than the market's smallest amount is dust.
 * 6. A missing order and an externally placed order are one order if the exchange says that the first became the second
 *    (it triggered, or an amendment gave it a new id), if they share a client order id, or if each is the only one with its
 *    symbol, side and amount.
 * 7. Terms and fills of one order have one cause.
 * 8. On spot, an order that filled, the other leg of its OCO and the balances of both currencies have one cause.
 * 9. A balance that differs by a deposit, withdrawal, transfer, fee, conversion, interest or funding has that as its cause.
 */
export function relate(differences: readonly Difference[], circumstances: Partial<Circumstances> = {}): Cause[] {
  const known: Circumstances = { exchangeClock: null, markets: {}, venueActions: [], ...circumstances };
  const causes: Cause[] = [];
  const reported = new Set<Difference>();
  for (const causesOf of [positionCauses, spotFillCauses, orderCauses, singleCauses]) {
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
    const balance = balanceCause(difference, known);
    if (balance !== null) return balance;
    const kind = missedFillOf(difference) === null ? 'unexplained' : 'order_filled';
    return { kind, text: describe(difference), differences: [difference] };
  });
}
