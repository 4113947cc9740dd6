import { absoluteDecimal, compareDecimals, equalDecimals, signOf, subtractDecimals } from '../decimal/decimal.js';
import type { Difference, MissingOrderExplanation } from './difference.js';
import { signedAmount } from '../snapshot/position-legs.js';
import type { OpenOrder } from '../snapshot/snapshot.js';
import { amountText, isReported, numberText, orderName, orderText, positionText } from './wording.js';

/** A cache: a verdict, its causes and its events describe the same differences, and there may be tens of thousands. */
const described = new WeakMap<Difference, string>();

/** The difference in one line for people: symbol first, then what each side says. */
export function describe(difference: Difference): string {
  const known = described.get(difference);
  if (known !== undefined) return known;
  const text = describeAnew(difference);
  described.set(difference, text);
  return text;
}

function describeAnew(difference: Difference): string {
  const { symbol } = difference;
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY':
      return `${symbol}: the exchange holds ${positionText(difference.exchange)}, the bot has none`;
    case 'POSITION_CLOSED_EXTERNALLY':
      return `${symbol}: the bot has ${positionText(difference.internal)}, the exchange holds none`;
    case 'POSITION_SIZE_CHANGED': {
      const { exchange, internal } = difference;
      const flip = exchange.side === internal.side ? '' : ' (flipped)';
      return `${symbol}: the exchange holds ${positionText(exchange)}, the bot has ${positionText(internal)}${flip}`;
    }
    case 'ORDER_PLACED_EXTERNALLY':
      return `${symbol}: ${orderName(difference)} is open on the exchange and unknown to the bot: ${orderText(difference.exchange)}`;
    case 'ORDER_MISSING_ON_EXCHANGE': {
      const { internal, explanation } = difference;
      const end = explanation === null ? '' : `; ${explained(explanation, internal)}`;
      return `${symbol}: ${orderName(difference)} is open in the bot's state and not on the exchange: ${orderText(internal)}${end}`;
    }
    case 'ORDER_AMENDED_EXTERNALLY': {
      const changes = amendments(difference.exchange, difference.internal);
      const terms = changes.map(
        ({ term, outside, inside }) => `${term} ${outside} on the exchange, ${inside} in the bot's state`,
      );
      return `${symbol}: ${orderName(difference)} was amended: ${terms.join('; ')}`;
    }
    case 'ORDER_FILL_MISSED': {
      const [outside, inside] = [difference.exchange, difference.internal].map((row) => amountText(row.filled, symbol));
      return `${symbol}: ${orderName(difference)} has ${outside} filled on the exchange, ${inside} in the bot's state`;
    }
    case 'BALANCE_CHANGED_EXTERNALLY':
      return `${symbol}: ${numberText(difference.exchange.total)} on the exchange, ${numberText(difference.internal.total)} in the bot's state`;
  }
}

/** How to fix the difference, in one line: first in the bot's state, then on the exchange. */
export function remedy(difference: Difference): string {
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY': {
      const { exchange } = difference;
      return `add ${positionText(exchange)} to the bot's state, or close ${amountText(exchange.amount, exchange.symbol)} on the exchange`;
    }
    case 'POSITION_CLOSED_EXTERNALLY': {
      const held = positionText(difference.internal);
      return `remove ${held} from the bot's state, or open ${held} on the exchange again`;
    }
    case 'POSITION_SIZE_CHANGED': {
      const { exchange, internal, symbol } = difference;
      const excess = subtractDecimals(signedAmount(exchange), signedAmount(internal));
      const trade = `${signOf(excess) > 0 ? 'sell' : 'buy'} ${amountText(absoluteDecimal(excess), symbol)}`;
      return `change ${positionText(internal)} in the bot's state to ${positionText(exchange)}, or ${trade} on the exchange`;
    }
    case 'ORDER_PLACED_EXTERNALLY':
      return `add ${orderName(difference)} to the bot's state, or cancel it on the exchange`;
    case 'ORDER_MISSING_ON_EXCHANGE':
      return missingRemedy(orderName(difference), difference.internal, difference.explanation);
    case 'ORDER_AMENDED_EXTERNALLY': {
      const changes = amendments(difference.exchange, difference.internal);
      const recorded = changes.map(({ term, outside }) => `${term} ${outside}`).join(', ');
      const back = changes.map(({ term, inside }) => `${term} ${inside}`).join(', ');
      return `record ${recorded} for ${orderName(difference)} in the bot's state, or amend the order back to ${back} on the exchange`;
    }
    case 'ORDER_FILL_MISSED': {
      const { exchange, internal, symbol } = difference;
      const missed = amountText(absoluteDecimal(subtractDecimals(exchange.filled, internal.filled)), symbol);
      const isMore = compareDecimals(exchange.filled, internal.filled) > 0;
      const trade = (exchange.side === 'buy') === isMore ? 'sell' : 'buy';
      return isMore
        ? `record the missed fill of ${missed} in the bot's state, or ${trade} ${missed} back on the exchange`
        : `remove a fill of ${missed} that the exchange does not know from the bot's state, or ${trade} ${missed} on the exchange`;
    }
    case 'BALANCE_CHANGED_EXTERNALLY': {
      const { exchange, internal, symbol } = difference;
      const excess = subtractDecimals(exchange.total, internal.total);
      const way = signOf(excess) > 0 ? 'out of' : 'into';
      return `record ${amountText(exchange.total, symbol)} in the bot's state, or move ${amountText(absoluteDecimal(excess), symbol)} ${way} the account`;
    }
  }
}

function missingRemedy(order: string, row: OpenOrder, explanation: MissingOrderExplanation | null): string {
  const filled = explanation?.filled ?? null;
  const again = 'or place it on the exchange again';
  if (filled === null || signOf(filled) <= 0) return `remove ${order} from the bot's state, ${again}`;
  return `close ${order} in the bot's state and record its fill of ${amountText(filled, row.symbol)}, ${again}`;
}

function explained(explanation: MissingOrderExplanation, row: OpenOrder): string {
  const { cause, filled, averagePrice, source } = explanation;
  const price = averagePrice === null ? '' : ` at ${numberText(averagePrice)}`;
  const amount = filled === null || signOf(filled) <= 0 ? '' : ` ${amountText(filled, row.symbol)}`;
  switch (cause) {
    case 'filled':
      return `filled${amount}${price} (${source})`;
    case 'liquidated':
      return `liquidated${amount}${price} (${source})`;
    case 'never_seen':
      return `the exchange has never seen it (${source})`;
    case 'unknown':
      return `the cause is unknown (${source})`;
    case 'canceled':
    case 'expired':
    case 'rejected':
      return `${cause}${amount === '' ? '' : ` after${amount} filled${price}`} (${source})`;
  }
}

interface Amendment {
  term: 'side' | 'price' | 'trigger price' | 'amount';
  outside: string;
  inside: string;
}

/** The terms that both sides report and in which they differ, as texts. */
function amendments(exchange: OpenOrder, internal: OpenOrder): Amendment[] {
  const found: Amendment[] = [];
  const differ = (a: string | null, b: string | null): boolean =>
    isReported(a) && isReported(b) && !equalDecimals(a, b);
  if (exchange.side !== internal.side) found.push({ term: 'side', outside: exchange.side, inside: internal.side });
  if (differ(exchange.price, internal.price)) {
    found.push({ term: 'price', outside: numberText(exchange.price), inside: numberText(internal.price) });
  }
  if (differ(exchange.triggerPrice, internal.triggerPrice)) {
    found.push({
      term: 'trigger price',
      outside: numberText(exchange.triggerPrice),
      inside: numberText(internal.triggerPrice),
    });
  }
  if (differ(exchange.amount, internal.amount)) {
    const { symbol } = exchange;
    found.push({
      term: 'amount',
      outside: amountText(exchange.amount, symbol),
      inside: amountText(internal.amount, symbol),
    });
  }
  return found;
}
