import type { ForeignAnswer } from './foreign-answers.js';
import { ASKED, ORDER } from './binance-past-rows.js';
import { CCXT, DOCS, GO, OPEN_ORDER } from './binance-rows.js';

/* What became of orders, what moved the wallet, and refusals of Binance spot. */

export const BINANCE_PAST: readonly ForeignAnswer[] = [
  {
    name: 'an order that is open after all',
    source: `${DOCS}, "Query order"`,
    path: ORDER,
    answer: OPEN_ORDER,
    reading: { order: ASKED, became: { cause: 'unknown', stillOpen: true } },
  },
  {
    name: 'a market order filled in ten parts',
    source: `${DOCS}, "New order", FULL; nautechsystems/nautilus_trader, new_order_full_response.json`,
    path: ORDER,
    answer: {
      ...OPEN_ORDER,
      symbol: 'BTCUSDT',
      orderId: 528,
      price: '0.00000000',
      origQty: '10.00000000',
      executedQty: '10.00000000',
      cummulativeQuoteQty: '10.00000000',
      status: 'FILLED',
      type: 'MARKET',
      side: 'SELL',
    },
    reading: {
      order: { id: '528', symbol: 'BTC/USDT', amount: '10' },
      became: { cause: 'filled', filled: '10', averagePrice: '1' },
    },
  },
  {
    name: 'an order that was canceled with a part filled',
    source: `${GO}/order_service_test.go, TestCancelOrder`,
    path: ORDER,
    answer: {
      ...OPEN_ORDER,
      price: '1.00000000',
      origQty: '10.00000000',
      executedQty: '8.00000000',
      cummulativeQuoteQty: '8.00000000',
      status: 'CANCELED',
    },
    reading: { order: { ...ASKED, amount: '10' }, became: { cause: 'canceled', filled: '8', averagePrice: '1' } },
  },
  {
    name: 'an order that self-trade prevention ended',
    source: `${DOCS}, "Enums", EXPIRED_IN_MATCH`,
    path: ORDER,
    answer: { ...OPEN_ORDER, status: 'EXPIRED_IN_MATCH', preventedMatchId: 0, preventedQuantity: '1.200000' },
    reading: { order: ASKED, became: { cause: 'expired', filled: '0' } },
  },
  {
    name: 'an order that was rejected',
    source: `${DOCS}, "Enums", REJECTED`,
    path: ORDER,
    answer: { ...OPEN_ORDER, status: 'REJECTED' },
    reading: { order: ASKED, became: { cause: 'rejected' } },
  },
  {
    name: 'an order that there never was',
    source: `${DOCS}, "Error codes", -2013`,
    path: ORDER,
    answer: { code: -2013, msg: 'Order does not exist.' },
    status: 400,
    reading: { order: ASKED, became: { cause: 'never_seen' } },
  },
  {
    name: 'an order that is archived',
    source: `${DOCS}, "Error codes", -2026`,
    path: ORDER,
    answer: {
      code: -2026,
      msg: 'Order was canceled or expired with no executed qty over 90 days ago and has been archived.',
    },
    status: 400,
    reading: { order: ASKED, became: { cause: 'unknown', filled: null } },
  },
  {
    name: 'a recorded order of the history, canceled',
    source: `${CCXT}, fetchOrders "fetch spot orders"`,
    path: '/api/v3/allOrders',
    answer: [
      {
        ...OPEN_ORDER,
        symbol: 'LTCUSDT',
        orderId: '3850000001',
        price: '50.00000000',
        origQty: '0.10000000',
        executedQty: '0.00000000',
        cummulativeQuoteQty: '0.00000000',
        status: 'CANCELED',
        updateTime: '1706883268013',
        selfTradePreventionMode: 'EXPIRE_MAKER',
      },
    ],
    reading: {
      order: { id: '3850000001', symbol: 'LTC/USDT', amount: '0.1' },
      became: { cause: 'canceled', filled: '0', at: 1706883268013, source: 'closed orders' },
    },
  },
  {
    name: 'a trade that filled an order whole',
    source: `${DOCS}, "Account trade list"`,
    path: '/api/v3/myTrades',
    answer: [
      {
        symbol: 'BNBBTC',
        id: 28001,
        orderId: 100001,
        orderListId: -1,
        price: '4.00000100',
        qty: '12.00000000',
        quoteQty: '48.000012',
        commission: '10.10000000',
        commissionAsset: 'BNB',
        time: 1499865549590,
        isBuyer: true,
        isMaker: false,
        isBestMatch: true,
      },
    ],
    reading: {
      order: { id: '100001', symbol: 'BNB/BTC', amount: '12' },
      became: { cause: 'filled', filled: '12', averagePrice: '4.000001', at: 1499865549590 },
    },
  },
];
