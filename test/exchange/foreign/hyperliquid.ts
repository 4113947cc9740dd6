import type { VenueAction } from '../../../src/domain/explain/cause.js';
import type { MissingCause } from '../../../src/domain/difference/difference.js';
import type { Balance, OpenOrder, Position, Unread } from '../../../src/domain/snapshot/snapshot.js';
import { WALLET } from '../hyperliquid-fixtures.js';

/*
 * Answers of Hyperliquid from public documentation, SDKs and recorded traffic: field names, words and shapes of numbers
 * as they were published; addresses, hashes and order ids are replaced.
 */

const SDK = 'hyperliquid-dex/hyperliquid-python-sdk, tests/cassettes/info_test (recorded HTTP)';
const CCXT = 'ccxt/ccxt, ts/src/test/static/response/hyperliquid.json';
const NAUTILUS = 'nautechsystems/nautilus_trader, crates/adapters/hyperliquid/test_data';
const DOCS = 'hyperliquid.gitbook.io, for-developers/api/info-endpoint';
const SCHEMA = 'nktkas/hyperliquid, src/api/info/_methods';

export type Reading =
  | { positions: Partial<Position>[] }
  | { orders: Partial<OpenOrder>[] }
  | { balances: Balance[] }
  | { unread: Partial<Unread>[] }
  | { failure: string }
  | { kind: string }
  | { missing: Partial<OpenOrder>; cause: MissingCause; filled?: string }
  | { actions: Partial<VenueAction>[]; unified?: boolean };

export interface ForeignAnswer {
  name: string;
  source: string;
  /** The type of the question; "dex" after a slash. */
  question: string;
  answer: unknown;
  reading: Reading;
}

const USER = WALLET.walletAddress;
const OTHER = '0x00000000000000000000000000000000000000aa';
const HASH = `0x${'0'.repeat(62)}01`;
const TIME = 1_764_000_000_000;

const summary = {
  accountValue: '1182.312496',
  totalMarginUsed: '171.740766',
  totalNtlPos: '3434.815334',
  totalRawUsd: '86.549602',
};
const state = (...rows: object[]): object => ({
  assetPositions: rows,
  crossMarginSummary: summary,
  marginSummary: summary,
  time: TIME,
  withdrawable: '1010.57173',
});
const position = (coin: string, szi: string, entryPx: string, more: object = {}): object => ({
  position: {
    coin,
    entryPx,
    leverage: { type: 'cross', value: 20 },
    liquidationPx: null,
    marginUsed: '11.383755',
    maxTradeSzs: ['11.8423', '12.1091'],
    positionValue: '227.675114',
    returnOnEquity: '0.01042942',
    szi,
    unrealizedPnl: '0.118726',
    ...more,
  },
  type: 'oneWay',
});

const POSITIONS: ForeignAnswer[] = [
  ...(
    [
      ['BTC', '-0.00785', '26951.0', 'BTC/USDC:USDC', 'short', '0.00785'],
      ['ETH', '0.1334', '1705.82', 'ETH/USDC:USDC', 'long', '0.1334'],
      ['ATOM', '-0.45', '10.787', 'ATOM/USDC:USDC', 'short', '0.45'],
      ['MATIC', '76.6', '1.03483', 'MATIC/USDC:USDC', 'long', '76.6'],
      ['DYDX', '-121.2', '2.36808', 'DYDX/USDC:USDC', 'short', '121.2'],
      ['BNB', '1.916', '306.509', 'BNB/USDC:USDC', 'long', '1.916'],
      ['ARB', '246.5', '1.17991', 'ARB/USDC:USDC', 'long', '246.5'],
    ] as const
  ).map(([coin, szi, entryPx, symbol, side, amount]): ForeignAnswer => ({
    name: `a position of ${szi} ${coin}`,
    source: `${SDK}, test_get_user_state`,
    question: 'clearinghouseState',
    answer: state(position(coin, szi, entryPx)),
    reading: { positions: [{ symbol, side, amount }] },
  })),
  {
    name: 'an isolated position with its raw value',
    source: `${DOCS}/perpetuals, Retrieve user's perpetuals account summary`,
    question: 'clearinghouseState',
    answer: state(
      position('ETH', '0.0335', '2986.3', {
        cumFunding: { allTime: '514.085417', sinceChange: '0.0', sinceOpen: '0.0' },
        leverage: { rawUsd: '-95.059824', type: 'isolated', value: 20 },
        liquidationPx: '2866.26936529',
        maxLeverage: 50,
      }),
    ),
    reading: { positions: [{ symbol: 'ETH/USDC:USDC', side: 'long', amount: '0.0335' }] },
  },
  {
    name: 'no position, with a loan against it',
    source: `${NAUTILUS}, http_clearinghouse_state_negative_total_raw_usd.json`,
    question: 'clearinghouseState',
    answer: {
      assetPositions: [],
      crossMarginSummary: { ...summary, totalRawUsd: '-22358.938225' },
      withdrawable: '772.232111',
      time: TIME,
    },
    reading: { positions: [] },
  },
  {
    name: 'the account summary of 2023, which had no time',
    source: `${SDK}, test_get_user_state`,
    question: 'clearinghouseState',
    answer: {
      assetPositions: [position('SOL', '7.39', '19.6789')],
      marginSummary: summary,
      withdrawable: '1010.57173',
    },
    reading: { failure: 'unreadable' },
  },
  {
    name: 'a position on a dex of a builder',
    source: `${CCXT}, fetchMyTrades (flx:CRCL)`,
    question: 'clearinghouseState/xyz',
    answer: state(position('xyz:XYZ100', '-0.27', '55.877')),
    reading: { positions: [{ symbol: 'XYZ-XYZ100/USDC:USDC', side: 'short', amount: '0.27' }] },
  },
];

const stop = {
  children: [],
  coin: 'INJ',
  isPositionTpsl: false,
  isTrigger: true,
  limitPx: '9.1954',
  oid: 3_184_000_006,
  orderType: 'Stop Market',
  origSz: '12.5',
  reduceOnly: true,
  side: 'A',
  sz: '12.5',
  tif: null,
  timestamp: 1_700_126_022_555,
  triggerCondition: 'Price below 9.995',
  triggerPx: '9.995',
};
const profit = {
  ...stop,
  limitPx: '9.2037',
  oid: 3_184_000_007,
  orderType: 'Take Profit Market',
  triggerCondition: 'Price above 10.004',
  triggerPx: '10.004',
};
const entry = {
  ...stop,
  children: [stop, profit],
  isTrigger: false,
  limitPx: '10.0',
  oid: 3_184_000_005,
  orderType: 'Limit',
  reduceOnly: false,
  side: 'B',
  tif: 'Gtc',
  triggerCondition: 'N/A',
  triggerPx: '0.0',
};
const documented = {
  coin: 'BTC',
  isPositionTpsl: false,
  isTrigger: false,
  limitPx: '29792.0',
  oid: 91_490_942,
  orderType: 'Limit',
  origSz: '5.0',
  reduceOnly: false,
  side: 'A',
  sz: '5.0',
  timestamp: 1_681_247_412_573,
  triggerCondition: 'N/A',
  triggerPx: '0.0',
};

const ORDERS: ForeignAnswer[] = [
  {
    name: 'an entry whose stop and take-profit are listed under it and for themselves',
    source: `${SDK}, test_get_frontend_open_orders`,
    question: 'frontendOpenOrders',
    answer: [profit, stop, entry],
    reading: {
      orders: [
        {
          id: '3184000007',
          parent: '3184000005',
          type: 'take_profit_market',
          triggerPrice: '10.004',
          conditional: true,
        },
        { id: '3184000006', parent: '3184000005', type: 'stop_market', triggerPrice: '9.995', price: null },
        { id: '3184000005', type: 'limit', price: '10.0', side: 'buy', amount: '12.5', conditional: false },
      ],
    },
  },
  {
    name: 'an entry whose stop and take-profit are listed under it only',
    source: `${SDK}, test_get_frontend_open_orders`,
    question: 'frontendOpenOrders',
    answer: [entry],
    reading: {
      orders: [
        { id: '3184000005' },
        { id: '3184000006', parent: '3184000005', amount: '12.5', side: 'sell' },
        { id: '3184000007', parent: '3184000005' },
      ],
    },
  },
  {
    name: 'a limit order without children, tif and client order id',
    source: `${DOCS}, Retrieve a user's open orders with additional frontend info`,
    question: 'frontendOpenOrders',
    answer: [documented],
    reading: {
      orders: [{ id: '91490942', clientOrderId: null, side: 'sell', price: '29792.0', amount: '5', filled: '0' }],
    },
  },
  {
    name: 'an order that is partly filled',
    source: `${DOCS}, Retrieve a user's open orders with additional frontend info`,
    question: 'frontendOpenOrders',
    answer: [{ ...documented, sz: '3.75' }],
    reading: { orders: [{ amount: '5', filled: '1.25', changedAt: null }] },
  },
  {
    name: 'a take-profit of the whole position, without a size',
    source: `${SCHEMA}/_base/_schemas.ts (isPositionTpsl)`,
    question: 'frontendOpenOrders',
    answer: [{ ...profit, isPositionTpsl: true, origSz: '0.0', sz: '0.0' }],
    reading: { orders: [{ amount: null, triggerPrice: '10.004', conditional: true }] },
  },
  {
    name: 'a slice of a TWAP that rests for a moment',
    source: `${SCHEMA}/_base/_schemas.ts (orderType)`,
    question: 'frontendOpenOrders',
    answer: [{ ...documented, orderType: 'Twap Slice' }],
    reading: { orders: [{ type: 'twap_slice', conditional: false }] },
  },
  {
    name: 'a spot order by the number of its pair',
    source: `${NAUTILUS}, http_user_fills_dust_conversion.json (coin "@156")`,
    question: 'frontendOpenOrders',
    answer: [{ ...documented, coin: '@1', side: 'B', limitPx: '160.32', sz: '1.267', origSz: '1.267' }],
    reading: { orders: [{ symbol: 'BTC/USDC', side: 'buy', amount: '1.267' }] },
  },
  {
    name: 'an order of a coin that is not listed any more',
    source: `${SDK}, test_get_open_orders (MATIC of 2023)`,
    question: 'frontendOpenOrders',
    answer: [{ ...documented, coin: 'GONE', limitPx: '1.0357' }, documented],
    reading: { unread: [{ code: 'SYMBOL_UNKNOWN', symbol: 'GONE', scope: 'orders' }] },
  },
];

const BALANCES: ForeignAnswer[] = [
  {
    name: 'tokens with a hold, and one of an outcome market',
    source: `${NAUTILUS}, http_spot_clearinghouse_state.json`,
    question: 'spotClearinghouseState',
    answer: {
      balances: [
        { coin: 'USDC', token: 0, total: '14.625485', hold: '0.0', entryNtl: '0.0' },
        { coin: 'PURR', token: 1, total: '2000', hold: '100', entryNtl: '1234.56' },
        { coin: 'HYPE', token: 4, total: '5.2', hold: '0', entryNtl: '75.4' },
        { coin: '+10', token: 100_000_010, total: '25', hold: '0', entryNtl: '12.5' },
      ],
    },
    reading: {
      balances: [
        { currency: 'HYPE', total: '5.2' },
        { currency: 'PURR', total: '2000' },
        { currency: 'USDC', total: '14.625485' },
      ],
    },
  },
  {
    name: 'a token of a settled outcome, without an id',
    source: `${SCHEMA}/spotClearinghouseState.ts`,
    question: 'spotClearinghouseState',
    answer: { balances: [{ coin: 'o12', total: '7', hold: '0', entryNtl: '3.5' }] },
    reading: { balances: [] },
  },
  {
    name: 'a debt of portfolio margin',
    source: `${SCHEMA}/spotClearinghouseState.ts (total may be negative)`,
    question: 'spotClearinghouseState',
    answer: {
      portfolioMarginEnabled: true,
      portfolioMarginRatio: '0.31',
      balances: [
        { coin: 'USDC', token: 0, total: '-40.5', hold: '0.0', entryNtl: '0.0', borrowed: '40.5', ltv: '0.0' },
      ],
    },
    reading: { balances: [{ currency: 'USDC', total: '-40.5' }] },
  },
];

const ACCOUNTS: ForeignAnswer[] = [
  {
    name: 'a vault',
    source: `${SDK}, test_user_role`,
    question: 'userRole',
    answer: { role: 'vault' },
    reading: { kind: 'vault, separate wallets (default)' },
  },
  {
    name: 'a sub-account',
    source: `${DOCS}, Query a user's role`,
    question: 'userRole',
    answer: { role: 'subAccount', data: { master: OTHER } },
    reading: { kind: `sub-account of ${OTHER}, separate wallets (default)` },
  },
  {
    name: 'an agent, whose own lists are empty',
    source: `${DOCS}, Query a user's role`,
    question: 'userRole',
    answer: { role: 'agent', data: { user: OTHER } },
    reading: { failure: 'configuration' },
  },
  {
    name: 'an address that was never used',
    source: `${DOCS}, Query a user's role`,
    question: 'userRole',
    answer: { role: 'missing' },
    reading: { failure: 'configuration' },
  },
  ...(
    [
      ['unifiedAccount', 'master account, unified account'],
      ['portfolioMargin', 'master account, portfolio margin'],
      ['disabled', 'master account, separate wallets (disabled)'],
      ['dexAbstraction', 'master account, separate wallets (dexAbstraction)'],
    ] as const
  ).map(([answer, kind]): ForeignAnswer => ({
    name: `the abstraction ${answer}`,
    source: `${DOCS}, Query a user's abstraction state`,
    question: 'userAbstraction',
    answer,
    reading: { kind },
  })),
];

const historic = (status: string, more: object = {}): object => ({
  order: {
    coin: 'ETH',
    side: 'B',
    limitPx: '3.2502',
    sz: '81.7',
    oid: 141_000_424,
    timestamp: TIME - 60_000,
    triggerCondition: 'N/A',
    isTrigger: false,
    triggerPx: '0.0',
    children: [],
    isPositionTpsl: false,
    reduceOnly: false,
    orderType: 'Limit',
    origSz: '81.7',
    tif: 'Alo',
    cloid: null,
    ...more,
  },
  status,
  statusTimestamp: TIME - 30_000,
});
const MISSING: Partial<OpenOrder> = {
  id: '141000424',
  symbol: 'ETH/USDC:USDC',
  side: 'buy',
  amount: '81.7',
  price: '3.2502',
};

/** What each documented status means for an order that a bot believes to be open. */
const STATUSES: readonly [status: string, cause: MissingCause][] = [
  ['iocCancelRejected', 'expired'],
  ['canceled', 'canceled'],
  ['marginCanceled', 'canceled'],
  ['vaultWithdrawalCanceled', 'canceled'],
  ['openInterestCapCanceled', 'canceled'],
  ['selfTradeCanceled', 'canceled'],
  ['reduceOnlyCanceled', 'canceled'],
  ['siblingFilledCanceled', 'canceled'],
  ['delistedCanceled', 'canceled'],
  ['outcomeSettledCanceled', 'canceled'],
  ['scheduledCancel', 'canceled'],
  ['internalCancel', 'canceled'],
  ['liquidatedCanceled', 'liquidated'],
  ['rejected', 'rejected'],
  ['tickRejected', 'rejected'],
  ['minTradeNtlRejected', 'rejected'],
  ['perpMarginRejected', 'rejected'],
  ['reduceOnlyRejected', 'rejected'],
  ['badAloPxRejected', 'rejected'],
  ['badTriggerPxRejected', 'rejected'],
  ['marketOrderNoLiquidityRejected', 'rejected'],
  ['positionIncreaseAtOpenInterestCapRejected', 'rejected'],
  ['oracleRejected', 'rejected'],
  ['perpMaxPositionRejected', 'rejected'],
  ['insufficientSpotBalanceRejected', 'rejected'],
  ['tooManyOpenOrdersRejected', 'rejected'],
  ['aStatusOfTomorrow', 'unknown'],
];

const MISSING_ORDERS: ForeignAnswer[] = [
  ...STATUSES.map(([status, cause]): ForeignAnswer => ({
    name: `an order with the status ${status}`,
    source: ['iocCancelRejected', 'canceled'].includes(status)
      ? `${SDK}, test_historical_orders`
      : `${DOCS}, Query order status by oid or cloid`,
    question: 'historicalOrders',
    answer: [historic(status)],
    reading: { missing: MISSING, cause },
  })),
  {
    name: 'one order in two rows, open and then canceled, one of them with its numbers as texts',
    source: `${CCXT}, fetchOrders`,
    question: 'historicalOrders',
    answer: [historic('canceled', { oid: '141000424', timestamp: String(TIME - 60_000) }), historic('open')],
    reading: { missing: MISSING, cause: 'canceled' },
  },
];

const fill = (more: object): object => ({
  closedPnl: '0.0',
  coin: 'ETH',
  crossed: true,
  dir: 'Open Long',
  fee: '0.0',
  feeToken: 'USDC',
  hash: HASH,
  oid: 189_000_432,
  px: '2100.5',
  side: 'B',
  startPosition: '0.0',
  sz: '0.73',
  tid: 882_000_503,
  time: TIME - 40_000,
  twapId: null,
  ...more,
});
const update = (delta: object): object => ({ time: TIME - 40_000, hash: HASH, delta });

const ACTIONS: ForeignAnswer[] = [
  {
    name: 'a liquidation of the account',
    source: `${CCXT}, fetchMyTrades (HYPE, dir "Close Long" with liquidation)`,
    question: 'userFillsByTime',
    answer: [
      fill({
        px: '21.147',
        sz: '5.2',
        side: 'A',
        startPosition: '5.2',
        dir: 'Close Long',
        closedPnl: '-46.0356',
        liquidation: { liquidatedUser: USER.toUpperCase().replace('0X', '0x'), markPx: '21.193', method: 'market' },
      }),
    ],
    reading: { actions: [{ kind: 'liquidation', symbol: 'ETH/USDC:USDC', change: '-5.2', price: '21.147' }] },
  },
  {
    name: 'the other side of a liquidation of somebody else',
    source: `${NAUTILUS}, ws_user_fill_liquidation.json`,
    question: 'userFillsByTime',
    answer: [
      fill({
        px: '66653.0',
        sz: '0.001',
        side: 'A',
        dir: 'Open Short',
        crossed: false,
        cloid: '0x000000000000000000000000000000aa',
        liquidation: { liquidatedUser: OTHER, markPx: '66607.0', method: 'market' },
      }),
    ],
    reading: { actions: [] },
  },
  {
    name: 'an ordinary fill of a builder, with a fee of its own',
    source: `${CCXT}, fetchMyTrades (builderFee)`,
    question: 'userFillsByTime',
    answer: [fill({ fee: '0.012896', builderFee: '0.002424' })],
    reading: { actions: [] },
  },
  {
    name: 'dust that was converted',
    source: `${NAUTILUS}, http_user_fills_dust_conversion.json`,
    question: 'userFillsByTime',
    answer: [
      fill({
        coin: '@1',
        px: '104730.168',
        sz: '0.0000086141',
        side: 'A',
        startPosition: '0.0000086141',
        dir: 'Spot Dust Conversion',
        tid: 0,
      }),
    ],
    reading: {
      actions: [
        { kind: 'conversion', symbol: 'BTC', change: '-0.0000086141' },
        { kind: 'conversion', symbol: 'USDC', change: '0.9021561401688' },
      ],
    },
  },
  {
    name: 'a settlement of a coin',
    source: `${DOCS}, Retrieve a user's fills by time (dir)`,
    question: 'userFillsByTime',
    answer: [fill({ dir: 'Settlement', side: 'A', sz: '3.0' })],
    reading: { actions: [{ kind: 'settlement', symbol: 'ETH/USDC:USDC', change: '-3' }] },
  },
  {
    name: 'a deleveraging',
    source: `${DOCS}, Retrieve a user's fills by time (dir)`,
    question: 'userFillsByTime',
    answer: [fill({ dir: 'Auto-Deleveraging', side: 'B', sz: '1.5' })],
    reading: { actions: [{ kind: 'deleveraging', symbol: 'ETH/USDC:USDC', change: '1.5' }] },
  },
  ...(
    [
      [
        'a deposit',
        { type: 'deposit', usdc: '2703997.4500000002' },
        [{ kind: 'deposit', change: '2703997.4500000002' }],
        true,
      ],
      ['a deposit to the perpetuals, which is no spot balance', { type: 'deposit', usdc: '1099994.98' }, [], false],
      [
        'a transfer from the perpetuals to spot',
        { type: 'accountClassTransfer', usdc: '2684105.0099999998', toPerp: false },
        [{ kind: 'transfer', change: '2684105.0099999998' }],
        false,
      ],
      ['a transfer within one wallet', { type: 'accountClassTransfer', usdc: '12.0', toPerp: false }, [], true],
      [
        'tokens sent to another address, with a fee',
        {
          type: 'spotTransfer',
          token: 'USDC',
          amount: '10.5',
          usdcValue: '10.5',
          user: USER,
          destination: OTHER,
          fee: '1.0',
          nativeTokenFee: '0.0',
          nonce: null,
          feeToken: '',
        },
        [
          { kind: 'transfer', change: '-10.5' },
          { kind: 'fee', change: '-1' },
        ],
        false,
      ],
    ] as const
  ).map(([name, delta, actions, unified]): ForeignAnswer => ({
    name,
    source: `${SDK}, test_user_non_funding_ledger_updates_without_end_time`,
    question: 'userNonFundingLedgerUpdates',
    answer: [update(delta)],
    reading: { actions: actions.map((action) => ({ ...action, symbol: 'USDC' })), unified },
  })),
  ...(
    [
      ['a withdrawal with its fee', { type: 'withdraw', usdc: '99.0', nonce: 1, fee: '1.0' }, ['-99', '-1'], true],
      ['a claim of rewards', { type: 'rewardsClaim', amount: '4.25', token: 'USDC' }, ['4.25'], false],
      ['a deposit into a vault', { type: 'vaultDeposit', vault: OTHER, usdc: '500.0' }, ['-500'], true],
      [
        'a withdrawal from a vault',
        {
          type: 'vaultWithdraw',
          vault: OTHER,
          user: USER,
          requestedUsd: '300.0',
          commission: '1.0',
          closingCost: '0.5',
          basis: '290.0',
          netWithdrawnUsd: '298.5',
        },
        ['298.5'],
        true,
      ],
      [
        'a transfer to a sub-account',
        { type: 'subAccountTransfer', usdc: '20.0', user: USER, destination: OTHER },
        ['-20'],
        true,
      ],
      [
        'a transfer from another account',
        { type: 'internalTransfer', usdc: '20.0', user: OTHER, destination: USER, fee: '0.0' },
        ['20'],
        true,
      ],
      [
        'tokens sent from spot to a dex',
        {
          type: 'send',
          user: USER,
          destination: USER,
          sourceDex: 'spot',
          destinationDex: 'xyz',
          token: 'USDC',
          amount: '50.0',
          usdcValue: '50.0',
          fee: '0.0',
          nativeTokenFee: '0.0',
          nonce: 1,
          feeToken: 'USDC',
        },
        ['-50'],
        false,
      ],
      [
        'interest on a loan',
        { type: 'borrowLend', token: 'USDC', operation: 'repay', amount: '40.0', interestAmount: '0.12' },
        ['-0.12'],
        true,
      ],
      ['an update of tomorrow', { type: 'teleport', usdc: '1.0' }, [], true],
    ] as const
  ).map(([name, delta, changes, unified]): ForeignAnswer => ({
    name,
    source: `${SCHEMA}/userNonFundingLedgerUpdates.ts`,
    question: 'userNonFundingLedgerUpdates',
    answer: [update(delta)],
    reading: { actions: changes.map((change) => ({ symbol: 'USDC', change })), unified },
  })),
  {
    name: 'funding that one wallet paid and received',
    source: `${SDK}, test_user_funding_history_with_end_time`,
    question: 'userFunding',
    answer: [
      update({
        coin: 'APE',
        fundingRate: '-0.00029319',
        nSamples: 3,
        szi: '40.13333333',
        type: 'funding',
        usdc: '0.145796',
      }),
      update({
        coin: 'AVAX',
        fundingRate: '0.0001',
        nSamples: 3,
        szi: '100.86333333',
        type: 'funding',
        usdc: '-0.572915',
      }),
    ],
    reading: {
      actions: [
        { kind: 'funding', symbol: 'USDC', change: '0.145796' },
        { kind: 'funding', symbol: 'USDC', change: '-0.572915' },
      ],
      unified: true,
    },
  },
  {
    name: 'funding of the perpetuals, which is no spot balance',
    source: `${SDK}, test_user_funding_history_with_end_time`,
    question: 'userFunding',
    answer: [
      update({
        coin: 'BTC',
        fundingRate: '0.00010081',
        nSamples: 3,
        szi: '-0.68582',
        type: 'funding',
        usdc: '5.950454',
      }),
    ],
    reading: { actions: [], unified: false },
  },
];

export const FOREIGN: readonly ForeignAnswer[] = [
  ...POSITIONS,
  ...ORDERS,
  ...BALANCES,
  ...ACCOUNTS,
  ...MISSING_ORDERS,
  ...ACTIONS,
];
