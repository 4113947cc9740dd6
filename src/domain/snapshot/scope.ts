/**
 * A part of an account that can be read separately. It is a path; each further segment narrows it.
 *
 * - `positions[:<contract kind>[:<settle currency>]]`, such as `positions:linear:USDT`
 * - `orders[:regular|:conditional[:<market kind>[:<settle currency>]]]`, such as `orders:conditional:linear`
 * - `balances[:<currency>]`
 *
 * Market kinds are `spot`, `linear`, `inverse`. A scope covers every scope that continues its path.
 */
export type Scope = string;

/** Whether `outer` covers `inner`: `positions` covers `positions:linear:USDT`. */
export function covers(outer: Scope, inner: Scope): boolean {
  return inner === outer || inner.startsWith(`${outer}:`);
}

/** The full path of a unified symbol's market: `spot`, `linear:USDT`, `inverse:BTC`. */
export function marketPath(symbol: string): string {
  const [pair = symbol, settlePart] = symbol.split(':');
  if (settlePart === undefined) return 'spot';
  const base = pair.split('/')[0];
  const settle = settlePart.split('-')[0] ?? settlePart;
  return `${settle === base ? 'inverse' : 'linear'}:${settle}`;
}

const EXPIRY = /:[^-:]+-(\d{2})(\d{2})(\d{2})(?:-|$)/;

/** Exchanges settle dated contracts at 08:00 UTC of the day, not earlier. */
const SETTLEMENT_HOUR = 8;

/** Whether the contract is dated ("BTC/USD:BTC-261225") and has expired. The exchange's clock is in milliseconds. */
export function hasExpired(symbol: string, exchangeClock: number | null): boolean {
  const [, year, month, day] = (EXPIRY.exec(symbol) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || exchangeClock === null) return false;
  return exchangeClock >= Date.UTC(2000 + year, month - 1, day, SETTLEMENT_HOUR);
}

export function scopeOfPosition(position: { symbol: string }): Scope {
  return `positions:${marketPath(position.symbol)}`;
}

export function scopeOfOrder(order: { symbol: string; conditional: boolean }): Scope {
  return `orders:${order.conditional ? 'conditional' : 'regular'}:${marketPath(order.symbol)}`;
}

export const BALANCES: Scope = 'balances';

export function scopeOfBalance(balance: { currency: string }): Scope {
  return `${BALANCES}:${balance.currency}`;
}

/** Whether one scope covers the other, so that a row can be in both. */
export function overlaps(a: Scope, b: Scope): boolean {
  return covers(a, b) || covers(b, a);
}

/** Whether one of the scopes covers `scope`. */
export function coveredBy(scopes: readonly Scope[], scope: Scope): boolean {
  return scopes.some((outer) => covers(outer, scope));
}

/**
 * The scopes that both sides answered: the narrower scope of each overlapping pair, sorted; none of them covers another. A
 * row is in one of them if and only if both sides cover its scope.
 */
export function commonScopes(exchange: readonly Scope[], internal: readonly Scope[]): Scope[] {
  const common = new Set<Scope>();
  for (const a of exchange) {
    for (const b of internal) {
      if (covers(a, b)) common.add(b);
      else if (covers(b, a)) common.add(a);
    }
  }
  const scopes = [...common];
  return scopes.filter((scope) => !scopes.some((outer) => outer !== scope && covers(outer, scope))).toSorted();
}
