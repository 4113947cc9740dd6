import { z } from 'zod';
import type { ScopeGap } from '../../domain/snapshot/snapshot.js';
import type { ReadSession } from '../profile/read-session.js';
import { get, word } from '../transport/endpoint.js';

/*
 * The kind of a Bybit account. Source: "Get Account Info", "Different Account Modes", "Enums Definitions" (unifiedMarginStatus) of
 * bybit-exchange.github.io/docs/v5.
 *
 * - 5 and 6: unified account 2.0, one wallet for everything.
 * - 3 and 4: unified account 1.0, where inverse contracts have a wallet of their own (accountType CONTRACT).
 * - 1: classic account, which has no unified wallet. Bybit has ended these.
 */

const ACCOUNT_INFO = get(
  '/v5/account/info',
  'privateGetV5AccountInfo',
  // The documented answer has no time.
  z.object({
    retCode: z.literal('0'),
    result: z.object({ unifiedMarginStatus: word, marginMode: z.string().nullish() }),
  }),
);

const CLASSIC = '1';
const UNIFIED_1 = ['3', '4'];
const UNIFIED_2 = ['5', '6'];

const MARGIN_MODES: Readonly<Record<string, string>> = {
  ISOLATED_MARGIN: 'isolated margin',
  REGULAR_MARGIN: 'cross margin',
  PORTFOLIO_MARGIN: 'portfolio margin',
};

/** What the account's kind leaves unread. Throws `unsupported` for a classic account. */
export async function gapsOfKind(session: ReadSession): Promise<ScopeGap[]> {
  const { unifiedMarginStatus: kind, marginMode } = (await session.ask(ACCOUNT_INFO)).result;
  session.accountKind = nameOf(kind, marginMode ?? '');
  if (kind === CLASSIC) {
    throw session.failure('unsupported', ACCOUNT_INFO, 'reports a classic account: only unified accounts are read');
  }
  if (UNIFIED_2.includes(kind)) return [];
  const reason = UNIFIED_1.includes(kind)
    ? 'the wallet of inverse contracts of a unified account 1.0 is not read'
    : `Bybit reports the account kind ${kind}, which is not known: it may have further wallets`;
  return [{ scope: 'balances:derivatives', reason }];
}

function nameOf(kind: string, marginMode: string): string {
  const account = UNIFIED_2.includes(kind)
    ? 'unified account 2.0'
    : UNIFIED_1.includes(kind)
      ? 'unified account 1.0'
      : kind === CLASSIC
        ? 'classic account'
        : `account kind ${kind}`;
  const mode = Object.hasOwn(MARGIN_MODES, marginMode) ? MARGIN_MODES[marginMode] : marginMode;
  return mode === undefined || mode === '' ? account : `${account}, ${mode}`;
}
