import { PATHS } from '../bybit-fixtures.js';
import { CCXT, DOCS, JKORF, list, NAUTILUS, of, order } from './bybit-rows.js';
import type { ForeignAnswer } from './served-answers.js';

/** A stop of the websocket order stream, whose fields are those of the list. */
const stop = (id: string, fields: Record<string, unknown>) =>
  order('BTCUSDT', id, {
    side: 'Sell',
    orderType: 'Market',
    price: '',
    qty: '0.100',
    orderStatus: 'Untriggered',
    stopOrderType: 'Stop',
    triggerBy: 'LastPrice',
    triggerPrice: '45000.00',
    triggerDirection: 2,
    takeProfit: '',
    stopLoss: '',
    cumExecQty: '0',
    avgPrice: '',
    createType: 'CreateByUser',
    ...fields,
  });

export const BYBIT_ORDERS: readonly ForeignAnswer[] = [
  {
    name: 'a limit order with a take profit and a stop loss attached',
    source: `${DOCS}, "Get Open & Closed Orders"`,
    path: PATHS.orders,
    when: of('linear', 'USDT'),
    answer: list(
      'linear',
      order('ETHUSDT', 'o1', { positionIdx: 1, takeProfit: '2500.00', stopLoss: '1500.00', tpslMode: 'Full' }),
    ),
    reading: {
      gap: {
        scope: 'orders:conditional:linear:USDT:attached',
        reason:
          'order o1 of ETH/USDT:USDT with take profit or stop loss attached, which Bybit gives no id before the order fills',
      },
    },
  },
  {
    name: 'that limit order itself',
    source: `${JKORF}/Endpoints/V5Api/Trading/GetOrders.txt`,
    path: PATHS.orders,
    when: of('linear', 'USDT'),
    answer: list('linear', order('ETHUSDT', 'o1', { positionIdx: 1, takeProfit: '2500.00', stopLoss: '1500.00' })),
    reading: {
      state: {
        orders: [
          {
            id: 'o1',
            clientOrderId: 'test-o1',
            symbol: 'ETH/USDT:USDT',
            side: 'buy',
            price: '1600.00',
            triggerPrice: null,
            amount: '0.1',
            filled: '0',
            conditional: false,
            changedAt: 1_684_738_540_561,
          },
        ],
      },
    },
  },
  {
    name: 'a limit order without a client id and with empty triggers',
    source: CCXT,
    path: PATHS.orders,
    when: of('linear', 'USDT'),
    answer: list(
      'linear',
      order('BTCUSDT', 'o2', {
        orderLinkId: '',
        price: '102000',
        qty: '0.001',
        cumExecQty: '0',
        avgPrice: '',
        stopOrderType: '',
        triggerPrice: '',
        takeProfit: '',
        stopLoss: '',
        triggerDirection: '0',
        positionIdx: '0',
        marketUnit: '',
        cumFeeDetail: {},
      }),
    ),
    reading: { state: { orders: [{ id: 'o2', clientOrderId: null, price: '102000', amount: '0.001' }] } },
  },
  {
    name: 'two limit orders with null in place of what they do not have',
    source: `${NAUTILUS}/http_get_orders_realtime.json`,
    path: PATHS.orders,
    when: of('linear', 'USDT'),
    answer: list(
      'linear',
      order('ETHUSDT', 'o3', { price: '3930.41', blockTradeId: null, avgPrice: null, orderIv: null, takeProfit: '0' }),
      order('ETHUSDT', 'o4', { side: 'Sell', price: '3940.42', avgPrice: null, tpslMode: 'Full', triggerPrice: '0' }),
    ),
    reading: {
      state: {
        orders: [
          { id: 'o3', side: 'buy', price: '3930.41' },
          { id: 'o4', side: 'sell', price: '3940.42', triggerPrice: null },
        ],
      },
    },
  },
  {
    name: 'the take profit at the market price and the stop loss with a limit of a position',
    source: `${NAUTILUS}/http_get_orders_realtime_tp_sl.json`,
    path: PATHS.orders,
    when: of('linear', 'USDT'),
    answer: list(
      'linear',
      stop('o5', {
        stopOrderType: 'TakeProfit',
        price: '0',
        qty: '0.500',
        triggerPrice: '55000.00',
        closeOnTrigger: true,
      }),
      stop('o6', {
        stopOrderType: 'StopLoss',
        orderType: 'Limit',
        price: '47500.00',
        qty: '0.500',
        triggerPrice: '48000.00',
      }),
    ),
    reading: {
      state: {
        orders: [
          { id: 'o5', type: 'market', price: null, triggerPrice: '55000.00', amount: '0.5', conditional: true },
          { id: 'o6', type: 'limit', price: '47500.00', triggerPrice: '48000.00', conditional: true },
        ],
      },
    },
  },
  ...(
    [
      [
        'a stop at the market price',
        'ws_account_order_stop_market.json',
        {},
        { price: null, triggerPrice: '45000.00' },
      ],
      [
        'a stop with a limit',
        'ws_account_order_stop_limit.json',
        { orderType: 'Limit', price: '44500.00' },
        { type: 'limit', price: '44500.00', triggerPrice: '45000.00' },
      ],
      [
        'a limit buy if touched',
        'ws_account_order_limit_if_touched.json',
        { side: 'Buy', orderType: 'Limit', price: '55500.00', triggerPrice: '55000.00' },
        { side: 'buy', price: '55500.00', triggerPrice: '55000.00' },
      ],
      [
        'a market sell if touched',
        'ws_account_order_sell_market_if_touched.json',
        { triggerPrice: '55000.00', triggerDirection: 1 },
        { side: 'sell', price: null, triggerPrice: '55000.00', amount: '0.1' },
      ],
      [
        'a take profit of a whole position, as the stream shows it',
        'ws_account_order_take_profit.json',
        { stopOrderType: 'TakeProfit', triggerPrice: '55000.00', qty: '0.500', reduceOnly: true, closeOnTrigger: true },
        { triggerPrice: '55000.00', amount: '0.5' },
      ],
    ] as const
  ).map(([name, file, fields, reading], index): ForeignAnswer => ({
    name,
    source: `${NAUTILUS}/${file}`,
    path: PATHS.orders,
    when: of('linear', 'USDT'),
    answer: list('linear', stop(`s${index}`, fields)),
    reading: { state: { orders: [{ id: `s${index}`, conditional: true, ...reading }] } },
  })),
];
