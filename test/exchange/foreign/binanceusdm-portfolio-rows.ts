/* Answers of papi about the USD-M contracts of an account in portfolio margin mode. */

export const DOCS = 'developers.binance.com, portfolio margin';
export const GO = 'ccxt/go-binance v2/portfolio';
export const CCXT = 'ccxt/ccxt, ts/src/test/static/response/binance.json';
export const CONNECTOR = 'binance/binance-connector-js, clients/derivatives-trading-portfolio-margin/tests/unit';

export const BTC = 'BTC/USDT:USDT';

/** "Query UM Position Information". */
export const POSITION = {
  symbol: 'BTCUSDT',
  positionAmt: '0.001',
  entryPrice: '22185.2',
  markPrice: '21123.05052574',
  unRealizedProfit: '-1.06214947',
  liquidationPrice: '6170.20509059',
  leverage: '4',
  maxNotionalValue: '100000000',
  positionSide: 'LONG',
  notional: '21.12305052',
  updateTime: 1655217461579,
};

export const ORDER = {
  avgPrice: '0.00000',
  clientOrderId: 'abc',
  cumQuote: '0',
  executedQty: '0',
  orderId: 1900001,
  origQty: '0.40',
  origType: 'LIMIT',
  price: '0',
  reduceOnly: false,
  side: 'BUY',
  positionSide: 'SHORT',
  status: 'NEW',
  symbol: 'BTCUSDT',
  time: 1579276756075,
  timeInForce: 'GTC',
  type: 'LIMIT',
  updateTime: 1579276756075,
  selfTradePreventionMode: 'NONE',
  goodTillDate: 0,
  priceMatch: 'NONE',
};

export const STRATEGY = {
  newClientStrategyId: 'abc',
  strategyId: 120001,
  strategyStatus: 'NEW',
  strategyType: 'TRAILING_STOP_MARKET',
  origQty: '0.40',
  price: '0',
  reduceOnly: false,
  side: 'BUY',
  positionSide: 'SHORT',
  stopPrice: '9300',
  symbol: 'BTCUSDT',
  bookTime: 1566818724710,
  updateTime: 1566818724722,
  timeInForce: 'GTC',
  activatePrice: '9020',
  priceRate: '0.3',
  selfTradePreventionMode: 'NONE',
  goodTillDate: 0,
  priceMatch: 'NONE',
};

export const NO_BALANCE = {
  totalWalletBalance: '0.0',
  crossMarginAsset: '0.0',
  crossMarginBorrowed: '0.0',
  crossMarginFree: '0.0',
  crossMarginInterest: '0.0',
  crossMarginLocked: '0.0',
  umWalletBalance: '0.0',
  umUnrealizedPNL: '0.0',
  cmWalletBalance: '0.0',
  cmUnrealizedPNL: '0.0',
  updateTime: '0',
  negativeBalance: '0.0',
};
