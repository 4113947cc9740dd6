import type { ForeignAnswer } from './foreign-answers.js';
import {
  POSITIONS,
  OPEN_ORDERS,
  ALGO_ORDERS,
  DOCS,
  GO,
  NET,
  CONNECTOR,
  DATED,
  LATER,
  POSITION,
  HEDGED,
  LONG,
  TRAILING,
  READ_TRAILING,
  LIMIT,
  ALGO,
  state,
} from './binancecoinm-rows.js';

/* Answers of Binance COIN-M futures. One contract of BTC is worth 100 USD, one of ETH 10 USD. */

export const COINM_STATE: readonly ForeignAnswer[] = [
  state('a long leg with its empty rows', `${DOCS}, "Position Information"`, POSITIONS, HEDGED, LONG),
  state(
    'a long leg with its empty rows, without times',
    `${GO}/position_risk_test.go`,
    POSITIONS,
    HEDGED.map((row) => ({ ...row, breakEvenPrice: undefined, updateTime: undefined })),
    { ...LONG, positions: [{ symbol: LATER, side: 'long', amount: '100', changedAt: null }] },
  ),
  state(
    'a long leg with the value of each row',
    `${NET}/Account/GetPositionInformation.txt`,
    POSITIONS,
    HEDGED.map((row) => ({ ...row, notionalValue: row.positionAmt === '1' ? '11788.66626667' : '0' })),
    LONG,
  ),
  state('a symbol that holds nothing', `${CONNECTOR}, positionInformation`, POSITIONS, HEDGED.slice(0, 1), {
    positionMode: 'one-way',
    positions: [],
  }),
  state(
    'a recorded position of one contract of ETH',
    'ccxt/ccxt#21174',
    POSITIONS,
    [
      {
        symbol: 'ETHUSD_PERP',
        positionAmt: '1',
        entryPrice: '2422.400000007',
        markPrice: '2424.97',
        unRealizedProfit: '0.00000438',
        liquidationPrice: '289.96236795',
        leverage: '100',
        positionSide: 'LONG',
        updateTime: '1707371941861',
        maxQty: '15',
      },
    ],
    {
      positionMode: 'hedge',
      positions: [{ symbol: 'ETH/USD:ETH', side: 'long', amount: '10', changedAt: 1707371941861 }],
    },
  ),
  state(
    'a contract that was settled long ago',
    `${DOCS}, "Position Information"`,
    POSITIONS,
    [{ ...POSITION, symbol: 'BTCUSD_200626', positionSide: 'BOTH' }],
    { positions: [], unread: [{ symbol: 'BTCUSD_200626', code: 'SYMBOL_UNKNOWN', scope: 'positions:inverse' }] },
  ),
  state(
    'a trailing stop',
    `${DOCS}, "Current All Open Orders"`,
    OPEN_ORDERS,
    [{ ...TRAILING, priceMatch: 'NONE', selfTradePreventionMode: 'NONE' }],
    {
      positionMode: 'hedge',
      orders: [READ_TRAILING],
    },
  ),
  state(
    'a trailing stop without its pair',
    `${GO}/order_service_test.go, TestListOpenOrders`,
    OPEN_ORDERS,
    [{ ...TRAILING, pair: undefined }],
    {
      orders: [READ_TRAILING],
    },
  ),
  state(
    'a trailing stop without its pair, elsewhere',
    `${NET}/Trading/GetOpenOrders.txt`,
    OPEN_ORDERS,
    [{ ...TRAILING, pair: undefined }],
    {
      orders: [READ_TRAILING],
    },
  ),
  state(
    'a new order as it is answered since June 2026, without average and value',
    `${CONNECTOR.replace('/tests/unit', '/CHANGELOG.md')}, 18.0.0`,
    OPEN_ORDERS,
    [{ ...LIMIT, symbol: 'BTCUSD_PERP', origQty: '11', price: '30005', avgPrice: undefined, cumBase: undefined }],
    { orders: [{ symbol: 'BTC/USD:BTC', amount: '1100', price: '30005', conditional: false }] },
  ),
  state(
    'an order of a batch that fills a part',
    `${DOCS}, "Place Multiple Orders"`,
    OPEN_ORDERS,
    [{ ...LIMIT, origQty: '10', executedQty: '4', status: 'PARTIALLY_FILLED', price: '100' }],
    { orders: [{ amount: '1000', filled: '400', price: '100' }] },
  ),
  state(
    'an order of the risk engine',
    `${DOCS}, "Common Definition", order status`,
    OPEN_ORDERS,
    [{ ...LIMIT, status: 'NEW_INSURANCE' }],
    { orders: [], unread: [{ symbol: DATED, scope: 'orders:regular:inverse' }] },
  ),
  state('a stop of the algo service', `${DOCS}, "Important CM-UM Integration Notice", C.5`, ALGO_ORDERS, [ALGO], {
    positionMode: 'one-way',
    orders: [
      { id: '2100001', symbol: 'BTC/USD:BTC', amount: '200', triggerPrice: '49000', conditional: true, price: null },
    ],
  }),
  state(
    'a stop that closes the position',
    `${DOCS}, "New Order", closePosition`,
    ALGO_ORDERS,
    [{ ...ALGO, quantity: '0', closePosition: true }],
    { orders: [{ amount: null, type: 'stop_market' }] },
  ),
  state(
    'a stop that has triggered',
    `${DOCS}, "Important CM-UM Integration Notice", ALGO_UPDATE`,
    ALGO_ORDERS,
    [{ ...ALGO, algoStatus: 'TRIGGERED' }],
    {
      orders: [],
    },
  ),
  ...(
    [
      ['Futures Account Balance', DOCS],
      ['GetBalances.txt', `${NET}/Account`],
      ['account_service_test.go, TestetBalance', GO],
    ] as const
  ).map(([page, source]) =>
    state(
      `a wallet, as ${page} has it`,
      `${source}, "${page}"`,
      '/dapi/v1/balance',
      [
        {
          accountAlias: 'SgsR',
          asset: 'BTC',
          balance: '0.00250000',
          withdrawAvailable: '0.00250000',
          crossWalletBalance: '0.00241969',
          crossUnPnl: '0.00000000',
          availableBalance: '0.00241969',
          updateTime: 1592468353979,
        },
      ],
      { balances: [{ currency: 'BTC', total: '0.0025' }] },
    ),
  ),
  state(
    'a mode',
    `${DOCS}, "Get Current Position Mode"`,
    '/dapi/v1/positionSide/dual',
    { dualSidePosition: true },
    { positionMode: 'hedge' },
  ),
];
