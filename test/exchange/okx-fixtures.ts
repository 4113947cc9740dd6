import type { WireRequest, WireServer } from './wire-server.js';

/* Answers as www.okx.com/docs-v5/en documents them, for a trading account in futures mode. */

export const SERVER_TIME = 1_764_000_000_000;
export const CREDENTIALS = { apiKey: 'key-Planted+1$', secret: 'secret-Planted/2==', password: 'phrase-Planted#3' };

export function answer(data: unknown) {
  return { code: '0', msg: '', data };
}

export function contract(
  instType: string,
  instId: string,
  ctVal: string,
  settleCcy: string,
  ctType: string,
  expTime = '',
) {
  const [base, quote] = instId.split('-');
  return {
    alias: expTime === '' ? '' : 'quarter',
    baseCcy: '',
    quoteCcy: '',
    ctMult: '1',
    ctType,
    ctVal,
    ctValCcy: ctType === 'linear' ? base : 'USD',
    expTime,
    instFamily: `${base}-${quote}`,
    instId,
    instType,
    lever: '100',
    lotSz: '0.01',
    maxLmtSz: '100000000',
    minSz: '0.01',
    settleCcy,
    state: 'live',
    stk: '',
    tickSz: '0.1',
    uly: `${base}-${quote}`,
  };
}

export function pair(instId: string) {
  const [baseCcy, quoteCcy] = instId.split('-');
  return {
    ...contract('SPOT', instId, '', '', ''),
    alias: '',
    baseCcy,
    quoteCcy,
    ctMult: '',
    ctValCcy: '',
    instFamily: '',
    lotSz: '0.00000001',
    minSz: '0.00001',
    uly: '',
  };
}

export const INSTRUMENTS: Record<string, object[]> = {
  SPOT: [pair('BTC-USDT'), pair('ETH-BTC')],
  SWAP: [
    contract('SWAP', 'BTC-USDT-SWAP', '0.01', 'USDT', 'linear'),
    contract('SWAP', 'ETH-USDT-SWAP', '0.1', 'USDT', 'linear'),
    contract('SWAP', 'SHIB-USDT-SWAP', '1000000', 'USDT', 'linear'),
    contract('SWAP', 'BTC-USDC-SWAP', '0.0001', 'USDC', 'linear'),
    contract('SWAP', 'BTC-USD-SWAP', '100', 'BTC', 'inverse'),
    // Before its listing an instrument has no more than this.
    { instId: 'NEW-USDT-SWAP', instType: 'SWAP', state: 'preopen' },
  ],
  FUTURES: [contract('FUTURES', 'BTC-USD-261225', '100', 'BTC', 'inverse', '1798185600000')],
};

export function instruments({ query }: Pick<WireRequest, 'query'>) {
  return answer(INSTRUMENTS[query.get('instType') ?? ''] ?? []);
}

export function positionRow(instId: string, pos: string, fields: Record<string, unknown> = {}) {
  return {
    instType: instId.endsWith('-SWAP') ? 'SWAP' : 'FUTURES',
    instId,
    mgnMode: 'cross',
    posId: '1752810569801498626',
    posSide: 'net',
    pos,
    posCcy: '',
    availPos: '',
    avgPx: '60000',
    ccy: 'USDT',
    lever: '10',
    liab: '',
    liabCcy: '',
    markPx: '61000',
    notionalUsd: '',
    upl: '-7.5',
    cTime: '1724740225685',
    uTime: String(SERVER_TIME - 3_600_000),
    ...fields,
  };
}

export function marginRow(pos: string, posCcy: string, liab: string, liabCcy: string) {
  return positionRow('BTC-USDT', pos, { instType: 'MARGIN', mgnMode: 'isolated', posCcy, liab, liabCcy });
}

export function orderRow(instId: string, ordId: string, fields: Record<string, unknown> = {}) {
  return {
    instType: instId.endsWith('-SWAP') ? 'SWAP' : 'SPOT',
    instId,
    ordId,
    clOrdId: `bot${ordId}`,
    accFillSz: '0',
    algoId: '',
    attachAlgoOrds: [],
    avgPx: '',
    cTime: String(SERVER_TIME - 7_200_000),
    cancelSource: '',
    cancelSourceReason: '',
    category: 'normal',
    ordType: 'limit',
    posSide: 'net',
    px: '60000',
    reduceOnly: 'false',
    side: 'buy',
    source: '',
    state: 'live',
    sz: '1',
    tdMode: 'cross',
    tgtCcy: '',
    uTime: String(SERVER_TIME - 7_200_000),
    ...fields,
  };
}

export function algoRow(instId: string, algoId: string, ordType: string, fields: Record<string, unknown> = {}) {
  return {
    instType: instId.endsWith('-SWAP') ? 'SWAP' : 'SPOT',
    instId,
    activePx: '',
    actualPx: '',
    actualSz: '0',
    algoClOrdId: `algo${algoId}`,
    algoId,
    cTime: String(SERVER_TIME - 7_200_000),
    clOrdId: '',
    closeFraction: '',
    failCode: '0',
    moveTriggerPx: '',
    ordId: '',
    ordIdList: [],
    ordPx: '',
    ordType,
    posSide: 'net',
    pxLimit: '',
    side: 'sell',
    slOrdPx: '',
    slTriggerPx: '',
    state: 'live',
    sz: '1',
    tdMode: 'cross',
    tgtCcy: '',
    tpOrdPx: '',
    tpTriggerPx: '',
    triggerPx: '',
    uTime: String(SERVER_TIME - 7_200_000),
    ...fields,
  };
}

export function config(fields: Record<string, unknown> = {}) {
  return answer([
    { acctLv: '2', posMode: 'net_mode', perm: 'read_only', ip: '203.0.113.7', label: 'witness', uid: '1', ...fields },
  ]);
}

export function balance(details: object[]) {
  return answer([{ adjEq: '1', details, totalEq: '1', uTime: '1705474164160' }]);
}

export function coin(ccy: string, cashBal: string, eq = cashBal) {
  return { ccy, cashBal, eq, availBal: cashBal, frozenBal: '0', uTime: '1705449605015' };
}

const PREFIX = '/api/v5';
export const PATHS = {
  instruments: `${PREFIX}/public/instruments`,
  time: `${PREFIX}/public/time`,
  config: `${PREFIX}/account/config`,
  positions: `${PREFIX}/account/positions`,
  balance: `${PREFIX}/account/balance`,
  orders: `${PREFIX}/trade/orders-pending`,
  algos: `${PREFIX}/trade/orders-algo-pending`,
  order: `${PREFIX}/trade/order`,
  history: `${PREFIX}/trade/orders-history`,
  archive: `${PREFIX}/trade/orders-history-archive`,
  fills: `${PREFIX}/trade/fills-history`,
  algo: `${PREFIX}/trade/order-algo`,
  algoHistory: `${PREFIX}/trade/orders-algo-history`,
  bills: `${PREFIX}/account/bills`,
  tickers: `${PREFIX}/market/tickers`,
} as const;

/** A list in pages of up to 100 from behind the id `after`, newest first, as OKX pages. */
export function page(rows: readonly Record<string, unknown>[], id: 'ordId' | 'algoId', query: URLSearchParams) {
  const after = query.get('after');
  const from = after === null ? 0 : rows.findIndex((row) => row[id] === after) + 1;
  return answer(rows.slice(from, from + Number(query.get('limit') ?? 100)));
}

export interface AccountRows {
  config: object;
  positions: object[];
  coins: object[];
  orders: Record<string, unknown>[];
  /** By ordType as it is asked for. */
  algos: Record<string, Record<string, unknown>[]>;
}

export const NO_ROWS: AccountRows = {
  config: config(),
  positions: [
    positionRow('BTC-USDT-SWAP', '50'),
    positionRow('ETH-USDT-SWAP', '-120.5'),
    positionRow('SHIB-USDT-SWAP', '0.01'),
    positionRow('BTC-USDC-SWAP', '-1000'),
    positionRow('BTC-USD-SWAP', '-10'),
    positionRow('BTC-USD-261225', '3'),
    marginRow('0.00190433573', 'BTC', '-99.9998177776581948', 'USDT'),
    positionRow('ETH-USDT-SWAP', '0', { mgnMode: 'isolated' }),
    positionRow('BTC-USD-261225-60000-C', '2', { instType: 'OPTION' }),
  ],
  coins: [coin('USDT', '1000.10000000', '992.55'), coin('BTC', '0.30000000'), coin('ETH', '0')],
  orders: [
    orderRow('BTC-USDT-SWAP', '109', { state: 'partially_filled', accFillSz: '0.4', avgPx: '60000' }),
    orderRow('BTC-USD-SWAP', '108', { sz: '5', side: 'sell', clOrdId: '' }),
    orderRow('BTC-USDT', '107', { sz: '0.00000001', px: '59999.9', tdMode: 'cash' }),
    orderRow('ETH-BTC', '106', { instType: 'MARGIN', sz: '2', px: '0.05' }),
    orderRow('BTC-USDT', '105', { ordType: 'market', px: '', sz: '100', tgtCcy: 'quote_ccy' }),
    orderRow('BTC-USD-261225-60000-C', '104', { instType: 'OPTION' }),
  ],
  algos: {
    'conditional,oco': [
      algoRow('BTC-USDT-SWAP', '209', 'oco', {
        slTriggerPx: '55000',
        slOrdPx: '-1',
        tpTriggerPx: '70000',
        tpOrdPx: '70100',
      }),
      algoRow('BTC-USDT-SWAP', '208', 'conditional', { tpTriggerPx: '80000', tpOrdPx: '79900' }),
      algoRow('BTC-USDT-SWAP', '207', 'conditional', {
        sz: '',
        closeFraction: '1',
        slTriggerPx: '50000',
        slOrdPx: '-1',
        algoClOrdId: '',
      }),
      algoRow('BTC-USDT', '206', 'conditional', {
        side: 'buy',
        sz: '10',
        tgtCcy: 'quote_ccy',
        tpTriggerPx: '10000',
        tpOrdPx: '-1',
      }),
    ],
    trigger: [algoRow('ETH-USDT-SWAP', '205', 'trigger', { triggerPx: '2500', ordPx: '2490', sz: '30' })],
    move_order_stop: [
      algoRow('BTC-USDT-SWAP', '204', 'move_order_stop', { activePx: '65000', moveTriggerPx: '61234.5' }),
    ],
    chase: [algoRow('BTC-USDT-SWAP', '203', 'chase')],
    iceberg: [algoRow('BTC-USDT-SWAP', '202', 'iceberg', { sz: '500', pxLimit: '62000', szLimit: '10' })],
    twap: [algoRow('BTC-USD-SWAP', '201', 'twap', { sz: '40', state: 'pause' })],
  },
};

export function algosOf({ algos }: Pick<AccountRows, 'algos'>, { query }: Pick<WireRequest, 'query'>) {
  return algos[query.get('ordType') ?? ''] ?? [];
}

export function serveAccount(wire: WireServer, rows: AccountRows = NO_ROWS): WireServer {
  return wire
    .route(PATHS.instruments, instruments)
    .route(PATHS.time, answer([{ ts: String(SERVER_TIME) }]))
    .route(PATHS.config, rows.config)
    .route(PATHS.tickers, answer([{ instType: 'SPOT', instId: 'BTC-USDT', last: '61000' }]))
    .route(PATHS.positions, answer(rows.positions))
    .route(PATHS.balance, balance(rows.coins))
    .route(PATHS.orders, ({ query }: WireRequest) => page(rows.orders, 'ordId', query))
    .route(PATHS.algos, (request: WireRequest) => page(algosOf(rows, request), 'algoId', request.query));
}
