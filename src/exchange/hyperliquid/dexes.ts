import type { MarketKind } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { isAside, type ReadRow } from '../profile/unread.js';
import type { Endpoint } from '../transport/endpoint.js';

/** Kinds of the markets of the first dex. Those of builders have perpetuals only. */
export const KINDS: MarketKind[] = ['spot', 'linear'];

/** A dex by its name; the first has none. */
export type Dex = string | null;

/** "xyz:XYZ100" trades on the dex "xyz"; null is the first dex, or spot. */
export function dexOf(coin: string): Dex {
  const end = coin.indexOf(':');
  return end === -1 ? null : coin.slice(0, end);
}

/** The body of a question about a user on one dex. */
export function paramsOf({ question = '' }: Endpoint<unknown>, user: string, dex: Dex): Params {
  return { type: question, user, ...(dex === null ? {} : { dex }) };
}

/** Throws for an answer of another dex, because this one would not be read. */
export function checkDex(
  session: ReadSession,
  endpoint: Endpoint<unknown>,
  rows: readonly ReadRow<{ coin: string }>[],
  dex: Dex,
): void {
  const coins = rows.flatMap((row) => (isAside(row) ? [] : [row.coin]));
  if (coins.length === 0 || coins.some((coin) => dexOf(coin) === dex)) return;
  const what = `was asked for ${dex ?? 'the first dex'} and reported ${coins[0] ?? ''}`;
  throw session.failure('incomplete', endpoint, what);
}

/** Throws `RowRefusal` for a row of another dex than the one that was asked. */
export function refuseOtherDex(session: ReadSession, endpoint: Endpoint<unknown>, coin: string, dex: Dex): void {
  if (dexOf(coin) === dex) return;
  throw session.refuseRow(endpoint, coin, `was asked for ${dex ?? 'the first dex'} and reported ${coin}`);
}
