import { z } from 'zod';
import { isZero } from '../../domain/decimal/decimal.js';
import type { ScopeGap } from '../../domain/snapshot/snapshot.js';
import type { ReadSession } from '../profile/read-session.js';
import { isAside, rowsOf } from '../profile/unread.js';
import { decimalText, get, word } from '../transport/endpoint.js';
import { ExchangeFailure } from '../transport/error-kinds.js';

/*
 * Money of a spot account outside of the spot wallet: margin, funding, earn, trading bots, copy trading. Binance lists
 * the wallets with their value. A wallet that holds something is a gap. Source: "Query User Wallet Balance" of the
 * wallet documentation (weight 60). A portfolio margin account trades spot in its cross margin wallet.
 */

const WALLETS = get(
  '/sapi/v1/asset/wallet/balance',
  'sapiGetAssetWalletBalance',
  z.array(rowsOf(z.object({ walletName: word, balance: decimalText }), { symbol: 'walletName' })).min(1),
);

/** Read by this profile, or accounts of their own: `binanceusdm`, `binancecoinm`. */
const NOT_NAMED = /^(?:spot|usd.*futures|coin-m futures)$/i;

/** What the account holds outside of the spot wallet, as gaps. Where that cannot be asked, it is one gap. */
export async function otherWallets(session: ReadSession): Promise<ScopeGap[]> {
  try {
    const wallets = await session.ask(WALLETS);
    return wallets.flatMap((row) => {
      const name = isAside(row) ? (row.text('walletName') ?? 'unknown') : row.walletName;
      if (NOT_NAMED.test(name) || (!isAside(row) && isZero(row.balance))) return [];
      return [{ scope: `balances:${name.toLowerCase()} wallet`, reason: reasonFor(name) }];
    });
  } catch (error) {
    if (!(error instanceof ExchangeFailure)) throw error;
    return [
      { scope: 'balances:other wallets', reason: `not known whether they hold anything: ${error.failure.message}` },
    ];
  }
}

function reasonFor(name: string): string {
  const orders = /margin/i.test(name) ? ', with its orders and loans,' : '';
  return `the ${name} wallet holds something; it${orders} is not read: this profile reads the spot wallet`;
}
