import { z } from 'zod';
import type { PositionMode } from '../../../domain/snapshot/snapshot.js';
import { covers, marketPath } from '../../../domain/snapshot/scope.js';
import { get, word } from '../../transport/endpoint.js';
import type { Market } from '../../profile/markets.js';
import type { ReadSession } from '../../profile/read-session.js';
import { byKind } from './by-kind.js';
import { envelope, modeOf, POS_MODE, PRODUCTS, type Modes, type Product } from './common.js';

/*
 * Classic (API v2) or unified (API v3)? An account is one of them, and its owner may change it. Source: bitget.com/api-doc, pages
 * contract/account/Get-Single-Account and uta/account/Get-Account-Setting.
 *
 * - A unified account is refused on every private v2 page with 40085, before the signature is checked; a classic one on
 *   every v3 page with 40084. So the first question of every read shows the kind, and the read needs this question
 *   anyway. Any other refusal fails the read: a guessed kind would read lists that are empty.
 * - The position mode of a classic account is set per product type. Rows and the account report it. The account is always asked,
 *   because an account without rows has a mode too. A unified account has one mode.
 * - While an account is being moved to the other kind, neither API has all of it.
 */

export interface ClassicAccount {
  kind: 'classic';
  modes: Modes;
}

export interface UnifiedAccount {
  kind: 'unified';
  mode: PositionMode;
}

export type AccountKind = ClassicAccount | UnifiedAccount;

const ACCOUNT = get(
  '/api/v2/mix/account/account',
  'privateMixGetV2MixAccountAccount',
  envelope(z.object({ posMode: POS_MODE })),
);

const SETTINGS = get(
  '/api/v3/account/settings',
  'privateUtaGetV3AccountSettings',
  envelope(z.object({ accountMode: word, holdMode: POS_MODE })),
);

/** Words of `accountMode` that mean "being moved to the unified, or to the classic account". */
const MOVING = ['upgrading', 'switching'];

/** The kind of the account and its position modes. Throws ExchangeFailure, also while the account is being moved. */
export async function readAccountKind(session: ReadSession): Promise<AccountKind> {
  return byKind<AccountKind>(session, {
    classic: async () => readClassic(session),
    unified: async () => readUnified(session),
  });
}

async function readClassic(session: ReadSession): Promise<ClassicAccount> {
  const modes: Modes = {};
  for (const product of PRODUCTS) {
    const market = await anyMarketOf(session, product);
    // The question needs a market. A product type without markets has neither positions nor a mode.
    if (market === null) continue;
    const { productType } = product;
    const params = { symbol: market.id, productType, marginCoin: market.settleId ?? '' };
    modes[productType] = modeOf((await session.ask(ACCOUNT, params)).data.posMode);
  }
  return { kind: 'classic', modes };
}

async function readUnified(session: ReadSession): Promise<UnifiedAccount> {
  const { accountMode, holdMode } = (await session.ask(SETTINGS)).data;
  if (MOVING.includes(accountMode)) {
    const what = `says that the account is ${accountMode}: it is being moved to another kind of account`;
    throw session.failure('maintenance', SETTINGS, what);
  }
  return { kind: 'unified', mode: modeOf(holdMode) };
}

/** Prefers a perpetual market, because a dated one may have been delivered. Contracts of unified accounts do not count. */
async function anyMarketOf(session: ReadSession, { path }: Product): Promise<Market | null> {
  const symbols = session.symbols().filter((symbol) => covers(path, marketPath(symbol)));
  const perpetualFirst = [
    ...symbols.filter((one) => !one.includes('-')),
    ...symbols.filter((one) => one.includes('-')),
  ];
  for (const symbol of perpetualFirst) {
    const market = await session.marketOf(symbol);
    if (market !== null && !market.id.endsWith(UNIFIED_SUFFIX)) return market;
  }
  return null;
}

/** Ends the names of coin-margined contracts that only unified accounts have. */
export const UNIFIED_SUFFIX = '_CM';

/** The position mode of all product types; null if they differ. */
export function commonMode(modes: Modes): PositionMode | null {
  const [first = null, ...others] = Object.values(modes);
  return others.every((mode) => mode === first) ? first : null;
}
