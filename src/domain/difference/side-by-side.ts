import { signOf } from '../decimal/decimal.js';
import { amendments, explanationText } from './describe.js';
import type { Difference, MissingOrderExplanation } from './difference.js';
import { amountText, numberText, orderName, orderText, positionText } from './wording.js';

/** A difference as two values side by side, for people who do not know its type. */
export interface SideBySide {
  /** "BTC/USDT:USDT position", "BTC/USDT:USDT order 17", "USDT balance". */
  what: string;
  exchange: string;
  bot: string;
  /** The same for one short line: without ids, with the most important number of each side. */
  short: { what: string; exchange: string; bot: string };
}

/** Both values of a difference, with their units. Pure. */
export function sideBySide(difference: Difference): SideBySide {
  const { symbol } = difference;
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY':
    case 'POSITION_SIZE_CHANGED':
    case 'POSITION_CLOSED_EXTERNALLY': {
      // The symbol is printed before both values.
      const [exchange, bot] = [difference.exchange, difference.internal].map((row) =>
        row === null ? 'none' : positionText(row).replace(` of ${symbol}`, ''),
      );
      return same(`${symbol} position`, exchange ?? 'none', bot ?? 'none');
    }
    case 'BALANCE_CHANGED_EXTERNALLY': {
      const [exchange, bot] = [difference.exchange, difference.internal].map(({ total }) => amountText(total, symbol));
      return same(`${symbol} balance`, exchange ?? '', bot ?? '');
    }
    case 'ORDER_PLACED_EXTERNALLY':
      return {
        what: orderOf(difference),
        exchange: `open: ${orderText(difference.exchange)}`,
        bot: 'does not know this order',
        short: { what: `${symbol} order`, exchange: 'open', bot: 'none' },
      };
    case 'ORDER_MISSING_ON_EXCHANGE': {
      const { internal, explanation } = difference;
      return {
        what: orderOf(difference),
        exchange: explanation === null ? 'not open' : `not open: ${explanationText(explanation, internal)}`,
        bot: `open: ${orderText(internal)}`,
        short: { what: `${symbol} order`, exchange: endText(explanation), bot: 'open' },
      };
    }
    case 'ORDER_FILL_MISSED': {
      const [exchange, bot] = [difference.exchange, difference.internal].map(
        (row) => `${amountText(row.filled, row)} filled`,
      );
      const short = { what: `${symbol} order`, exchange: exchange ?? '', bot: bot ?? '' };
      return { what: orderOf(difference), exchange: short.exchange, bot: short.bot, short };
    }
    case 'ORDER_AMENDED_EXTERNALLY': {
      const changes = amendments(difference);
      const [first] = changes;
      const shorten = (value: string | undefined): string =>
        first === undefined || first.term === 'id' ? 'other terms' : `${first.term} ${value}`;
      return {
        what: orderOf(difference),
        exchange: changes.map(({ term, outside }) => `${term} ${outside}`).join(', ') || orderText(difference.exchange),
        bot: changes.map(({ term, inside }) => `${term} ${inside}`).join(', ') || orderText(difference.internal),
        short: { what: `${symbol} order`, exchange: shorten(first?.outside), bot: shorten(first?.inside) },
      };
    }
  }
}

function same(what: string, exchange: string, bot: string): SideBySide {
  return { what, exchange, bot, short: { what, exchange, bot } };
}

function orderOf(difference: Difference): string {
  const { exchange, internal } = difference;
  const id = difference.orderId ?? (exchange !== null && 'id' in exchange ? exchange.id : null);
  const known = id ?? (internal !== null && 'id' in internal ? internal.id : null);
  return `${difference.symbol} ${orderName({ orderId: known, clientOrderId: difference.clientOrderId })}`;
}

/** What became of a missing order, in a word or two. */
function endText(explanation: MissingOrderExplanation | null): string {
  if (explanation === null || explanation.cause === 'unknown') return 'not open';
  const { cause, filled, averagePrice } = explanation;
  if (cause === 'never_seen') return 'never seen';
  const isPriced = filled !== null && signOf(filled) > 0 && averagePrice !== null;
  return cause === 'filled' && isPriced ? `filled at ${numberText(averagePrice)}` : cause;
}
