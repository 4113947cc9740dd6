import { signed, type Route, type SignedCall } from './route.js';

/**
 * The wallet endpoints (sapi) that clients use in addition to those of spot and futures. Pages under
 * https://developers.binance.com/docs/wallet/: capital/all-coins-info, account/api-key-permission; and
 * https://developers.binance.com/docs/margin_trading/market-data/: Get-All-Cross-Margin-Pairs,
 * Get-All-Isolated-Margin-Symbol. Of the others: "Account info", "Query User Wallet Balance", "Query Current Algo Open Orders",
 * "Deposit History", "Withdraw History", "DustLog", "Asset Dividend Record", "Query User Universal Transfer History", "Get Convert
 * Trade History". The simulated accounts have one wallet, and nothing enters or leaves it but by trades and funding.
 */
export const WALLET: Route[] = [
  signed('GET', '/sapi/v1/capital/config/getall', 'USER_DATA', 10, allCoins),
  signed('GET', '/sapi/v1/margin/allPairs', 'USER_DATA', 1, () => []),
  signed('GET', '/sapi/v1/margin/isolated/allPairs', 'USER_DATA', 10, () => []),
  signed('GET', '/sapi/v1/account/apiRestrictions', 'USER_DATA', 1, apiRestrictions),
  signed('GET', '/sapi/v1/account/info', 'USER_DATA', 1, accountInfo),
  signed('GET', '/sapi/v1/asset/wallet/balance', 'USER_DATA', 60, walletBalances),
  signed('GET', '/sapi/v1/algo/futures/openOrders', 'USER_DATA', 1, noAlgoOrders),
  signed('GET', '/sapi/v1/algo/spot/openOrders', 'USER_DATA', 1, noAlgoOrders),
  signed('GET', '/sapi/v1/capital/deposit/hisrec', 'USER_DATA', 1, () => []),
  signed('GET', '/sapi/v1/capital/withdraw/history', 'USER_DATA', 18_000, () => []),
  signed('GET', '/sapi/v1/asset/dribblet', 'USER_DATA', 1, () => ({ total: 0, userAssetDribblets: [] })),
  signed('GET', '/sapi/v1/asset/assetDividend', 'USER_DATA', 10, () => ({ rows: [], total: 0 })),
  signed('GET', '/sapi/v1/asset/transfer', 'USER_DATA', 1, () => ({ total: 0 })),
  signed('GET', '/sapi/v1/convert/tradeFlow', 'USER_DATA', 3_000, () => ({ list: [], limit: 100, moreData: false })),
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

function accountInfo(): unknown {
  return {
    vipLevel: 0,
    isMarginEnabled: false,
    isFutureEnabled: true,
    isOptionsEnabled: false,
    isPortfolioMarginRetailEnabled: false,
  };
}

function walletBalances(): unknown {
  return ['Spot', 'Funding', 'Cross Margin', 'Isolated Margin', 'USDⓈ-M Futures', 'COIN-M Futures', 'Earn'].map(
    (walletName) => ({ activate: true, balance: '0', walletName }),
  );
}

function noAlgoOrders(): unknown {
  return { total: 0, orders: [] };
}
