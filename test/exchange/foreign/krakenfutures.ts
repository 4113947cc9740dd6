import type { MissingCause } from '../../../src/domain/difference/difference.js';
import type { VenueAction } from '../../../src/domain/explain/cause.js';
import type { Balance, OpenOrder, Position, Unread } from '../../../src/domain/snapshot/snapshot.js';
import { PATHS } from '../krakenfutures-fixtures.js';

/*
 * Answers of Kraken Futures from public documentation, SDKs and recorded traffic: field names, words and shapes of
 * numbers as they were published; order ids, account ids and amounts of people are replaced.
 */

const NAUTILUS = 'nautechsystems/nautilus_trader, crates/adapters/kraken/test_data';
const CCXT = 'ccxt/ccxt, ts/src/test/static/response/krakenfutures.json';
const CCXT_SOURCE = 'ccxt/ccxt, ts/src/krakenfutures.ts';
const SDK = 'btschwertfeger/python-kraken-sdk, kraken/futures/user/__init__.py';
const DOCS = 'docs.kraken.com/api-reference';

export type Reading =
  | { positions: Partial<Position>[] }
  | { orders: Partial<OpenOrder>[] }
  | { balances: Balance[] }
  | { unread: Partial<Unread>[] }
  | { failure: string }
  | { missing: Partial<OpenOrder>; cause: MissingCause }
  | { actions: Partial<VenueAction>[] };

export interface ForeignAnswer {
  name: string;
  source: string;
  path: string;
  answer: object;
  reading: Reading;
}

export const ACCOUNT_LOG = '/api/history/v3/account-log';
const SERVER_TIME = '2025-10-21T08:44:02.204Z';
const success = (fields: object): object => ({ result: 'success', ...fields, serverTime: SERVER_TIME });

const order = (more: object): object => ({
  order_id: '02ce038a-0000-4de7-a0f1-000000000001',
  symbol: 'PI_XBTUSD',
  side: 'sell',
  orderType: 'lmt',
  limitPrice: 10_640,
  unfilledSize: 304,
  receivedTime: '2019-09-05T17:01:17.410Z',
  status: 'untouched',
  filledSize: 0,
  reduceOnly: true,
  lastUpdateTime: '2019-09-05T17:01:17.410Z',
  ...more,
});
const orders = (...openOrders: object[]): object => success({ openOrders });

const ORDERS: ForeignAnswer[] = [
  {
    name: 'a limit order of an inverse contract, in USD',
    source: `${DOCS}, order-management/get-open-orders`,
    path: PATHS.orders,
    answer: orders(order({})),
    reading: {
      orders: [
        { symbol: 'BTC/USD:BTC', side: 'sell', type: 'limit', price: '10640', amount: '304', conditional: false },
      ],
    },
  },
  {
    name: 'an order that was amended',
    source: `${DOCS}, order-management/get-open-orders`,
    path: PATHS.orders,
    answer: orders(
      order({
        side: 'buy',
        limitPrice: 7200,
        unfilledSize: 1501,
        reduceOnly: false,
        lastUpdateTime: '2019-09-05T16:47:47.519Z',
      }),
    ),
    reading: { orders: [{ amount: '1501', changedAt: Date.parse('2019-09-05T16:47:47.519Z') }] },
  },
  {
    name: 'a limit order with fractions',
    source: `${NAUTILUS}, http_futures_open_orders.json`,
    path: PATHS.orders,
    answer: orders(
      order({ symbol: 'PI_ETHUSD', side: 'buy', limitPrice: 1200.0, unfilledSize: 100.0, filledSize: 0.0 }),
    ),
    reading: { orders: [{ symbol: 'ETH/USD:ETH', price: '1200', amount: '100' }] },
  },
  {
    name: 'a take-profit with a limit price, triggered by the last price',
    source: `${NAUTILUS}, http_futures_open_orders.json`,
    path: PATHS.orders,
    answer: orders(
      order({
        symbol: 'PI_ETHUSD',
        side: 'buy',
        orderType: 'take_profit',
        limitPrice: 1860.0,
        stopPrice: 1880.4,
        unfilledSize: 10.0,
        triggerSignal: 'last',
      }),
    ),
    reading: {
      orders: [{ type: 'take_profit', price: '1860', triggerPrice: '1880.4', conditional: true, amount: '10' }],
    },
  },
  {
    name: 'an order that is partly filled, with its client order id in snake case',
    source: `${NAUTILUS}, http_futures_open_orders.json`,
    path: PATHS.orders,
    answer: orders(
      order({
        limitPrice: 28_500.0,
        unfilledSize: 5000.0,
        status: 'partiallyFilled',
        filledSize: 2000.0,
        cli_ord_id: 'my-client-order-123',
      }),
    ),
    reading: { orders: [{ amount: '7000', filled: '2000', clientOrderId: 'my-client-order-123' }] },
  },
  {
    name: 'an order with microseconds and numbers as texts',
    source: `${CCXT}, fetchOpenOrders (open order)`,
    path: PATHS.orders,
    answer: orders(
      order({
        symbol: 'PF_LTCUSD',
        side: 'buy',
        limitPrice: '50',
        unfilledSize: '0.1',
        filledSize: '0',
        receivedTime: '2025-10-21T08:42:03.057503Z',
        lastUpdateTime: '2025-10-21T08:42:03.057503Z',
        reduceOnly: false,
      }),
    ),
    reading: { orders: [{ symbol: 'LTC/USD:USD', amount: '0.1', changedAt: Date.parse('2025-10-21T08:42:03.057Z') }] },
  },
  {
    name: 'a stop without a limit price',
    source: `${DOCS}, order-management/send-order (orderType stp, triggerSignal mark)`,
    path: PATHS.orders,
    answer: orders(
      order({
        symbol: 'PF_XBTUSD',
        orderType: 'stp',
        limitPrice: undefined,
        stopPrice: 55_000.5,
        unfilledSize: 0.5,
        triggerSignal: 'mark',
      }),
    ),
    reading: { orders: [{ type: 'stop', price: null, triggerPrice: '55000.5', conditional: true }] },
  },
  {
    name: 'a trailing stop, whose trigger moves with the market',
    source: `${DOCS}, order-management/send-batch-order (the stop price is recalculated)`,
    path: PATHS.orders,
    answer: orders(
      order({
        symbol: 'PF_XBTUSD',
        orderType: 'trailing_stop',
        limitPrice: undefined,
        stopPrice: 59_780,
        unfilledSize: 0.5,
        trailingStopMaxDeviation: 2,
        trailingStopDeviationUnit: 'PERCENT',
      }),
    ),
    reading: { orders: [{ type: 'trailing_stop', triggerPrice: null, conditional: true }] },
  },
  {
    name: 'a post-only order',
    source: `${DOCS}, order-management/send-order (orderType post)`,
    path: PATHS.orders,
    answer: orders(order({ orderType: 'post' })),
    reading: { orders: [{ type: 'limit', price: '10640' }] },
  },
  {
    name: 'an order of a type that is not documented',
    source: `${NAUTILUS}, http_futures_order_events_unknown.json (type "unknown")`,
    path: PATHS.orders,
    answer: orders(order({ orderType: 'unknown' }), order({ order_id: 'b', symbol: 'PF_XBTUSD' })),
    reading: { unread: [{ code: 'ROW_UNREADABLE', symbol: 'BTC/USD:BTC', scope: 'orders' }] },
  },
  {
    name: 'an order of a contract of Apple',
    source: `${NAUTILUS}, http_futures_instruments.json (PF_AAPLxUSD)`,
    path: PATHS.orders,
    answer: orders(order({ symbol: 'PF_AAPLXUSD', limitPrice: 210.5, unfilledSize: 1.25 })),
    reading: { unread: [{ code: 'SYMBOL_UNKNOWN', symbol: 'PF_AAPLXUSD' }] },
  },
];

const position = (more: object): object => ({
  side: 'short',
  symbol: 'PI_XBTUSD',
  price: 27_523.749993345933,
  fillTime: '2023-04-05T12:31:21.410Z',
  size: 8000.0,
  unrealizedFunding: 0.00005879463852989987,
  ...more,
});

const POSITIONS: ForeignAnswer[] = [
  {
    name: 'a short of 8,000 USD',
    source: `${NAUTILUS}, http_futures_open_positions.json`,
    path: PATHS.positions,
    answer: success({ openPositions: [position({})] }),
    reading: { positions: [{ symbol: 'BTC/USD:BTC', side: 'short', amount: '8000' }] },
  },
  {
    name: 'a long that pays funding',
    source: `${NAUTILUS}, http_futures_open_positions.json`,
    path: PATHS.positions,
    answer: success({
      openPositions: [
        position({ side: 'long', symbol: 'PI_ETHUSD', price: 1750.25, size: 12_000.0, unrealizedFunding: -0.00002345 }),
      ],
    }),
    reading: { positions: [{ symbol: 'ETH/USD:ETH', side: 'long', amount: '12000' }] },
  },
  {
    name: 'a linear position with the currency of its profit',
    source: `${DOCS}, account-information/get-open-positions (pnlCurrency)`,
    path: PATHS.positions,
    answer: success({
      openPositions: [
        position({ symbol: 'PF_XBTUSD', price: 64_000.0, size: 0.01, pnlCurrency: 'USD', maxFixedLeverage: 10 }),
      ],
    }),
    reading: { positions: [{ symbol: 'BTC/USD:USD', side: 'short', amount: '0.01' }] },
  },
  {
    name: 'a dated position, in lower case',
    source: `${CCXT_SOURCE}, fetchMarkets (fi_ethusd_180928)`,
    path: PATHS.positions,
    answer: success({ openPositions: [position({ side: 'long', symbol: 'fi_xbtusd_261225', size: 20_000 })] }),
    reading: { positions: [{ symbol: 'BTC/USD:BTC-261225', side: 'long', amount: '20000' }] },
  },
  {
    name: 'a dated linear position',
    source: `${DOCS}, instrument-details/get-instruments (FF_, flexible futures with a last trading time)`,
    path: PATHS.positions,
    answer: success({ openPositions: [position({ side: 'long', symbol: 'FF_XBTUSD_261225', size: 0.25 })] }),
    reading: { positions: [{ symbol: 'BTC/USD:USD-261225', side: 'long', amount: '0.25' }] },
  },
  {
    name: 'no position',
    source: `${DOCS}, account-information/get-open-positions`,
    path: PATHS.positions,
    answer: success({ openPositions: [] }),
    reading: { positions: [] },
  },
  {
    name: 'a position in thousands of a cheap coin',
    source: `${NAUTILUS}, http_futures_instruments.json (PF_PEPEUSD, contractValueTradePrecision -3)`,
    path: PATHS.positions,
    answer: success({ openPositions: [position({ symbol: 'PF_PEPEUSD', price: 1.01e-5, size: 875_000 })] }),
    reading: { positions: [{ symbol: 'PEPE/USD:USD', side: 'short', amount: '875000' }] },
  },
];

const margin = (currency: string, amount: string | number): object => ({
  auxiliary: { usd: 0, pv: 0.0, pnl: 0.0, af: 0.0, funding: 0.0 },
  marginRequirements: { im: 0.0, mm: 0.0, lt: 0.0, tt: 0.0 },
  triggerEstimates: { im: 0, mm: 0, lt: 0, tt: 0 },
  balances: { [currency]: amount },
  currency,
  type: 'marginAccount',
});
const flex = (currencies: object): object => ({
  currencies,
  initialMargin: 0.0,
  initialMarginWithOrders: 0.0,
  maintenanceMargin: 0.0,
  balanceValue: 0.0,
  portfolioValue: 0.0,
  collateralValue: 0.0,
  pnl: 0.0,
  unrealizedFunding: 0.0,
  totalUnrealized: 0.0,
  totalUnrealizedAsMargin: 0.0,
  availableMargin: 0.0,
  marginEquity: 0.0,
  type: 'multiCollateralMarginAccount',
});

const WALLETS: ForeignAnswer[] = [
  {
    name: 'all three kinds of wallets, flex without currencies',
    source: `${SDK}, get_wallets`,
    path: PATHS.accounts,
    answer: success({
      accounts: {
        fi_xbtusd: margin('xbt', 0.0),
        cash: { balances: { eur: 4567.7117591172, xbt: 0.1785169809, usdc: 0.0 }, type: 'cashAccount' },
        flex: flex({}),
      },
    }),
    reading: {
      balances: [
        { currency: 'BTC', total: '0.1785169809' },
        { currency: 'EUR', total: '4567.7117591172' },
      ],
    },
  },
  {
    name: 'numbers as texts',
    source: `${CCXT_SOURCE}, fetchBalance`,
    path: PATHS.accounts,
    answer: success({
      accounts: {
        fi_xrpusd: margin('xrp', '11.0'),
        cash: { balances: { xrp: '2.20188538338', usd: '0.0' }, type: 'cashAccount' },
      },
    }),
    reading: { balances: [{ currency: 'XRP', total: '13.20188538338' }] },
  },
  {
    name: 'collateral in several currencies',
    source: `${DOCS}, account-information/get-accounts (flex)`,
    path: PATHS.accounts,
    answer: success({
      accounts: {
        flex: flex({
          USD: { quantity: 1523.456789, value: 1523.456789, collateral: 1523.456789, available: 1200.5 },
          ETH: { quantity: 0.5, value: 1646.575, collateral: 1543.91104875, available: 0.49999966035931903 },
        }),
      },
    }),
    reading: {
      balances: [
        { currency: 'ETH', total: '0.5' },
        { currency: 'USD', total: '1523.456789' },
      ],
    },
  },
  {
    name: 'a debt in the currency of losses',
    source: `${DOCS}, account-information/get-accounts (flex, a quantity below zero)`,
    path: PATHS.accounts,
    answer: success({
      accounts: { flex: flex({ USD: { quantity: -12.5, value: -12.5, collateral: -12.5, available: 0 } }) },
    }),
    reading: { balances: [{ currency: 'USD', total: '-12.5' }] },
  },
];

const REFUSALS: ForeignAnswer[] = (
  [
    ['apiLimitExceeded', 'rate_limited'],
    ['authenticationError', 'authentication'],
    ['accountInactive', 'permission'],
    ['insufficientPermissions', 'permission'],
    ['nonceBelowThreshold', 'clock_skew'],
    ['nonceDuplicate', 'clock_skew'],
    ['Server Error', 'network'],
    ['Unavailable', 'maintenance'],
    ['unknownError', 'network'],
    ['marketUnavailable', 'maintenance'],
  ] as const
).map(([error, failure]): ForeignAnswer => ({
  name: `the refusal ${error}`,
  source: `${DOCS}, ErrorResponse`,
  path: PATHS.orders,
  answer: { result: 'error', error, serverTime: '2016-02-25T09:45:53.818Z' },
  reading: { failure },
}));

const entry = (more: object): object => ({
  asset: 'usd',
  booking_uid: '10ca244e-0000-4467-8c3c-000000000001',
  collateral: null,
  contract: null,
  date: '2025-10-21T08:40:00.000Z',
  execution: null,
  fee: null,
  funding_rate: null,
  id: 9,
  info: 'futures trade',
  margin_account: 'flex',
  mark_price: null,
  new_average_entry_price: null,
  new_balance: 0,
  old_average_entry_price: null,
  old_balance: 0,
  realized_funding: null,
  realized_pnl: null,
  trade_price: null,
  conversion_spread_percentage: null,
  ...more,
});
const log = (...logs: object[]): object => ({ accountUid: 'f7d5571c-0000-4cf1-944a-000000000001', logs });
const contract = (info: string, old_balance: number, new_balance: number, more: object = {}): object =>
  entry({ asset: 'pf_xbtusd', contract: 'pf_xbtusd', info, old_balance, new_balance, trade_price: 70_123.4, ...more });

const LOG: ForeignAnswer[] = [
  {
    name: 'the fee of a trade, and its leg in contracts',
    source: `${CCXT}, fetchLedger`,
    path: ACCOUNT_LOG,
    answer: log(
      entry({
        contract: 'pf_dogeusd',
        fee: 0.0035,
        old_balance: 0.0077,
        new_balance: 0,
        realized_pnl: -0.0042,
        trade_price: 0.070914,
      }),
      entry({ asset: 'pf_dogeusd', contract: 'pf_dogeusd', old_balance: 100, new_balance: 0, trade_price: 0.070914 }),
    ),
    reading: { actions: [{ kind: 'fee', symbol: 'USD', change: '-0.0035', price: null }] },
  },
  {
    name: 'a conversion of collateral',
    source: `${CCXT}, fetchLedger`,
    path: ACCOUNT_LOG,
    answer: log(
      entry({
        asset: 'usdt',
        info: 'conversion',
        old_balance: 24.9964965,
        new_balance: 24.98878873,
        conversion_spread_percentage: 0,
      }),
    ),
    reading: { actions: [{ kind: 'conversion', symbol: 'USDT', change: '-0.00770777' }] },
  },
  {
    name: 'funding that was received',
    source: `${CCXT}, fetchLedger`,
    path: ACCOUNT_LOG,
    answer: log(
      entry({
        contract: 'pf_xrpusd',
        info: 'funding rate change',
        funding_rate: 5.44e-6,
        mark_price: 1.01013,
        old_balance: 1068.0239,
        new_balance: 1068.0355,
        realized_funding: 0.0116,
      }),
    ),
    reading: { actions: [{ kind: 'funding', symbol: 'USD', change: '0.0116' }] },
  },
  {
    name: 'a transfer from the spot exchange',
    source: `${CCXT}, fetchLedger`,
    path: ACCOUNT_LOG,
    answer: log(entry({ asset: 'usdt', info: 'cross-exchange transfer', fee: 0, old_balance: 0, new_balance: 25 })),
    reading: { actions: [{ kind: 'transfer', symbol: 'USDT', change: '25' }] },
  },
  {
    name: 'a transfer by the exchange',
    source: `${SDK}, get_account_log`,
    path: ACCOUNT_LOG,
    answer: log(
      entry({
        asset: 'eth',
        info: 'admin transfer',
        margin_account: 'ETH',
        old_balance: 0.0,
        new_balance: 2.6868286287,
      }),
    ),
    reading: { actions: [{ kind: 'transfer', symbol: 'ETH', change: '2.6868286287' }] },
  },
  {
    name: 'a liquidation, with its fee',
    source: `${DOCS}, account-history/get-account-log (info "futures liquidation")`,
    path: ACCOUNT_LOG,
    answer: log(
      contract('futures liquidation', 0.01, 0, { liquidation_fee: 0.35 }),
      entry({
        contract: 'pf_xbtusd',
        info: 'futures liquidation',
        fee: 0.35,
        old_balance: 899.951349,
        new_balance: 899.601349,
      }),
    ),
    reading: {
      actions: [
        { kind: 'liquidation', symbol: 'BTC/USD:USD', change: '-0.01', price: '70123.4' },
        { kind: 'fee', symbol: 'USD', change: '-0.35' },
      ],
    },
  },
  ...(
    [
      ['futures assignor', 'liquidation'],
      ['futures unwind bankrupt', 'liquidation'],
      ['covered liquidation', 'liquidation'],
      ['futures unwind counterparty', 'deleveraging'],
      ['settlement', 'settlement'],
    ] as const
  ).map(([info, kind]): ForeignAnswer => ({
    name: `an entry of the kind "${info}"`,
    source: `${DOCS}, account-history/get-account-log (info)`,
    path: ACCOUNT_LOG,
    answer: log(contract(info, -0.5, 0)),
    reading: { actions: [{ kind, symbol: 'BTC/USD:USD', change: '0.5' }] },
  })),
  {
    name: 'an inverse liquidation, in USD',
    source: `${DOCS}, account-history/get-account-log (asset pi_xbtusd)`,
    path: ACCOUNT_LOG,
    answer: log(contract('futures liquidation', 8000, 0, { asset: 'pi_xbtusd', contract: 'pi_xbtusd' })),
    reading: { actions: [{ kind: 'liquidation', symbol: 'BTC/USD:BTC', change: '-8000' }] },
  },
  {
    name: 'a position that was taken over by agreement',
    source: `${DOCS}, account-history/get-account-log (info "futures assignee")`,
    path: ACCOUNT_LOG,
    answer: log(contract('futures assignee', 0, 0.5)),
    reading: { actions: [] },
  },
  {
    name: 'interest',
    source: `${DOCS}, account-history/get-account-log (info "interest payment")`,
    path: ACCOUNT_LOG,
    answer: log(entry({ info: 'interest payment', old_balance: 10, new_balance: 9.98 })),
    reading: { actions: [{ kind: 'interest', symbol: 'USD', change: '-0.02' }] },
  },
];

const TIME = Date.parse('2025-10-21T08:42:03.057Z');
const historic = (more: object): object => ({
  uid: 'a0f221f5-0000-4075-a8b9-000000000001',
  accountId: '100001',
  accountUid: '406142dd-0000-4a8b-acbc-000000000001',
  tradeable: 'PF_ETHUSD',
  direction: 'Buy',
  quantity: '0.001',
  filled: '0',
  timestamp: String(TIME),
  limitPrice: '',
  orderType: 'IoC',
  clientId: '',
  reduceOnly: false,
  lastUpdateTimestamp: String(TIME),
  ...more,
});
const events = (kind: string, fields: object): object => ({
  accountUid: '406142dd-0000-4a8b-acbc-000000000001',
  len: '1',
  elements: [{ uid: 'b42ba5f2-0000-4196-a236-000000000001', timestamp: String(TIME), event: { [kind]: fields } }],
});
const STOP: Partial<OpenOrder> = {
  id: 'a0f221f5-0000-4075-a8b9-000000000001',
  symbol: 'ETH/USD:USD',
  conditional: true,
  triggerPrice: '3004.1',
  amount: '0.001',
};
const LIMIT: Partial<OpenOrder> = { ...STOP, conditional: false, triggerPrice: null, price: '3000' };
const triggerOptions = { triggerPrice: '3004.1', triggerSignal: 'MarkPrice', triggerSide: 'Above' };

const MISSING: ForeignAnswer[] = [
  {
    name: 'a trigger that the user canceled',
    source: `${CCXT}, fetchCanceledOrders (OrderTriggerCancelled)`,
    path: PATHS.triggerEvents,
    answer: events('OrderTriggerCancelled', {
      order: historic({ triggerOptions }),
      reason: 'cancelled_by_user',
      algoId: '',
      origin: 'Pro UI',
    }),
    reading: { missing: STOP, cause: 'canceled' },
  },
  {
    name: 'a trigger that went off, without the order that it became',
    source: `${CCXT}, fetchCanceledOrders (OrderTriggerActivated)`,
    path: PATHS.triggerEvents,
    answer: events('OrderTriggerActivated', { order: historic({ triggerOptions }) }),
    reading: { missing: STOP, cause: 'unknown' },
  },
  {
    name: 'an order that was placed, with no end yet',
    source: `${CCXT}, fetchClosedOrders (OrderPlaced)`,
    path: PATHS.orderEvents,
    answer: events('OrderPlaced', {
      order: historic({ limitPrice: '50', orderType: 'Limit' }),
      reason: 'new_user_order',
      reducedQuantity: '',
      algoId: '',
      origin: 'Unknown Origin',
    }),
    reading: { missing: LIMIT, cause: 'unknown' },
  },
  ...(
    [
      ['cancelled_by_user', 'canceled'],
      ['CANCELLED_BY_USER', 'canceled'],
      ['liquidation', 'liquidated'],
      ['contract_expired', 'expired'],
      ['ioc_order_failed_because_it_would_not_be_executed', 'expired'],
      ['post_order_failed_because_it_would_be_filled', 'rejected'],
      ['not_enough_margin', 'canceled'],
      ['market_inactive', 'canceled'],
      ['dead_man_switch', 'canceled'],
    ] as const
  ).map(([reason, cause]): ForeignAnswer => ({
    name: `an order that ended because of ${reason}`,
    source: `${DOCS}, futures-websocket/open_orders (reason)`,
    path: PATHS.orderEvents,
    answer: events('OrderCancelled', { order: historic({}), reason, reducedQuantity: '', algoId: '' }),
    reading: { missing: LIMIT, cause },
  })),
];

export const FOREIGN: readonly ForeignAnswer[] = [...ORDERS, ...POSITIONS, ...WALLETS, ...REFUSALS, ...LOG, ...MISSING];
