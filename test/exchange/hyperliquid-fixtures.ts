import { sendJson, type WireRequest, type WireServer } from './wire-server.js';

/* Answers as hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api documents them ("Info endpoint", "Perpetuals", "Spot"). */

export const SERVER_TIME = 1_764_000_000_000;
export const INFO = '/info';
export const WALLET = { walletAddress: '0x5e9ee1089755c3435139848e47e6635505d5a13a' };

const context = {
  dayNtlVlm: '1169046.29406',
  funding: '0.0000125',
  markPx: '60000.0',
  midPx: '60000.5',
  openInterest: '688.11',
  oraclePx: '60001.0',
  premium: '0.00031774',
  prevDayPx: '59000.0',
};
const token = (name: string, index: number, szDecimals: number, fullName: string | null = null) => ({
  name,
  szDecimals,
  weiDecimals: 8,
  index,
  tokenId: `0x${String(index).padStart(32, '0')}`,
  isCanonical: true,
  evmContract: null,
  fullName,
});
const TOKENS = [
  token('USDC', 0, 8),
  token('PURR', 1, 0),
  token('UBTC', 2, 5, 'Unit Bitcoin'),
  token('USDE', 3, 2),
  token('HYPE', 4, 2),
];
const PAIRS = [
  { name: 'PURR/USDC', tokens: [1, 0], index: 0, isCanonical: true },
  { name: '@1', tokens: [2, 0], index: 1, isCanonical: false },
  { name: '@2', tokens: [4, 0], index: 2, isCanonical: false },
];
const perpetual = (name: string, szDecimals: number) => ({ name, szDecimals, maxLeverage: 40, marginTableId: 40 });

function metaOf(dex: string | undefined, main: object[]) {
  const universes: Record<string, object[]> = {
    xyz: [perpetual('xyz:XYZ100', 4), perpetual('xyz:TSLA', 3)],
    hyna: [perpetual('hyna:BTC', 5)],
  };
  const universe = dex === undefined ? main : (universes[dex] ?? []);
  return [{ universe, marginTables: [], collateralToken: dex === 'hyna' ? 3 : 0 }, universe.map(() => context)];
}

export function positionRow(coin: string, szi: string, fields: Record<string, unknown> = {}) {
  return {
    type: 'oneWay',
    position: {
      coin,
      cumFunding: { allTime: '514.085417', sinceChange: '0.0', sinceOpen: '0.0' },
      entryPx: '59000.0',
      leverage: { rawUsd: '-95.059824', type: 'isolated', value: 20 },
      liquidationPx: '2866.26936529',
      marginUsed: '4.967826',
      maxLeverage: 50,
      positionValue: '100.02765',
      returnOnEquity: '-0.0026789',
      szi,
      unrealizedPnl: '-0.0134',
    },
    ...fields,
  };
}

export function stateOf(rows: readonly object[], time = SERVER_TIME) {
  const summary = {
    accountValue: '13109.482328',
    totalMarginUsed: '4.9',
    totalNtlPos: '100.0',
    totalRawUsd: '13009.4',
  };
  return {
    assetPositions: rows,
    crossMaintenanceMarginUsed: '0.0',
    crossMarginSummary: summary,
    marginSummary: summary,
    time,
    withdrawable: '13104.514502',
  };
}

export function orderRow(coin: string, oid: number, fields: Record<string, unknown> = {}) {
  return {
    coin,
    side: 'B',
    limitPx: '58000.0',
    sz: '0.01',
    oid,
    timestamp: SERVER_TIME - 3_600_000,
    triggerCondition: 'N/A',
    isTrigger: false,
    triggerPx: '0.0',
    children: [],
    isPositionTpsl: false,
    reduceOnly: false,
    orderType: 'Limit',
    origSz: '0.01',
    tif: 'Gtc',
    cloid: null,
    ...fields,
  };
}

/** A stop or take-profit, as they wait on the book of triggers. */
export function triggerRow(coin: string, oid: number, fields: Record<string, unknown> = {}) {
  return orderRow(coin, oid, {
    side: 'A',
    limitPx: '49500.0',
    isTrigger: true,
    triggerPx: '55000.0',
    triggerCondition: 'Price below 55000',
    orderType: 'Stop Market',
    reduceOnly: true,
    tif: null,
    ...fields,
  });
}

export function fillRow(oid: number, tid: number, fields: Record<string, unknown> = {}) {
  return {
    closedPnl: '0.0',
    coin: 'BTC',
    crossed: false,
    dir: 'Open Long',
    hash: '0xa166e3fa63c25663024b03f2e0da011a00307e4017465df020210d3d432e7cb8',
    oid,
    px: '58000.0',
    side: 'B',
    startPosition: '0.0',
    sz: '0.01',
    time: SERVER_TIME - 60_000,
    fee: '0.01',
    feeToken: 'USDC',
    tid,
    ...fields,
  };
}

export interface AccountRows {
  role: object;
  abstraction: string;
  dexes: (null | { name: string })[];
  /** Perpetuals of the first dex. */
  universe: object[];
  /** By dex; "" is the first. */
  positions: Record<string, object[]>;
  orders: Record<string, object[]>;
  balances: object[];
}

export const NO_ROWS: AccountRows = {
  role: { role: 'user' },
  abstraction: 'default',
  dexes: [null, { name: 'xyz' }, { name: 'hyna' }],
  universe: [perpetual('BTC', 5), perpetual('ETH', 4), perpetual('kBONK', 0)],
  positions: {
    '': [positionRow('BTC', '0.50000'), positionRow('kBONK', '-12000.0'), positionRow('ETH', '0.0')],
    xyz: [positionRow('xyz:XYZ100', '-0.0335')],
    hyna: [positionRow('hyna:BTC', '0.00001')],
  },
  orders: {
    '': [
      orderRow('BTC', 101, { sz: '0.006', cloid: '0x00000000000000000000000000000065' }),
      triggerRow('BTC', 102),
      triggerRow('BTC', 103, { sz: '0.0', origSz: '0.0', isPositionTpsl: true, orderType: 'Take Profit Market' }),
      triggerRow('ETH', 104, { limitPx: '2490.0', triggerPx: '2500.0', orderType: 'Stop Limit', tif: 'Gtc' }),
      orderRow('ETH', 105, { limitPx: '2600.0', children: [triggerRow('ETH', 106, { triggerPx: '2400.0' })] }),
      orderRow('@1', 107, { limitPx: '59999.5', sz: '0.00017', origSz: '0.00017' }),
    ],
    xyz: [orderRow('xyz:XYZ100', 108, { limitPx: '23000.0' })],
    hyna: [],
  },
  balances: [
    { coin: 'USDC', token: 0, hold: '10.2', total: '14.625485', entryNtl: '0.0' },
    { coin: 'UBTC', token: 2, hold: '0.0', total: '0.30000000', entryNtl: '1234.56' },
    { coin: 'PURR', token: 1, hold: '0', total: '0.0', entryNtl: '0.0' },
  ],
};

export interface Question {
  type: string;
  dex?: string;
  user?: string;
  oid?: number | string;
  startTime?: number;
}

export function questionOf({ body }: Pick<WireRequest, 'body'>): Question {
  return JSON.parse(body) as Question;
}

/** What one question is answered from these rows; `more` answers what they do not know. */
export function answerTo(question: Question, rows: AccountRows = NO_ROWS): unknown {
  const dex = question.dex ?? '';
  switch (question.type) {
    case 'userRole':
      return rows.role;
    case 'userAbstraction':
      return rows.abstraction;
    case 'allMids':
      return { BTC: '60000.5', 'PURR/USDC': '0.19', '@1': '60010.5', '@2': '40.25', '@999': '1.0' };
    case 'perpDexs':
      return rows.dexes;
    case 'spotMeta':
      return { tokens: TOKENS, universe: PAIRS };
    case 'spotMetaAndAssetCtxs':
      return [{ tokens: TOKENS, universe: PAIRS }, PAIRS.map(() => context)];
    case 'metaAndAssetCtxs':
      return metaOf(question.dex, rows.universe);
    case 'clearinghouseState':
      return stateOf(rows.positions[dex] ?? []);
    case 'frontendOpenOrders':
      return rows.orders[dex] ?? [];
    case 'spotClearinghouseState':
      return { balances: rows.balances };
    default:
      return undefined;
  }
}

export function serveAccount(wire: WireServer, rows: AccountRows = NO_ROWS): WireServer {
  return serveWith(wire, (question) => answerTo(question, rows));
}

export function serveWith(wire: WireServer, answer: (question: Question) => unknown): WireServer {
  return wire.route(INFO, (request: WireRequest, response) => {
    const document = answer(questionOf(request));
    if (typeof document === 'string') return sendJson(response, JSON.stringify(document));
    if (document !== undefined) return document;
    return void response.writeHead(422).end('Failed to deserialize the JSON body into the target type');
  });
}
