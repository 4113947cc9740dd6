import {
  absoluteDecimal,
  compareDecimals,
  equalDecimals,
  normalizeDecimal,
  signOf,
  subtractDecimals,
} from './decimal.js';
import type { Difference, MissingOrderExplanation } from './difference.js';
import { signedAmount } from './position-legs.js';
import type { OpenOrder, Position } from './snapshot.js';

/** The difference in one line for people: symbol first, then what each side says. */
export function describe(difference: Difference): string {
  const { symbol } = difference;
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY':
      return `${symbol}: the exchange holds ${position(difference.exchange)}, the bot believes in none`;
    case 'POSITION_CLOSED_EXTERNALLY':
      return `${symbol}: the bot believes in ${position(difference.internal)}, the exchange holds none`;
    case 'POSITION_SIZE_CHANGED': {
      const { exchange, internal } = difference;
      const flip = exchange.side === internal.side ? '' : ' (flipped)';
      return `${symbol}: the exchange holds ${position(exchange)}, the bot believes in ${position(internal)}${flip}`;
    }
    case 'ORDER_PLACED_EXTERNALLY':
      return `${symbol}: ${name(difference)} is open on the exchange and unknown to the bot: ${order(difference.exchange)}`;
    case 'ORDER_MISSING_ON_EXCHANGE': {
      const { internal, explanation } = difference;
      const end = explanation === null ? '' : `; ${explained(explanation, internal)}`;
      return `${symbol}: ${name(difference)} is open in the bot's books and not on the exchange: ${order(internal)}${end}`;
    }
    case 'ORDER_AMENDED_EXTERNALLY': {
      const changes = amendments(difference.exchange, difference.internal);
      const terms = changes.map(({ term, outside, inside }) => `${term} ${outside} on the exchange, ${inside} inside`);
      return `${symbol}: ${name(difference)} was amended: ${terms.join('; ')}`;
    }
    case 'ORDER_FILL_MISSED': {
      const [outside, inside] = [difference.exchange, difference.internal].map((row) => base(row.filled, symbol));
      return `${symbol}: ${name(difference)} has ${outside} filled on the exchange, ${inside} in the bot's books`;
    }
    case 'BALANCE_CHANGED_EXTERNALLY':
      return `${symbol}: ${number(difference.exchange.total)} on the exchange, ${number(difference.internal.total)} in the bot's books`;
  }
}

/** What would mend the difference, from both ends: the bot's books, or the exchange. One line. */
export function remedy(difference: Difference): string {
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY': {
      const { exchange } = difference;
      return `the bot should take over ${position(exchange)}, or ${base(exchange.amount, exchange.symbol)} should be closed on the exchange`;
    }
    case 'POSITION_CLOSED_EXTERNALLY': {
      const held = position(difference.internal);
      return `the bot should drop ${held} from its books, or ${held} should be opened again on the exchange`;
    }
    case 'POSITION_SIZE_CHANGED': {
      const { exchange, internal, symbol } = difference;
      const excess = subtractDecimals(signedAmount(exchange), signedAmount(internal));
      const trade = `${base(absoluteDecimal(excess), symbol)} should be ${signOf(excess) > 0 ? 'sold' : 'bought'}`;
      return `the bot should book ${position(exchange)} instead of ${position(internal)}, or ${trade} on the exchange`;
    }
    case 'ORDER_PLACED_EXTERNALLY':
      return `the bot should take over ${name(difference)}, or it should be cancelled on the exchange`;
    case 'ORDER_MISSING_ON_EXCHANGE':
      return missingRemedy(name(difference), difference.internal, difference.explanation);
    case 'ORDER_AMENDED_EXTERNALLY': {
      const changes = amendments(difference.exchange, difference.internal);
      const book = changes.map(({ term, outside }) => `${term} ${outside}`).join(', ');
      const back = changes.map(({ term, inside }) => `${term} ${inside}`).join(', ');
      return `the bot should book ${book} for ${name(difference)}, or the order should be amended back to ${back} on the exchange`;
    }
    case 'ORDER_FILL_MISSED': {
      const { exchange, internal, symbol } = difference;
      const missed = base(absoluteDecimal(subtractDecimals(exchange.filled, internal.filled)), symbol);
      const isMore = compareDecimals(exchange.filled, internal.filled) > 0;
      const back = (exchange.side === 'buy') === isMore ? 'sold' : 'bought';
      return isMore
        ? `the bot should book the missed fill of ${missed}, or ${missed} should be ${back} back on the exchange`
        : `the bot should take back a fill of ${missed} that the exchange does not know, or ${missed} should be ${back} on the exchange`;
    }
    case 'BALANCE_CHANGED_EXTERNALLY': {
      const { exchange, internal, symbol } = difference;
      const excess = subtractDecimals(exchange.total, internal.total);
      const way = signOf(excess) > 0 ? 'out of' : 'into';
      return `the bot should book ${base(exchange.total, symbol)}, or ${base(absoluteDecimal(excess), symbol)} should be moved ${way} the account`;
    }
  }
}

function missingRemedy(order: string, row: OpenOrder, explanation: MissingOrderExplanation | null): string {
  const filled = explanation?.filled ?? null;
  const again = 'or it should be placed again on the exchange';
  if (filled === null || signOf(filled) <= 0) return `the bot should drop ${order} from its books, ${again}`;
  return `the bot should close ${order} with ${base(filled, row.symbol)} filled and book the fill, ${again}`;
}

function explained(explanation: MissingOrderExplanation, row: OpenOrder): string {
  const { cause, filled, averagePrice, source } = explanation;
  const price = averagePrice === null ? '' : ` at ${number(averagePrice)}`;
  const amount = filled === null || signOf(filled) <= 0 ? '' : ` ${base(filled, row.symbol)}`;
  switch (cause) {
    case 'filled':
      return `filled${amount}${price} (${source})`;
    case 'liquidated':
      return `liquidated${amount}${price} (${source})`;
    case 'never_seen':
      return `the exchange has never seen it (${source})`;
    case 'unknown':
      return `why is unknown (${source})`;
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

/** The terms that both sides tell and that are not equal, as texts. */
function amendments(exchange: OpenOrder, internal: OpenOrder): Amendment[] {
  const found: Amendment[] = [];
  const differ = (a: string | null, b: string | null): boolean =>
    a !== null && b !== null && signOf(a) !== 0 && signOf(b) !== 0 && !equalDecimals(a, b);
  if (exchange.side !== internal.side) found.push({ term: 'side', outside: exchange.side, inside: internal.side });
  if (differ(exchange.price, internal.price)) {
    found.push({ term: 'price', outside: number(exchange.price), inside: number(internal.price) });
  }
  if (differ(exchange.triggerPrice, internal.triggerPrice)) {
    found.push({
      term: 'trigger price',
      outside: number(exchange.triggerPrice),
      inside: number(internal.triggerPrice),
    });
  }
  if (differ(exchange.amount, internal.amount)) {
    const { symbol } = exchange;
    found.push({ term: 'amount', outside: base(exchange.amount, symbol), inside: base(internal.amount, symbol) });
  }
  return found;
}

function position({ symbol, side, amount }: Position): string {
  return `${base(amount, symbol)} ${side}`;
}

function order(row: OpenOrder): string {
  const amount = row.amount === null ? 'the whole position' : base(row.amount, row.symbol);
  const price = row.price === null || signOf(row.price) === 0 ? '' : ` at ${number(row.price)}`;
  const trigger =
    row.triggerPrice === null || signOf(row.triggerPrice) === 0 ? '' : ` triggered at ${number(row.triggerPrice)}`;
  const filled = signOf(row.filled) === 0 ? '' : `, ${base(row.filled, row.symbol)} filled`;
  return `${row.side} ${amount} ${row.type}${price}${trigger}${filled}`;
}

function name({ orderId, clientOrderId }: Pick<Difference, 'orderId' | 'clientOrderId'>): string {
  if (orderId === null) return clientOrderId === null ? 'an order without an id' : `order "${clientOrderId}"`;
  return clientOrderId === null ? `order ${orderId}` : `order ${orderId} ("${clientOrderId}")`;
}

/** An amount with the symbol's base currency, or a balance with its own. */
function base(amount: string | null, symbol: string): string {
  const unit = symbol.includes('/') ? symbol.slice(0, symbol.indexOf('/')) : symbol;
  return `${number(amount)} ${unit}`;
}

/** Exact, without trailing zeros, thousands grouped: 60120.50 is "60,120.5". */
function number(text: string | null): string {
  if (text === null) return 'none';
  const [whole = '', fraction] = normalizeDecimal(text).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
