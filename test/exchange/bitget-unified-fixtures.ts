import { answer, contracts, PATHS as CLASSIC, serveAccount, SERVER_TIME, NO_ROWS } from './bitget-fixtures.js';
import { sendJson, type WireRequest, type WireServer } from './wire-server.js';

/* Answers as bitget.com/api-doc/uta documents them, for a unified account. */

export const UNIFIED_PATHS = {
  settings: '/api/v3/account/settings',
  info: '/api/v3/account/info',
  assets: '/api/v3/account/assets',
  fundingAssets: '/api/v3/account/funding-assets',
  positions: '/api/v3/position/current-position',
  pending: '/api/v3/trade/unfilled-orders',
  strategies: '/api/v3/trade/unfilled-strategy-orders',
  detail: '/api/v3/trade/order-info',
  history: '/api/v3/trade/history-orders',
  strategyHistory: '/api/v3/trade/history-strategy-orders',
  subOrders: '/api/v3/trade/strategy-sub-orders',
  fills: '/api/v3/trade/fills',
  records: '/api/v3/account/financial-records',
  fundingRecords: '/api/v3/account/funding-financial-records',
  deposits: '/api/v3/account/deposit-records',
  withdrawals: '/api/v3/account/withdrawal-records',
} as const;

export function unifiedPosition(symbol: string, posSide: string, total: string, fields: Record<string, unknown> = {}) {
  return {
    category: 'USDT-FUTURES',
    symbol,
    marginCoin: 'USDT',
    holdMode: 'one_way_mode',
    posSide,
    marginMode: 'crossed',
    positionBalance: '30.1',
    available: total,
    frozen: '0',
    total,
    leverage: '20',
    curRealisedPnl: '0',
    avgPrice: '60000',
    positionStatus: 'normal',
    unrealisedPnl: '1',
    liquidationPrice: '0',
    mmr: '0.004',
    markPrice: '61000',
    createdTime: String(SERVER_TIME - 7_200_000),
    updatedTime: String(SERVER_TIME - 3_600_000),
    ...fields,
  };
}

export function unifiedOrder(symbol: string, orderId: number | string, fields: Record<string, unknown> = {}) {
  return {
    orderId: String(orderId),
    clientOid: `bot-${orderId}`,
    category: 'USDT-FUTURES',
    symbol,
    orderType: 'limit',
    side: 'buy',
    price: '60000',
    qty: '0.01',
    amount: '0',
    cumExecQty: '0',
    cumExecValue: '0',
    avgPrice: '0',
    timeInForce: 'gtc',
    orderStatus: 'new',
    posSide: 'long',
    holdMode: 'one_way_mode',
    reduceOnly: 'NO',
    feeDetail: [{ feeCoin: '', fee: '' }],
    createdTime: String(SERVER_TIME - 7_200_000),
    updatedTime: String(SERVER_TIME - 7_000_000),
    takeProfit: '',
    stopLoss: '',
    tpTriggerBy: '',
    slTriggerBy: '',
    tpOrderType: '',
    slOrderType: '',
    tpLimitPrice: '',
    slLimitPrice: '',
    ...fields,
  };
}

/** Of spot pairs there is neither a position side nor a holding mode. */
export function unifiedSpotOrder(orderId: number | string, fields: Record<string, unknown> = {}) {
  return unifiedOrder('BTCUSDT', orderId, {
    category: 'SPOT',
    qty: '0.000011',
    posSide: '',
    holdMode: '',
    ...fields,
  });
}

export function strategyRow(symbol: string, orderId: number | string, fields: Record<string, unknown> = {}) {
  return {
    orderId: String(orderId),
    clientOid: `bot-${orderId}`,
    category: 'USDT-FUTURES',
    symbol,
    qty: '0.01',
    posSide: 'long',
    tpTriggerBy: '',
    slTriggerBy: 'mark',
    takeProfit: '',
    stopLoss: '55000',
    tpOrderType: '',
    slOrderType: 'market',
    tpLimitPrice: '',
    slLimitPrice: '',
    createdTime: String(SERVER_TIME - 7_200_000),
    updatedTime: String(SERVER_TIME - 7_100_000),
    ...fields,
  };
}

export function assetRow(coin: string, balance: string, fields: Record<string, unknown> = {}) {
  return { coin, equity: balance, usdValue: '1', balance, available: balance, debt: '0', locked: '0', ...fields };
}

type Rows = Record<string, { orderId: string }[]>;

export interface UnifiedRows {
  holdMode: 'one_way_mode' | 'hedge_mode';
  /** By category. */
  positions: Record<string, object[]>;
  orders: Rows;
  strategies: Rows;
  assets: object[];
  funding: object[];
}

export const UNIFIED_ROWS: UnifiedRows = {
  holdMode: 'one_way_mode',
  positions: {
    'USDT-FUTURES': [unifiedPosition('BTCUSDT', 'long', '0.500'), unifiedPosition('ETHUSDT', 'short', '12.00')],
    'USDC-FUTURES': [
      unifiedPosition('BTCPERP', 'short', '0.1000', { category: 'USDC-FUTURES', marginCoin: 'USDC', updatedTime: '' }),
    ],
    'COIN-FUTURES': [
      unifiedPosition('BTCUSD_CM', 'short', '300', { category: 'COIN-FUTURES', marginCoin: 'BTC', avgPrice: '61000' }),
    ],
  },
  orders: {
    'USDT-FUTURES': [
      unifiedOrder('BTCUSDT', 104, { orderStatus: 'partially_filled', cumExecQty: '0.004', avgPrice: '59990' }),
      unifiedOrder('BTCUSDT', 103, { side: 'sell', orderType: 'market', price: '0', clientOid: '' }),
    ],
    'USDC-FUTURES': [unifiedOrder('BTCPERP', 105, { category: 'USDC-FUTURES', qty: '0.0001' })],
    'COIN-FUTURES': [unifiedOrder('BTCUSD_CM', 106, { category: 'COIN-FUTURES', qty: '100', side: 'sell' })],
    SPOT: [unifiedSpotOrder(302), unifiedSpotOrder(301, { orderType: 'market', qty: '0', amount: '100', price: '0' })],
    MARGIN: [unifiedSpotOrder(303, { category: 'MARGIN', side: 'sell' })],
  },
  strategies: {
    'USDT-FUTURES': [
      strategyRow('BTCUSDT', 202, { qty: '', stopLoss: '55000', takeProfit: '66000', tpOrderType: 'market' }),
      strategyRow('BTCUSDT', 201),
    ],
  },
  assets: [
    assetRow('USDT', '1000.3'),
    assetRow('BTC', '0.2', { locked: '0.1', equity: '0.3', available: '0.2' }),
    assetRow('ETH', '-1.5', { debt: '1.5', available: '-1.5' }),
  ],
  funding: [{ coin: 'USDT', available: '5', frozen: '0', balance: '5' }],
};

export const UNIFIED_FLAT: UnifiedRows = {
  holdMode: 'one_way_mode',
  positions: {},
  orders: {},
  strategies: {},
  assets: [],
  funding: [],
};

function categoryOf({ query }: Pick<WireRequest, 'query'>): string {
  return query.get('category') ?? '';
}

/** A page of a list with cursors: rows with ids below it, and the smallest id of the page, also on the last one. */
export function cursorPageOf(rows: readonly { orderId: string }[], { query }: Pick<WireRequest, 'query'>) {
  const cursor = query.get('cursor');
  const after = rows.filter(({ orderId }) => cursor === null || BigInt(orderId) < BigInt(cursor));
  const page = after.slice(0, Number(query.get('limit') ?? 100));
  return answer({ list: page, cursor: page.at(-1)?.orderId ?? null });
}

/** Every private page of classic accounts refuses a unified one. */
export function refuseClassic(wire: WireServer): WireServer {
  const refused = {
    code: '40085',
    msg: 'You are in Unified Account mode, and the Classic Account API is not supported at this time',
    requestTime: SERVER_TIME,
    data: null,
  };
  for (const path of Object.values(CLASSIC).filter((one) => !/public|market|margin/.test(one))) {
    wire.route(path, (_request, response) => sendJson(response, refused, 400));
  }
  return wire;
}

export function serveUnified(wire: WireServer, rows: UnifiedRows = UNIFIED_ROWS): WireServer {
  return (
    refuseClassic(serveAccount(wire, NO_ROWS))
      // The coin-margined perpetuals of classic accounts are retired.
      .route(CLASSIC.contracts, contracts([], 'COIN-FUTURES'))
      .route(
        UNIFIED_PATHS.settings,
        answer({ accountMode: 'unified', assetMode: 'multi_assets', holdMode: rows.holdMode, stpMode: 'none' }),
      )
      .route(UNIFIED_PATHS.positions, (request: WireRequest) =>
        answer({ list: rows.positions[categoryOf(request)] ?? null }),
      )
      .route(UNIFIED_PATHS.pending, (request: WireRequest) =>
        cursorPageOf(rows.orders[categoryOf(request)] ?? [], request),
      )
      .route(UNIFIED_PATHS.strategies, (request: WireRequest) => answer(rows.strategies[categoryOf(request)] ?? []))
      .route(UNIFIED_PATHS.assets, answer({ accountEquity: '1', usdtEquity: '1', assets: rows.assets }))
      .route(UNIFIED_PATHS.fundingAssets, answer(rows.funding))
  );
}
