import { PATHS } from '../bybit-fixtures.js';
import { CCXT, DOCS, execution, JKORF, list, NAUTILUS, of, order, type Fields } from './bybit-rows.js';
import type { ForeignAnswer } from './served-answers.js';

/** An order of BTCUSDT that ended, as a history or the order query reports it. */
function ended(
  name: string,
  source: string,
  fields: Fields,
  became: object,
  path: string = PATHS.history,
): ForeignAnswer {
  const row = order('BTCUSDT', 'h1', { price: '30000', qty: '0.010', avgPrice: '', ...fields });
  return { name, source, path, answer: list('linear', row), reading: { order: {}, became } };
}

function traded(name: string, source: string, fields: Fields, became: object, symbol = 'BTCUSDT'): ForeignAnswer {
  const unified: Record<string, string> = { ETHPERP: 'ETH/USDC:USDC', ETHUSDT: 'ETH/USDT', LTCUSDT: 'LTC/USDT:USDT' };
  return {
    name,
    source,
    path: PATHS.executions,
    answer: list('linear', execution(symbol, 'h1', fields)),
    reading: {
      order: {
        symbol: unified[symbol] ?? 'BTC/USDT:USDT',
        amount: typeof fields['execQty'] === 'string' ? fields['execQty'] : '0.1',
      },
      became,
    },
  };
}

const ENUMS = `${DOCS}, "Enums Definitions"`;
const ORDERS: ForeignAnswer[] = [
  {
    name: 'an order by value has no base amount',
    source: `${DOCS}, "Get Open & Closed Orders" (marketUnit)`,
    path: PATHS.orders,
    when: of('spot'),
    answer: list(
      'spot',
      order('BTCUSDT', 'v1', {
        orderType: 'Market',
        orderStatus: 'Untriggered',
        stopOrderType: 'tpslOrder',
        marketUnit: 'quoteCoin',
        price: '0',
        qty: '100',
        triggerPrice: '50000',
      }),
    ),
    reading: { state: { orders: [{ id: 'v1', symbol: 'BTC/USDT', amount: null, triggerPrice: '50000' }] } },
  },
  {
    name: 'a trailing stop has the price at which it becomes active',
    source: `${DOCS}, "Get Open & Closed Orders" (triggerPrice)`,
    path: PATHS.orders,
    when: of('linear', 'USDT'),
    answer: list(
      'linear',
      order('BTCUSDT', 'v2', {
        orderType: 'Market',
        orderStatus: 'Untriggered',
        stopOrderType: 'TrailingStop',
        createType: 'CreateByTrailingStop',
        price: '0',
        qty: '0',
        triggerPrice: '65000',
        closeOnTrigger: true,
      }),
    ),
    reading: { state: { orders: [{ id: 'v2', amount: null, triggerPrice: '65000', conditional: true }] } },
  },
  {
    name: 'a chase order is a limit order',
    source: `${ENUMS} (createType)`,
    path: PATHS.orders,
    when: of('linear', 'USDT'),
    answer: list('linear', order('BTCUSDT', 'v3', { createType: 'CreateByChaseOrder', price: '61000', qty: '0.5' })),
    reading: { state: { orders: [{ id: 'v3', price: '61000', amount: '0.5', conditional: false }] } },
  },
  {
    name: 'an order that closes the whole position has no amount',
    source: `${DOCS}, "Place Order" (qty)`,
    path: PATHS.orders,
    when: of('inverse'),
    answer: list(
      'inverse',
      order('BTCUSD', 'v4', { price: '70000', qty: '0', reduceOnly: true, closeOnTrigger: true, side: 'Sell' }),
    ),
    reading: { state: { orders: [{ id: 'v4', amount: null, price: '70000' }] } },
  },
  {
    name: 'an order that waits for a maintenance margin rate has no trigger price',
    source: `${ENUMS} (stopOrderType)`,
    path: PATHS.orders,
    when: of('linear', 'USDT'),
    answer: list(
      'linear',
      order('BTCUSDT', 'v5', {
        orderType: 'Market',
        orderStatus: 'Untriggered',
        stopOrderType: 'MmRateClose',
        price: '0',
      }),
    ),
    reading: { state: { orders: [{ id: 'v5', triggerPrice: null, conditional: true }] } },
  },
  {
    name: 'an order of the unified margin API, with its long words',
    source: `${JKORF}/JsonResponses/Derivatives/UnifiedMargin/Trading/GetOpenOrdersRealTimeAsync.txt`,
    path: PATHS.orders,
    when: of('linear', 'USDT'),
    answer: list(
      'linear',
      order('ETHUSDT', 'v6', {
        price: '700.00000000',
        qty: '0.1000',
        cumExecQty: '0.00000000',
        timeInForce: 'GoodTillCancel',
        takeProfit: '',
        stopLoss: '',
        triggerPrice: '',
        createdTime: 1_665_565_610_526,
        updatedTime: 1_665_565_610_533,
      }),
    ),
    reading: { state: { orders: [{ id: 'v6', price: '700.00000000', amount: '0.1', changedAt: 1_665_565_610_533 }] } },
  },
];

const ENDED: ForeignAnswer[] = [
  ended(
    'a post-only order that would have taken',
    `${DOCS}, "Get Order History"`,
    { orderStatus: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity', timeInForce: 'PostOnly', avgPrice: '0' },
    { cause: 'canceled', filled: '0', averagePrice: null, source: 'closed orders: EC_PostOnlyWillTakeLiquidity' },
  ),
  ended(
    'a market buy that filled',
    CCXT,
    {
      orderStatus: 'Filled',
      orderType: 'Market',
      avgPrice: '123498',
      cumExecQty: '0.001',
      updatedTime: '1757837580473',
    },
    { cause: 'filled', filled: '0.001', averagePrice: '123498', at: 1_757_837_580_473, source: 'order query' },
    PATHS.orders,
  ),
  ended(
    'a reducing market sell that filled',
    `${CCXT} (fetchClosedOrders)`,
    { orderStatus: 'Filled', side: 'Sell', reduceOnly: true, avgPrice: '122529.9', cumExecQty: '0.001' },
    { cause: 'filled', filled: '0.001', averagePrice: '122529.9' },
  ),
  ended(
    'an order that was rejected after a part filled',
    `${NAUTILUS}/http_get_order_partially_filled_rejected.json`,
    { orderStatus: 'Rejected', rejectReason: 'INSUFFICIENT_MARGIN', avgPrice: '30000', cumExecQty: '0.005' },
    { cause: 'rejected', filled: '0.005', averagePrice: '30000', source: 'closed orders: INSUFFICIENT_MARGIN' },
  ),
  ended(
    'an order that its owner canceled',
    `${NAUTILUS}/http_get_orders_history.json`,
    { orderStatus: 'Cancelled', cancelType: 'CancelByUser', rejectReason: '', avgPrice: null, cumExecQty: '0' },
    { cause: 'canceled', filled: '0', averagePrice: null, source: 'closed orders' },
  ),
  ended(
    'a stop that went off and filled',
    `${NAUTILUS}/ws_account_order_filled.json`,
    { orderStatus: 'Filled', stopOrderType: 'Stop', avgPrice: '30000.50', cumExecQty: '0.100', rejectReason: '' },
    { cause: 'filled', averagePrice: '30000.50' },
  ),
  ...(
    [
      ['CancelAllBeforeLiq', 'Cancelled', { cancelType: 'CancelAllBeforeLiq' }, 'liquidated'],
      ['CancelByPrepareAdl', 'Cancelled', { cancelType: 'CancelByPrepareAdl' }, 'liquidated'],
      ['CancelBySettle', 'Cancelled', { cancelType: 'CancelBySettle' }, 'expired'],
      ['CancelByTpSlTsClear', 'Deactivated', { cancelType: 'CancelByTpSlTsClear' }, 'canceled'],
      [
        'CancelByOCOTpCanceledBySlTriggered',
        'Cancelled',
        { cancelType: 'CancelByOCOTpCanceledBySlTriggered' },
        'canceled',
      ],
      ['EC_NoImmediateQtyToFill', 'Cancelled', { rejectReason: 'EC_NoImmediateQtyToFill' }, 'expired'],
      ['PartiallyFilledCanceled', 'PartiallyFilledCanceled', { cumExecQty: '0.004', avgPrice: '30000' }, 'canceled'],
      [
        'CreateByTakeOver_PassThrough',
        'Filled',
        { createType: 'CreateByTakeOver_PassThrough', cumExecQty: '0.010', avgPrice: '5' },
        'liquidated',
      ],
    ] as const
  ).map(([word, orderStatus, fields, cause]) =>
    ended(`an order with ${word}`, ENUMS, { orderStatus, ...fields }, { cause }),
  ),
  traded(
    'a trade of a USDC contract',
    `${DOCS}, "Get Trade History"`,
    {},
    { cause: 'filled', filled: '0.1', averagePrice: '1190.15', at: 1_672_282_722_429, source: 'own trades' },
    'ETHPERP',
  ),
  traded(
    'a trade of a USDT contract',
    `${NAUTILUS}/http_get_executions.json`,
    { execPrice: '50000.00', execQty: '0.100', orderType: 'Limit', isMaker: true, createType: 'CreateByUser' },
    { cause: 'filled', filled: '0.1', averagePrice: '50000' },
  ),
  traded(
    'a deleveraging',
    `${NAUTILUS}/ws_account_execution_adl.json`,
    { execPrice: '95850.0', execQty: '0.5', execType: 'AdlTrade', side: 'Sell', execFee: '0', orderPrice: '0' },
    { cause: 'liquidated', filled: '0.5', averagePrice: '95850' },
  ),
  traded(
    'a spot trade whose fee is in the bought coin',
    `${CCXT} (fetchMyTrades)`,
    {
      execPrice: '2453.65',
      execQty: '0.001',
      feeCurrency: 'ETH',
      execFee: '0.000001',
      marketUnit: 'baseCoin',
      markPrice: '',
    },
    { cause: 'filled', filled: '0.001', averagePrice: '2453.65' },
    'ETHUSDT',
  ),
  traded(
    'a funding fee is no trade',
    `${CCXT} (fetchFundingHistory)`,
    {
      orderType: 'UNKNOWN',
      execType: 'Funding',
      execPrice: '80.33',
      execQty: '0.1',
      execFee: '-0.00708126',
      orderQty: '0',
    },
    { cause: 'unknown', averagePrice: null },
    'LTCUSDT',
  ),
];

export const BYBIT_PAST: readonly ForeignAnswer[] = [...ORDERS, ...ENDED];
