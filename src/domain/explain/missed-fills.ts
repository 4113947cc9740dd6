import {
  absoluteDecimal,
  addDecimals,
  negateDecimal,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '../decimal/decimal.js';
import type { Difference, MissingCause } from '../difference/difference.js';
import type { OpenOrder } from '../snapshot/snapshot.js';
import { amountText, numberText, orderName } from '../difference/wording.js';

/** The fills of one order that the bot did not record. */
export interface MissedFill {
  difference: Difference;
  order: OpenOrder;
  /** Base units by which they changed the position: above zero for bought, below for sold. */
  change: DecimalText;
  /** Average price; null where it is not reported. */
  price: DecimalText | null;
  /** Why the order is gone; null if it is still open. */
  cause: MissingCause | null;
}

/** The fills of one difference that the bot has not recorded; null if there are none, or none are known. */
export function missedFillOf(difference: Difference): MissedFill | null {
  if (difference.type === 'ORDER_FILL_MISSED') {
    const { exchange, internal } = difference;
    const change = signed(exchange, subtractDecimals(exchange.filled, internal.filled));
    return { difference, order: exchange, change, price: null, cause: null };
  }
  if (difference.type !== 'ORDER_MISSING_ON_EXCHANGE') return null;
  const { internal, explanation } = difference;
  if (explanation === null || explanation.filled === null) return null;
  const change = signed(internal, subtractDecimals(explanation.filled, internal.filled));
  if (signOf(change) === 0) return null;
  return { difference, order: internal, change, price: explanation.averagePrice, cause: explanation.cause };
}

/** Up to this many fills, every subset is tried; more are taken together or not at all. 2^8 sums per symbol are cheap. */
const MAX_TRIED = 8;

/**
 * The smallest set of fills whose sum is the change of a position; empty if there is none.
 *
 * @param isSame whether two changes count as equal, by the market's step
 */
export function fillsThatMakeUp(
  change: DecimalText,
  fills: readonly MissedFill[],
  isSame: (a: DecimalText, b: DecimalText) => boolean,
): readonly MissedFill[] {
  if (fills.length === 0) return [];
  if (fills.length > MAX_TRIED) return isSame(changeOf(fills), change) ? fills : [];
  const subsets = Array.from({ length: 2 ** fills.length - 1 }, (_, index) =>
    fills.filter((__, at) => ((index + 1) & (1 << at)) !== 0),
  );
  return subsets.toSorted((a, b) => a.length - b.length).find((subset) => isSame(changeOf(subset), change)) ?? [];
}

/** The fills that changed the position in the same direction: they are a part of its cause. */
export function fillsTowards(change: DecimalText, fills: readonly MissedFill[]): readonly MissedFill[] {
  return fills.filter((fill) => signOf(fill.change) === signOf(change));
}

/** The signed sum of the changes, in the unit of the symbol. */
export function changeOf(fills: readonly Pick<MissedFill, 'change'>[]): DecimalText {
  return fills.reduce((sum, { change }) => addDecimals(sum, change), '0');
}

/** "stop order 17 filled 0.5 BTC at 60,120". */
export function fillText({ difference, order, change, price, cause }: MissedFill): string {
  const filled = `filled ${amountText(absoluteDecimal(change), order)}`;
  const at = price === null ? '' : ` at ${numberText(price)}`;
  const end =
    cause === null || cause === 'filled' ? '' : cause === 'liquidated' ? ' in a liquidation' : `, then ${cause}`;
  return `${order.conditional ? `${kindOf(order.type)} ` : ''}${orderName(difference)} ${filled}${at}${end}`;
}

function kindOf(type: string): 'take-profit' | 'trailing' | 'stop' {
  if (type.includes('profit')) return 'take-profit';
  return type.includes('trail') ? 'trailing' : 'stop';
}

function signed(order: OpenOrder, amount: DecimalText): DecimalText {
  return order.side === 'buy' ? amount : negateDecimal(amount);
}
