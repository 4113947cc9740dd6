import {
  absoluteDecimal,
  addDecimals,
  isZero,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '../decimal/decimal.js';
import { describe, remedy } from '../difference/describe.js';
import type { Difference } from '../difference/difference.js';
import { amountText } from '../difference/wording.js';
import type { Baseline } from '../policy/policy.js';
import type { BotReference } from '../snapshot/bot-reference.js';
import { signedAmount } from '../snapshot/position-legs.js';
import { coveredBy, marketPath, scopeOfBalance, scopeOfPosition } from '../snapshot/scope.js';
import type { Balance, Position, Snapshot } from '../snapshot/snapshot.js';
import { baseOf, type Measured } from '../snapshot/unit.js';

/**
 * Internal state with what the owner holds beside the bot.
 *
 * - In one-way mode the baseline of a position is added with its sign, in hedge mode to the leg of its sign. An account is in
 *   hedge mode if one side says so, a symbol if one side has both legs: as in `positionKeys`.
 * - A spot position is a holding of its base currency.
 * - Only scopes that internal state covers get a baseline. The rest is not compared, with or without it.
 */
export function withBaseline(exchange: Snapshot, internal: Snapshot, baseline: Baseline | undefined): Snapshot {
  if (baseline === undefined) return internal;
  const isHedge = exchange.positionMode === 'hedge' || internal.positionMode === 'hedge';
  let { positions, balances } = internal;
  for (const [symbol, amount] of Object.entries(baseline.positions)) {
    if (isHolding(symbol, exchange, internal)) {
      balances = withHolding(internal, balances, baseOf(symbol), amount);
      continue;
    }
    if (isZero(amount) || !coveredBy(internal.scopes, scopeOfPosition({ symbol }))) continue;
    const hasLegs = isHedge || hasBothLegs(exchange.positions, symbol) || hasBothLegs(positions, symbol);
    positions = addPosition(positions, symbol, amount, hasLegs);
  }
  for (const [currency, amount] of Object.entries(baseline.balances)) {
    balances = withHolding(internal, balances, currency, amount);
  }
  return { ...internal, positions, balances };
}

/**
 * The words for a difference. With a baseline they name it, and the remedy is about the bot's own part.
 *
 * @param bots the bots behind internal state; the remedy names their own ways
 */
export function describeBeside(
  difference: Difference,
  baseline: Baseline | undefined,
  bots: readonly BotReference[] = [],
): { description: string; remedy: string } {
  const plain = { description: describe(difference), remedy: remedy(difference, bots) };
  const beside = baseline === undefined ? null : besideOf(difference, baseline);
  if (beside === null) return plain;
  const row = difference.exchange ?? difference.internal;
  const unit = row !== null && 'unit' in row ? row.unit : undefined;
  const held = amountText(beside, { symbol: difference.symbol, unit });
  const description = `${plain.description} (the bot's side includes the baseline of ${held} held beside the bot)`;
  const own = withoutBaseline(difference, beside);
  return {
    description,
    remedy:
      own === null
        ? `correct the baseline of ${held}, which is more than the exchange holds`
        : `beside the baseline of ${held}: ${remedy(own, bots)}`,
  };
}

/** "beside the bot's: 100 XRP, 0.5 BTC/USDT:USDT long"; null if there is no baseline. */
export function baselineText(baseline: Baseline | undefined): string | null {
  if (baseline === undefined) return null;
  const parts = [
    ...Object.entries(baseline.positions).map(
      ([symbol, amount]) => `${absoluteDecimal(amount)} ${symbol} ${signOf(amount) < 0 ? 'short' : 'long'}`,
    ),
    ...Object.entries(baseline.balances).map(([currency, amount]) => `${amount} ${currency}`),
  ];
  return parts.length === 0 ? null : `beside the bot's: ${parts.join(', ')}`;
}

/** Whether the symbol is a spot market that neither side has as a position: then its base currency is held. */
function isHolding(symbol: string, exchange: Snapshot, internal: Snapshot): boolean {
  const isOf = (row: Position): boolean => row.symbol === symbol;
  return marketPath(symbol) === 'spot' && !exchange.positions.some(isOf) && !internal.positions.some(isOf);
}

function withHolding(
  { scopes }: Snapshot,
  balances: readonly Balance[],
  currency: string,
  amount: DecimalText,
): Balance[] {
  if (isZero(amount) || !coveredBy(scopes, scopeOfBalance({ currency }))) return [...balances];
  return addBalance(balances, currency, amount);
}

function hasBothLegs(positions: readonly Position[], symbol: string): boolean {
  return new Set(positions.filter((row) => row.symbol === symbol).map(({ side }) => side)).size === 2;
}

function addPosition(
  positions: readonly Position[],
  symbol: string,
  amount: DecimalText,
  hasLegs: boolean,
): Position[] {
  const side = signOf(amount) < 0 ? 'short' : 'long';
  const isOwn = (row: Position): boolean => row.symbol === symbol && (!hasLegs || row.side === side);
  const own = positions.filter(isOwn);
  const sum = own.reduce((total, row) => addDecimals(total, signedAmount(row)), amount);
  const others = positions.filter((row) => !isOwn(row));
  if (isZero(sum)) return others;
  const changedAt = own.length === 1 ? (own[0]?.changedAt ?? null) : null;
  return [...others, { symbol, side: signOf(sum) < 0 ? 'short' : 'long', amount: absoluteDecimal(sum), changedAt }];
}

function addBalance(balances: readonly Balance[], currency: string, amount: DecimalText): Balance[] {
  const own = balances.filter((row) => row.currency === currency);
  const total = own.reduce((sum, row) => addDecimals(sum, row.total), amount);
  return [...balances.filter((row) => row.currency !== currency), { currency, total }];
}

/** The part of the baseline that a difference is about; null if none is. */
function besideOf({ type, symbol, side }: Difference, { positions, balances }: Baseline): DecimalText | null {
  if (type === 'BALANCE_CHANGED_EXTERNALLY') return holdingOf(symbol, { positions, balances });
  if (!type.startsWith('POSITION_')) return null;
  const amount = ownAmount(positions, symbol);
  if (amount === null || side === null) return amount;
  return side === (signOf(amount) < 0 ? 'short' : 'long') ? amount : null;
}

/** What is held of a currency beside the bot, spot positions included. */
export function holdingOf(currency: string, { positions, balances }: Baseline): DecimalText | null {
  const spot = Object.entries(positions).filter(
    ([symbol]) => marketPath(symbol) === 'spot' && baseOf(symbol) === currency,
  );
  const sum = spot.reduce((total, [, amount]) => addDecimals(total, amount), ownAmount(balances, currency) ?? '0');
  return isZero(sum) ? null : sum;
}

function ownAmount(amounts: Readonly<Record<string, DecimalText>>, name: string): DecimalText | null {
  const amount = Object.hasOwn(amounts, name) ? amounts[name] : undefined;
  return amount === undefined || isZero(amount) ? null : amount;
}

/** The difference as the bot's own state should see it; null if the exchange holds less than the baseline. */
function withoutBaseline(difference: Difference, beside: DecimalText): Difference | null {
  if (difference.type === 'BALANCE_CHANGED_EXTERNALLY') {
    const [exchange, internal] = [difference.exchange, difference.internal].map((row) => ({
      ...row,
      total: subtractDecimals(row.total, beside),
    }));
    if (exchange === undefined || internal === undefined || signOf(exchange.total) < 0) return null;
    return { ...difference, exchange, internal };
  }
  if (
    difference.type !== 'POSITION_OPENED_EXTERNALLY' &&
    difference.type !== 'POSITION_CLOSED_EXTERNALLY' &&
    difference.type !== 'POSITION_SIZE_CHANGED'
  ) {
    return null;
  }
  const { symbol, side, orderId, clientOrderId, hint } = difference;
  const unit = (difference.exchange ?? difference.internal)?.unit;
  const exchange = without(difference.exchange, { symbol, unit }, beside);
  const internal = without(difference.internal, { symbol, unit }, beside);
  // A leg never changes its side.
  if (side !== null && exchange !== null && exchange.side !== side) return null;
  const base = { symbol, side, orderId, clientOrderId, ...(hint === undefined ? {} : { hint }) };
  if (exchange === null) {
    return internal === null ? null : { ...base, type: 'POSITION_CLOSED_EXTERNALLY', exchange, internal };
  }
  if (internal === null) return { ...base, type: 'POSITION_OPENED_EXTERNALLY', exchange, internal };
  return { ...base, type: 'POSITION_SIZE_CHANGED', exchange, internal };
}

function without(row: Position | null, { symbol, unit }: Measured, beside: DecimalText): Position | null {
  const amount = subtractDecimals(signedAmount(row), beside);
  if (isZero(amount)) return null;
  const side = signOf(amount) < 0 ? 'short' : 'long';
  const own = { symbol, side, amount: absoluteDecimal(amount), changedAt: row?.changedAt ?? null } as const;
  return unit === undefined ? own : { ...own, unit };
}
