import { addDecimals, compareDecimals, isZero, negateDecimal, type DecimalText } from '../decimal/decimal.js';
import type { CompareRules } from '../policy/policy.js';
import {
  BALANCES,
  commonScopes,
  coveredBy,
  covers,
  marketPath,
  overlaps,
  scopeOfBalance,
  type Scope,
} from '../snapshot/scope.js';
import type { Balance, MarketFacts, Position, Snapshot, Unread } from '../snapshot/snapshot.js';
import { baseOf } from '../snapshot/unit.js';

/*
 * What a spot account holds. An exchange knows no spot positions: it has balances. A spot bot may give balances, or a position
 * for each trade ("BTC/USDT"), which is a claim on the base currency.
 */

const CONTRACTS: readonly Scope[] = ['positions:linear', 'positions:inverse'];
const SPOT_POSITIONS: Scope = 'positions:spot';
const NONE: ReadonlySet<string> = new Set();

/**
 * Both sides where the bot says that it holds nothing, on an exchange that has no positions, only balances: then both sides have
 * no spot position. The balances are a gap of internal state, because a bot without a position names no currency.
 */
export function withFlatSpot(exchange: Snapshot, internal: Snapshot): [exchange: Snapshot, internal: Snapshot] {
  const spoken = [...exchange.scopes, ...exchange.gaps.map(({ scope }) => scope)];
  const isSpot = exchange.scopes.some((scope) => overlaps(scope, BALANCES)) && !spoken.some(isPosition);
  const isFlat =
    internal.positions.length === 0 &&
    coveredBy(internal.scopes, SPOT_POSITIONS) &&
    !(internal.unread ?? []).some(({ scope }) => isPosition(scope));
  if (!isSpot || !isFlat) return [exchange, internal];
  const named = [...internal.scopes, ...internal.gaps.map(({ scope }) => scope)];
  const gaps = named.some((scope) => overlaps(scope, BALANCES)) ? [] : [{ scope: BALANCES, reason: FLAT }];
  return [
    { ...exchange, scopes: [...exchange.scopes, SPOT_POSITIONS] },
    { ...internal, gaps: [...internal.gaps, ...gaps] },
  ];
}

const FLAT =
  "the bot holds nothing and names no currency; to compare what the wallet holds, list the bot's currencies in balances, with 0";

function isPosition(scope: Scope): boolean {
  return overlaps(scope, 'positions');
}

/**
 * Internal state with its spot positions as balances of their base currencies, which is how the exchange reports them.
 * A currency with a balance row of its own keeps that row: the balance contains the position. A position stays a
 * position if the exchange has it as one (margin), or if no balance of its currency was read.
 */
export function withSpotHoldings(exchange: Snapshot, internal: Snapshot): HeldState {
  const asPositions = new Set(exchange.positions.map(({ symbol }) => symbol));
  const isHolding = ({ symbol }: Pick<Position, 'symbol'>): boolean =>
    marketPath(symbol) === 'spot' &&
    !asPositions.has(symbol) &&
    coveredBy(exchange.scopes, scopeOfBalance({ currency: baseOf(symbol) }));
  const spot = internal.positions.filter(isHolding);
  const listed = listedCurrencies(internal);
  const unread = unreadSpot(internal).filter(({ symbol }) => isHolding({ symbol }) && !listed.has(baseOf(symbol)));
  if (spot.length === 0 && unread.length === 0) return { state: internal, isSpotBot: false, currencies: NONE, spot };
  const positions = internal.positions.filter((position) => !isHolding(position));
  const held = new Map<string, DecimalText>();
  for (const { symbol, side, amount } of spot) {
    const currency = baseOf(symbol);
    const signed = side === 'long' ? amount : negateDecimal(amount);
    if (!listed.has(currency)) held.set(currency, addDecimals(held.get(currency) ?? '0', signed));
  }
  const claimed = coveredBy(internal.scopes, SPOT_POSITIONS);
  const claims = new Set([...held.keys(), ...unread.map(({ symbol }) => baseOf(symbol))]);
  const currencies = claimed ? [...claims].map((currency) => scopeOfBalance({ currency })) : [];
  const isSpotBot = spot.length > 0 && positions.length === 0;
  // Where the exchange has no contracts, "positions" can only mean these.
  const isMeant = (scope: Scope): boolean =>
    !isSpotBot || hasContracts(exchange, internal) || !covers(scope, SPOT_POSITIONS);
  const state = {
    ...internal,
    positions,
    scopes: [...internal.scopes.filter(isMeant), ...currencies],
    balances: [
      ...internal.balances.filter(({ currency }) => !held.has(currency)),
      ...[...held].map(([currency, total]): Balance => ({ currency, total })),
    ],
  };
  return { state, isSpotBot, currencies: new Set(claimed ? claims : []), spot };
}

/** The currencies that internal state covers with a balance row. A row outside its scopes does not count. */
function listedCurrencies({ scopes, balances }: Snapshot): ReadonlySet<string> {
  const spoken = balances.filter((balance) => coveredBy(scopes, scopeOfBalance(balance)));
  return new Set(spoken.map(({ currency }) => currency));
}

/** Internal state whose spot positions are balances. */
export interface HeldState {
  state: Snapshot;
  /** Whether the bot has spot positions, and no others. */
  isSpotBot: boolean;
  /** The base currencies of the spot positions that became balances, where the bot covers spot positions. */
  currencies: ReadonlySet<string>;
  /** The positions that became balances. */
  spot: readonly Position[];
}

/** The spot positions with an unread row. An ambiguous symbol may be a contract, so it is left out. */
function unreadSpot({ unread = [] }: Snapshot): { symbol: string }[] {
  return unread.flatMap(({ scope, symbol, code }) =>
    symbol !== null && code !== 'SYMBOL_AMBIGUOUS' && covers(SPOT_POSITIONS, scope) ? [{ symbol }] : [],
  );
}

/**
 * Internal state in which an unread spot position is an unread balance, too: the other positions of the currency do not
 * show all that the bot holds. A currency with its own balance row is not affected.
 */
export function withUnreadHoldings(internal: Snapshot): Snapshot {
  const spot = (internal.unread ?? []).filter(({ scope }) => covers(SPOT_POSITIONS, scope));
  if (spot.length === 0) return internal;
  const listed = listedCurrencies(internal);
  const holdings = spot.flatMap((part): Unread[] => {
    if (part.symbol === null) return [{ ...part, scope: BALANCES }];
    const currency = baseOf(part.symbol);
    return listed.has(currency) ? [] : [{ ...part, scope: scopeOfBalance({ currency }), symbol: currency }];
  });
  return { ...internal, unread: [...(internal.unread ?? []), ...holdings] };
}

/** How balances are treated in one observation. */
export interface BalanceRule {
  compared: boolean;
  /** Currencies of the bot's spot positions: they are compared also where balances are not. */
  holdings: ReadonlySet<string>;
  /** Why they are not compared, for the report; null if they are compared, or if the bot's state has none. */
  reason: string | null;
  /** How many spot positions of the bot are not compared with them. */
  positions?: number;
}

/**
 * Whether balances are compared. With `auto` they are on spot accounts, where they are the positions. An account whose
 * contract positions are compared is not a spot account: its margin changes with every fee and funding payment.
 */
export function balanceRule(
  { compareBalances }: Pick<CompareRules, 'compareBalances'>,
  exchange: Snapshot,
  { state: internal, isSpotBot, currencies, spot }: HeldState,
): BalanceRule {
  if (compareBalances === true) return { compared: true, holdings: NONE, reason: null };
  const covered = internal.scopes.some((scope) => overlaps(scope, BALANCES));
  if (compareBalances === false)
    return {
      compared: false,
      holdings: NONE,
      reason: covered ? 'switched off (compare_balances: false)' : null,
      positions: spot.length,
    };
  if (isSpotBot || !hasContracts(exchange, internal)) return { compared: true, holdings: NONE, reason: null };
  const reason = 'not compared beside positions of contracts, unless compare_balances is true';
  const own = [...currencies].map((currency) => scopeOfBalance({ currency }));
  const hasMore = internal.scopes.some((scope) => overlaps(scope, BALANCES) && !own.includes(scope));
  const left = spot.filter(({ symbol }) => !currencies.has(baseOf(symbol)));
  return { compared: false, holdings: currencies, reason: hasMore ? reason : null, positions: left.length };
}

function hasContracts(exchange: Snapshot, internal: Snapshot): boolean {
  const spoken = [...exchange.scopes, ...exchange.gaps.map(({ scope }) => scope)];
  return commonScopes(spoken, internal.scopes).some((scope) => CONTRACTS.some((kind) => overlaps(kind, scope)));
}

/** By currency. Rows of one currency (a row per wallet) are summed. */
export function totals(balances: readonly Balance[]): Map<string, Balance> {
  const byCurrency = new Map<string, Balance>();
  for (const balance of balances) {
    const { currency, total } = balance;
    const known = byCurrency.get(currency);
    byCurrency.set(currency, known === undefined ? balance : { currency, total: addDecimals(known.total, total) });
  }
  return byCurrency;
}

/** Whether the exchange may hold more of the currency than the bot's state says, and does. */
export function coversBelief(rules: CompareRules, currency: string, held: DecimalText, believed: DecimalText): boolean {
  const atLeast = rules.atLeast ?? [];
  return (atLeast.includes(currency) || atLeast.includes('*')) && compareDecimals(held, believed) >= 0;
}

/**
 * Whether a holding that only one side has is too small to be sold: below the least order of every market of the currency.
 * Such leftovers stay in a wallet after a trade.
 */
export function isDustHolding(held: DecimalText, believed: DecimalText, facts: MarketFacts | undefined): boolean {
  const least = facts?.minAmount;
  if (least === undefined || (!isZero(held) && !isZero(believed))) return false;
  const only = isZero(held) ? believed : held;
  return compareDecimals(only, '0') > 0 && compareDecimals(only, least) < 0;
}
