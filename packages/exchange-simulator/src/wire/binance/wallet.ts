import { signed, type Route, type SignedCall } from './route.js';

/**
 * The wallet endpoints (sapi) that clients use in addition to those of spot and futures. Pages under
 * https://developers.binance.com/docs/wallet/: capital/all-coins-info, account/api-key-permission; and
 * https://developers.binance.com/docs/margin_trading/market-data/: Get-All-Cross-Margin-Pairs,
 * Get-All-Isolated-Margin-Symbol.
 */
export const WALLET: Route[] = [
  signed('GET', '/sapi/v1/capital/config/getall', 'USER_DATA', 10, allCoins),
  signed('GET', '/sapi/v1/margin/allPairs', 'USER_DATA', 1, () => []),
  signed('GET', '/sapi/v1/margin/isolated/allPairs', 'USER_DATA', 10, () => []),
  signed('GET', '/sapi/v1/account/apiRestrictions', 'USER_DATA', 1, apiRestrictions),
];

function allCoins({ engine }: SignedCall): unknown {
  const coins = new Set(engine.markets().flatMap(({ base, quote }) => [base, quote]));
  return [...coins].map((coin) => ({
    coin,
    depositAllEnable: true,
    free: '0',
    freeze: '0',
    ipoable: '0',
    ipoing: '0',
    isLegalMoney: false,
    locked: '0',
    name: coin,
    networkList: [],
    storage: '0',
    trading: true,
    withdrawAllEnable: true,
    withdrawing: '0',
  }));
}

function apiRestrictions({ key, now }: SignedCall): unknown {
  return {
    ipRestrict: key.ipRestricted,
    createTime: now,
    enableReading: true,
    enableSpotAndMarginTrading: key.canTrade,
    enableWithdrawals: key.canWithdraw,
    enableInternalTransfer: false,
    enableMargin: key.canTrade,
    enableFutures: key.canTrade,
    permitsUniversalTransfer: false,
    enableVanillaOptions: false,
    enablePortfolioMarginTrading: false,
  };
}
