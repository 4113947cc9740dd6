/* Rows of open orders, balances and wallets of Binance spot, and the sources of its answers. */

export const OPEN_ORDERS = '/api/v3/openOrders';
export const ACCOUNT = '/api/v3/account';
export const WALLETS = '/sapi/v1/asset/wallet/balance';
export const ALGOS = '/sapi/v1/algo/spot/openOrders';

export const DOCS = 'developers.binance.com, spot';
export const GO = 'ccxt/go-binance v2';
export const NET = 'JKorf/Binance.Net, Binance.Net.UnitTests/Endpoints/Spot';
export const GCT = 'thrasher-corp/gocryptotrader, exchanges/binance/testdata/http.json';
export const CCXT = 'ccxt/ccxt, ts/src/test/static/response/binance.json';
export const CONNECTOR = 'binance/binance-connector-js, clients/spot/tests/unit';

/** "Current open orders". */
export const OPEN_ORDER = {
  symbol: 'LTCBTC',
  orderId: 501,
  orderListId: -1,
  clientOrderId: 'myOrder1',
  price: '0.1',
  origQty: '1.0',
  executedQty: '0.0',
  cummulativeQuoteQty: '0.0',
  status: 'NEW',
  timeInForce: 'GTC',
  type: 'LIMIT',
  side: 'BUY',
  stopPrice: '0.0',
  icebergQty: '0.0',
  time: 1499827319559,
  updateTime: 1499827319559,
  isWorking: true,
  workingTime: 1499827319559,
  origQuoteOrderQty: '0.000000',
  selfTradePreventionMode: 'NONE',
};

export const READ_ORDER = {
  id: '501',
  symbol: 'LTC/BTC',
  side: 'buy',
  price: '0.1',
  amount: '1',
  filled: '0',
  triggerPrice: null,
};

/** The reports of order lists lack the fields of a working order that the list of open orders adds. */
export const LIST_LEG = {
  symbol: 'LTCBTC',
  orderListId: 0,
  origQty: '10.00000000',
  executedQty: '0.00000000',
  cummulativeQuoteQty: '0.00000000',
  status: 'NEW',
  timeInForce: 'GTC',
  side: 'SELL',
};
export const ADDED = { time: 1563417480525, updateTime: 1563417480525, isWorking: false, stopPrice: '0.00000000' };

export const PENDING = {
  symbol: 'LTCBTC',
  orderListId: 629,
  price: '0.000000',
  origQty: '5.000000',
  executedQty: '0.000000',
  origQuoteOrderQty: '0.000000',
  cummulativeQuoteQty: '0.000000',
  status: 'PENDING_NEW',
  timeInForce: 'GTC',
  side: 'SELL',
  workingTime: -1,
  selfTradePreventionMode: 'NONE',
};

export const DOCUMENTED_ACCOUNT = {
  makerCommission: 15,
  takerCommission: 15,
  buyerCommission: 0,
  sellerCommission: 0,
  commissionRates: { maker: '0.00150000', taker: '0.00150000', buyer: '0.00000000', seller: '0.00000000' },
  canTrade: true,
  canWithdraw: true,
  canDeposit: true,
  brokered: false,
  requireSelfTradePrevention: false,
  preventSor: false,
  updateTime: 123456789,
  accountType: 'SPOT',
  balances: [
    { asset: 'BTC', free: '4723846.89208129', locked: '0.00000000' },
    { asset: 'LTC', free: '4763368.68006011', locked: '0.00000000' },
  ],
  permissions: ['SPOT'],
  uid: 1,
};

export function wallets(...balances: [string, string][]) {
  return balances.map(([walletName, balance]) => ({ activate: true, balance, walletName }));
}
