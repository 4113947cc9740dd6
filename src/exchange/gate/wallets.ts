import { z } from 'zod';
import type { ScopeGap } from '../../domain/snapshot/snapshot.js';
import { isZero } from '../../domain/decimal/decimal.js';
import { decimalText, get } from '../transport/endpoint.js';
import type { ReadSession } from '../profile/read-session.js';

/*
 * Which account this is, and what it holds outside of the accounts that are read. Source: www.gate.com/docs/developers/apiv4/en,
 * "Retrieve user account information", "Query personal account totals".
 *
 * - `key.mode` is 1 for a classic account and 2 for a unified one.
 * - The totals are estimates by account, up to a minute old: they tell whether a wallet holds something, never how much.
 */

const DETAIL = get(
  '/account/detail',
  'privateAccountGetDetail',
  z.object({ key: z.object({ mode: z.enum(['1', '2']) }) }),
);

/** Whether the account is unified. Throws ExchangeFailure. */
export async function isUnified(session: ReadSession): Promise<boolean> {
  return (await session.ask(DETAIL)).key.mode === '2';
}

const TOTAL = z.object({ amount: decimalText, borrowed: decimalText.nullish() });
const TOTALS = get(
  '/wallet/total_balance',
  'privateWalletGetTotalBalance',
  z.object({ details: z.record(z.string(), z.unknown()) }),
);

/** Accounts whose content is read, or has a gap of its own. */
const READ_APART = ['spot', 'futures', 'delivery', 'options'];

const NAMES: Readonly<Record<string, string>> = {
  margin: 'the isolated margin account',
  cross_margin: 'the cross margin account',
  finance: 'Earn',
  quant: 'the trading bots of Gate',
};

/** The key lacks the permission for the wallet. */
const REFUSED = ['FORBIDDEN', 'READ_ONLY'];

/** A gap for each other wallet that holds something. One gap for all of them where the key may not ask. */
export async function readOtherWallets(session: ReadSession): Promise<ScopeGap[]> {
  const futures = {
    scope: 'balances:futures',
    reason: 'futures wallets move with every price; the spot account is read',
  };
  const totals = await session.askUnless(REFUSED, TOTALS);
  if (totals === null) {
    const reason = 'the key may not ask what margin, Earn and other wallets hold (it lacks the wallet permission)';
    return [futures, { scope: 'balances:other', reason }];
  }
  const others = Object.entries(totals.details).flatMap(([account, raw]): ScopeGap[] => {
    if (READ_APART.includes(account)) return [];
    const name = NAMES[account] ?? `the account "${account}"`;
    const total = TOTAL.safeParse(raw);
    if (!total.success) return [{ scope: `balances:${account}`, reason: `${name} is not read` }];
    const { amount, borrowed } = total.data;
    if (isZero(amount) && isZero(borrowed ?? '0')) return [];
    const debt = isZero(borrowed ?? '0') ? '' : ' and has debts';
    return [{ scope: `balances:${account}`, reason: `${name} holds something${debt}, and is not read` }];
  });
  return [futures, ...others];
}
