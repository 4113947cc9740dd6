import { compareDecimals, equalDecimals, signOf, subtractDecimals } from '../decimal/decimal.js';
import { botWay } from './bot-ways.js';
import type { Difference, Hint, HintKind, MissingCause, MissingOrderExplanation, OrderTerm } from './difference.js';
import type { BotReference } from '../snapshot/bot-reference.js';
import { unitOf } from '../snapshot/unit.js';
import type { OpenOrder } from '../snapshot/snapshot.js';
import { amountText, isReported, numberText, orderName, orderText, positionText } from './wording.js';

/** A cache: a verdict, its causes and its events describe the same differences, and there may be tens of thousands. */
const described = new WeakMap<Difference, string>();

/** The difference in one line for people: symbol first, then what each side says. */
export function describe(difference: Difference): string {
  const known = described.get(difference);
  if (known !== undefined) return known;
  const hint = difference.hint === undefined ? '' : `; ${difference.hint.text}`;
  const text = describeAnew(difference) + hint;
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
      const end = explanation === null ? '' : `; ${explanationText(explanation, internal)} (${explanation.source})`;
      return `${symbol}: ${orderName(difference)} is open in the bot's state and not on the exchange: ${orderText(internal)}${end}`;
    }
    case 'ORDER_AMENDED_EXTERNALLY': {
      const [renewed, ...rest] = amendments(difference);
      if (renewed?.term === 'id') return `${symbol}: ${renewedText(difference, rest)}`;
      const changes = amendments(difference);
      const terms = changes.map(
        ({ term, outside, inside }) => `${term} ${outside} on the exchange, ${inside} in the bot's state`,
      );
      return `${symbol}: ${orderName(difference)} was amended: ${terms.join('; ')}`;
    }
    case 'ORDER_FILL_MISSED': {
      const [outside, inside] = [difference.exchange, difference.internal].map((row) => amountText(row.filled, row));
      return `${symbol}: ${orderName(difference)} has ${outside} filled on the exchange, ${inside} in the bot's state`;
    }
    case 'BALANCE_CHANGED_EXTERNALLY':
      return `${symbol}: ${numberText(difference.exchange.total)} on the exchange, ${numberText(difference.internal.total)} in the bot's state`;
  }
}

function renewedText(difference: AmendedOrder, others: readonly Amendment[]): string {
  const { exchange, internal } = difference;
  const name = orderName({ orderId: internal.id, clientOrderId: internal.clientOrderId });
  const more = others.map(
    ({ term, outside, inside }) => `; ${term} ${outside} on the exchange, ${inside} in the bot's state`,
  );
  return `${name} has the new id ${exchange.id} on the exchange${more.join('')}`;
}

/** How a difference can be fixed, as clauses. */
export interface Remedy {
  /** What to change in the bot's state. */
  inBot: string;
  /** What to change on the exchange; null where acting there could make the difference, or the risk, larger. */
  onExchange: string | null;
}

/**
 * How to fix the difference, in one line: first in the bot's state, then on the exchange.
 *
 * @param bots the bots behind internal state whose own ways are known
 */
export function remedy(difference: Difference, bots: readonly BotReference[] = []): string {
  const { inBot, onExchange } = remedyOf(difference);
  const way = botWay(difference, bots);
  if (way?.isPossible === false) return `${way.text}: ${onExchange ?? BY_HAND}${notTheBots(difference)}`;
  const change = way === null ? inBot : `${inBot} (${way.text})`;
  return onExchange === null ? change : `${change}, or ${onExchange}`;
}

/** For a difference without a way in the bot's state or a safe act on the exchange. */
const BY_HAND = 'decide by hand what becomes of it on the exchange';

function notTheBots({ type }: Difference): string {
  return type === 'POSITION_OPENED_EXTERNALLY'
    ? `, or name it as a baseline if it is not the bot's (\`baseline\`)`
    : '';
}

/**
 * How to fix the difference. Pure.
 *
 * What to change in the bot's state is the exchange's value, so it is right however often it is done. An act on the
 * exchange is offered only if it can do no harm: it closes or reduces a position that the bot does not have, cancels a
 * plain order that is not the bot's, or reverts an amendment that made the order more aggressive. An order is never
 * placed again: it may fill at once, and its position may be gone. `docs/remedies.md` has the reasons.
 */
export function remedyOf(difference: Difference): Remedy {
  const { hint } = difference;
  if (hint !== undefined && !OTHER_HINTS.has(hint.kind)) {
    return { inBot: unitRemedy(difference, hint), onExchange: null };
  }
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY': {
      const { exchange } = difference;
      return {
        inBot: `add ${positionText(exchange)} to the bot's state`,
        onExchange: hint === undefined ? `close ${amountText(exchange.amount, exchange)} on the exchange` : null,
      };
    }
    case 'POSITION_CLOSED_EXTERNALLY':
      return { inBot: `remove ${positionText(difference.internal)} from the bot's state`, onExchange: null };
    case 'POSITION_SIZE_CHANGED': {
      const { exchange, internal } = difference;
      const excess = subtractDecimals(exchange.amount, internal.amount);
      const canReduce = exchange.side === internal.side && signOf(excess) > 0;
      return {
        inBot: `change ${positionText(internal)} in the bot's state to ${positionText(exchange)}`,
        onExchange: canReduce ? `close ${amountText(excess, exchange)} of it on the exchange` : null,
      };
    }
    case 'ORDER_PLACED_EXTERNALLY':
      return placedRemedy(difference);
    case 'ORDER_MISSING_ON_EXCHANGE':
      return missingRemedy(orderName(difference), difference.internal, difference.explanation);
    case 'ORDER_AMENDED_EXTERNALLY':
      return amendedRemedy(difference);
    case 'ORDER_FILL_MISSED': {
      const filled = amountText(difference.exchange.filled, difference.exchange);
      return { inBot: `record ${filled} filled of ${orderName(difference)} in the bot's state`, onExchange: null };
    }
    case 'BALANCE_CHANGED_EXTERNALLY': {
      const { exchange, internal, symbol } = difference;
      const excess = subtractDecimals(exchange.total, internal.total);
      const ofOthers = `, or name ${amountText(excess, symbol)} as a baseline if it is not the bot's (\`baseline\`)`;
      return {
        inBot: `record ${amountText(exchange.total, symbol)} in the bot's state${signOf(excess) > 0 ? ofOthers : ''}`,
        onExchange: null,
      };
    }
  }
}

/** Hints that say whose an order is, not which unit an amount has. */
const OTHER_HINTS: ReadonlySet<HintKind> = new Set(['own_order', 'lives_on', 'unread_rows']);

/** Only a plain order that belongs to no other one is cancelled: others may protect a position. */
function placedRemedy(difference: Extract<Difference, { type: 'ORDER_PLACED_EXTERNALLY' }>): Remedy {
  const { hint, exchange } = difference;
  const inPlace = hint?.kind === 'lives_on' ? ' in place of the order that became it' : '';
  const isPlain = !exchange.conditional && exchange.parent === undefined;
  return {
    inBot: `add ${orderName(difference)} to the bot's state${inPlace}`,
    onExchange: hint === undefined && isPlain ? 'cancel it on the exchange' : null,
  };
}

function unitRemedy({ symbol, orderId, clientOrderId, exchange }: Difference, { kind }: Hint): string {
  if (kind === 'remaining' && exchange !== null && 'filled' in exchange) {
    const order = orderName({ orderId, clientOrderId });
    const whole = amountText(exchange.amount, exchange);
    return `give the whole amount ${whole} and ${amountText(exchange.filled, exchange)} filled of ${order} in the bot's state`;
  }
  const unit = exchange !== null && 'unit' in exchange ? exchange.unit : undefined;
  const { of, currency } = unitOf({ symbol, unit });
  const owed = of === 'quote' ? `${currency} of contract value` : currency;
  const option = kind === 'contracts' ? ', or set `amounts: contracts` for its source' : '';
  return `give amounts of ${symbol} in ${owed} in the bot's state${option}; do not trade on this difference`;
}

function amendedRemedy(difference: Extract<Difference, { type: 'ORDER_AMENDED_EXTERNALLY' }>): Remedy {
  const { exchange, internal } = difference;
  const changes = amendments(difference);
  const recorded = changes.map(({ term, outside }) => `${term} ${outside}`).join(', ');
  const name = orderName({ orderId: internal.id ?? exchange.id, clientOrderId: difference.clientOrderId });
  const inBot = `record ${recorded} for ${name} in the bot's state`;
  if (changes.length === 0 || !changes.every(({ term }) => isHarmless(term, exchange, internal))) {
    return { inBot, onExchange: null };
  }
  const back = changes.map(({ term, inside }) => `${term} ${inside}`).join(', ');
  return { inBot, onExchange: `amend the order back to ${back} on the exchange` };
}

/**
 * Whether the bot's term may be restored without harm. A price further from the market cannot fill at once, and a
 * smaller amount fills less. A trigger may protect a position, so neither direction is harmless.
 */
function isHarmless(term: OrderTerm, exchange: OpenOrder, internal: OpenOrder): boolean {
  switch (term) {
    case 'price': {
      if (exchange.conditional || exchange.price === null || internal.price === null) return false;
      return compareDecimals(internal.price, exchange.price) === (exchange.side === 'buy' ? -1 : 1);
    }
    case 'amount': {
      if (exchange.amount === null || internal.amount === null) return false;
      const isLess = compareDecimals(internal.amount, exchange.amount) < 0;
      return isLess && compareDecimals(internal.amount, exchange.filled) > 0;
    }
    case 'id':
    case 'side':
    case 'trigger price':
      return false;
  }
}

/** Ends after which the bot may want another order. */
const ENDED_UNFILLED: readonly MissingCause[] = ['canceled', 'expired', 'rejected'];

function missingRemedy(order: string, row: OpenOrder, explanation: MissingOrderExplanation | null): Remedy {
  const filled = explanation?.filled ?? null;
  const hasFill = filled !== null && signOf(filled) > 0;
  if (explanation?.becameOpen !== undefined) {
    return {
      inBot: `record order ${explanation.becameOpen} in place of ${order} in the bot's state`,
      onExchange: null,
    };
  }
  if (hasFill) {
    const fill = amountText(filled, row);
    return { inBot: `close ${order} in the bot's state and record its fill of ${fill}`, onExchange: null };
  }
  const isOver = explanation !== null && ENDED_UNFILLED.includes(explanation.cause);
  // Only the bot knows the current price and position. The old order may fill at once, or open a position again.
  const another = isOver && !row.conditional ? '; let the bot send a new order if it still needs one' : '';
  return { inBot: `remove ${order} from the bot's state${another}`, onExchange: null };
}

/** What became of a missing order, as a clause: "filled 0.01 BTC at 60,120". */
export function explanationText(explanation: MissingOrderExplanation, row: OpenOrder): string {
  const { cause, filled, averagePrice } = explanation;
  const price = averagePrice === null ? '' : ` at ${numberText(averagePrice)}`;
  const amount = filled === null || signOf(filled) <= 0 ? '' : ` ${amountText(filled, row)}`;
  switch (cause) {
    case 'filled':
      return `filled${amount}${price}`;
    case 'liquidated':
      return `liquidated${amount}${price}`;
    case 'triggered':
    case 'replaced': {
      const how = cause === 'triggered' ? 'it triggered' : 'it was replaced';
      const id = explanation.becameOpen;
      return `${how}${id === undefined ? '' : ` and lives on as order ${id}`}`;
    }
    case 'never_seen':
      return 'the exchange has never seen it';
    case 'unknown':
      return 'the cause is unknown';
    case 'canceled':
    case 'expired':
    case 'rejected':
      return `${cause}${amount === '' ? '' : ` after${amount} filled${price}`}`;
  }
}

export interface Amendment {
  term: OrderTerm;
  outside: string;
  inside: string;
}

/** The terms in which the two rows differ, as texts. */
export function amendments({ exchange, internal, terms }: AmendedOrder): Amendment[] {
  return (terms ?? differingTerms(exchange, internal)).map((term) => ({
    term,
    outside: termText(exchange, term),
    inside: termText(internal, term),
  }));
}

export type AmendedOrder = Extract<Difference, { type: 'ORDER_AMENDED_EXTERNALLY' }>;

/** For differences without recorded terms: the terms that both sides report and in which they differ exactly. */
function differingTerms(exchange: OpenOrder, internal: OpenOrder): OrderTerm[] {
  const differ = (a: string | null, b: string | null): boolean =>
    isReported(a) && isReported(b) && !equalDecimals(a, b);
  return [
    ...(exchange.side === internal.side ? [] : (['side'] as const)),
    ...(differ(exchange.price, internal.price) ? (['price'] as const) : []),
    ...(differ(exchange.triggerPrice, internal.triggerPrice) ? (['trigger price'] as const) : []),
    ...(differ(exchange.amount, internal.amount) ? (['amount'] as const) : []),
  ];
}

function termText(order: OpenOrder, term: OrderTerm): string {
  switch (term) {
    case 'id':
      return order.id ?? 'none';
    case 'side':
      return order.side;
    case 'price':
      return numberText(order.price);
    case 'trigger price':
      return (
        [order.triggerPrice, order.secondTriggerPrice]
          .flatMap((price) => price ?? [])
          .map(numberText)
          .join(' and ') || 'none'
      );
    case 'amount':
      return amountText(order.amount, order);
  }
}
