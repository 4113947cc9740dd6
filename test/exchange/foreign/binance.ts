import type { ForeignAnswer } from './foreign-answers.js';
import {
  OPEN_ORDERS,
  DOCS,
  GO,
  GCT,
  CCXT,
  CONNECTOR,
  OPEN_ORDER,
  READ_ORDER,
  LIST_LEG,
  ADDED,
  PENDING,
} from './binance-rows.js';

/* Open orders, balances and wallets of Binance spot. */

export const BINANCE_ORDERS: readonly ForeignAnswer[] = [
  {
    name: 'an open limit order',
    source: `${DOCS}, "Current open orders"`,
    path: OPEN_ORDERS,
    answer: [OPEN_ORDER],
    reading: { state: { orders: [READ_ORDER] } },
  },
  {
    name: 'an open order of the time before order lists',
    source: `${GO}/order_service_test.go, TestListOpenOrders`,
    path: OPEN_ORDERS,
    answer: [{ ...OPEN_ORDER, orderListId: undefined, cummulativeQuoteQty: undefined, origQuoteOrderQty: undefined }],
    reading: { state: { orders: [READ_ORDER] } },
  },
  {
    name: 'an open order with every field that can appear',
    source: `${CONNECTOR}, getOpenOrders`,
    path: OPEN_ORDERS,
    answer: [
      {
        ...OPEN_ORDER,
        stopPrice: '0.00000000',
        preventedMatchId: 0,
        preventedQuantity: '1.200000',
        strategyId: 1,
        strategyType: 1000000,
        trailingDelta: 10,
        trailingTime: -1,
        usedSor: true,
        workingFloor: 'SOR',
        pegPriceType: 'PRIMARY_PEG',
        pegOffsetType: 'PRICE_LEVEL',
        pegOffsetValue: 5,
        peggedPrice: '87523.83710000',
        expiryReason: 'INSUFFICIENT_LIQUIDITY',
      },
    ],
    // The price of a pegged order follows the market.
    reading: { state: { orders: [{ ...READ_ORDER, price: null }] } },
  },
  {
    name: 'a recorded open order',
    source: GCT,
    path: OPEN_ORDERS,
    answer: [{ ...OPEN_ORDER, orderListId: undefined, clientOrderId: 'anOpenOrder', stopPrice: '0.0' }],
    reading: { state: { orders: [{ ...READ_ORDER, clientOrderId: 'anOpenOrder' }] } },
  },
  {
    name: 'a recorded open order of a market that is not listed',
    source: GCT,
    path: OPEN_ORDERS,
    answer: [{ ...OPEN_ORDER, symbol: 'BTCUDT' }, OPEN_ORDER],
    reading: {
      state: { orders: [READ_ORDER], unread: [{ symbol: 'BTCUDT', code: 'SYMBOL_UNKNOWN', scope: 'orders' }] },
    },
  },
  {
    name: 'both legs of an OCO with the number 0',
    source: `${GO}/order_service_test.go, TestCreateOCO`,
    path: OPEN_ORDERS,
    answer: [
      {
        ...LIST_LEG,
        ...ADDED,
        orderId: 502,
        clientOrderId: 'leg1',
        price: '1.00000000',
        type: 'STOP_LOSS',
        stopPrice: '1.00000000',
      },
      { ...LIST_LEG, ...ADDED, orderId: 503, clientOrderId: 'leg2', price: '3.00000000', type: 'LIMIT_MAKER' },
    ],
    reading: {
      state: {
        orders: [
          { id: '502', parent: '0', type: 'stop_loss', triggerPrice: '1.00000000', conditional: true, amount: '10' },
          { id: '503', parent: '0', type: 'limit_maker', triggerPrice: null, conditional: false, price: '3.00000000' },
        ],
      },
    },
  },
  {
    name: 'an OCO of a stop with a limit',
    source: `${GO}/order_service_test.go, TestCancelOCO`,
    path: OPEN_ORDERS,
    answer: [
      {
        ...LIST_LEG,
        ...ADDED,
        symbol: 'BTCUSDT',
        orderListId: 1000,
        orderId: 1100,
        clientOrderId: 'stop-loss-order-id',
        origQty: '0.00030000',
        price: '50000.00000000',
        type: 'STOP_LOSS_LIMIT',
        stopPrice: '50000.00000000',
      },
    ],
    reading: { state: { orders: [{ parent: '1000', amount: '0.0003', price: '50000.00000000', conditional: true }] } },
  },
  {
    name: 'the pending market order of an OTO',
    source: `${DOCS} websocket API, "Place new order list - OTO"`,
    path: OPEN_ORDERS,
    answer: [{ ...PENDING, ...ADDED, orderId: 24, clientOrderId: 'pending', type: 'MARKET', side: 'BUY' }],
    reading: { state: { orders: [{ type: 'market', price: null, amount: '5', parent: '629', conditional: false }] } },
  },
  {
    name: 'the pending legs of an OTOCO',
    source: `${DOCS} websocket API, "Place new order list - OTOCO"`,
    path: OPEN_ORDERS,
    answer: [
      { ...PENDING, ...ADDED, orderId: 24, clientOrderId: 'below', type: 'STOP_LOSS', stopPrice: '0.500000' },
      { ...PENDING, ...ADDED, orderId: 25, clientOrderId: 'above', type: 'LIMIT_MAKER', price: '5.000000' },
    ],
    reading: {
      state: {
        orders: [
          { id: '24', triggerPrice: '0.500000', conditional: true, price: null, parent: '629' },
          { id: '25', price: '5.000000', conditional: false, parent: '629' },
        ],
      },
    },
  },
  {
    name: 'a recorded iceberg',
    source: `${CCXT}, createOrder "spot +selfTradePrevention +iceberg"`,
    path: OPEN_ORDERS,
    answer: [
      {
        symbol: 'SOLUSDT',
        orderId: '9780000001',
        orderListId: '-1',
        clientOrderId: 'x-R4BD3S8200000000000000000000',
        price: '241.00000000',
        origQty: '0.05000000',
        executedQty: '0.00000000',
        origQuoteOrderQty: '0.00000000',
        cummulativeQuoteQty: '0.00000000',
        status: 'NEW',
        timeInForce: 'GTC',
        type: 'LIMIT',
        side: 'BUY',
        workingTime: '1737635557417',
        icebergQty: '0.03000000',
        selfTradePreventionMode: 'EXPIRE_MAKER',
        ...ADDED,
      },
    ],
    reading: { state: { orders: [{ symbol: 'SOL/USDT', amount: '0.05', price: '241.00000000' }] } },
  },
  {
    name: 'a trailing stop with the price that activates it',
    source: `${DOCS}, "Spot Trailing Stop order FAQ", scenario A`,
    path: OPEN_ORDERS,
    answer: [
      {
        ...OPEN_ORDER,
        symbol: 'BTCUSDT',
        type: 'STOP_LOSS_LIMIT',
        price: '45000',
        stopPrice: '44000',
        trailingDelta: 500,
        isWorking: false,
      },
    ],
    reading: { state: { orders: [{ conditional: true, triggerPrice: '44000', price: '45000' }] } },
  },
  {
    name: 'a trailing stop that is active from the start',
    source: `${DOCS}, "Spot Trailing Stop order FAQ", scenario E`,
    path: OPEN_ORDERS,
    answer: [
      {
        ...OPEN_ORDER,
        symbol: 'BTCUSDT',
        side: 'SELL',
        type: 'STOP_LOSS_LIMIT',
        price: '39000',
        trailingDelta: 700,
        isWorking: false,
      },
    ],
    reading: { state: { orders: [{ conditional: true, triggerPrice: null, price: '39000', side: 'sell' }] } },
  },
  {
    name: 'a status that the list should not have',
    source: `${GO}/order_service_test.go, TestCancelOrder`,
    path: OPEN_ORDERS,
    answer: [{ ...OPEN_ORDER, status: 'CANCELED' }],
    reading: { state: { orders: [], unread: [{ symbol: 'LTC/BTC', code: 'ROW_UNREADABLE' }] } },
  },
];
