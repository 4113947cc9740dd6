import { deliveryPath } from '../gate-fixtures.js';
import type { ForeignAnswer } from './answer-table.js';
import { AT, CCXT, DOCS, JKORF, MODELS, entry, firstPage, open, paged } from './gate-sources.js';
import { futuresOrder, priceOrder, trailOrder } from './gate-rows.js';

/* Published open orders of Gate's futures products. */

export const ORDERS: readonly ForeignAnswer[] = [
  entry(
    'an open futures order with an own text',
    `${JKORF}/PerpetualFutures/Trading/GetOrders.txt, as an open one`,
    AT.orders,
    paged([futuresOrder()]),
    open({
      id: '15675394',
      clientOrderId: 'my-custom-id',
      symbol: 'BTC/USDT:USDT',
      side: 'buy',
      type: 'limit',
      price: '3765',
      amount: '0.6024',
      filled: '0',
      changedAt: 1_546_569_968_000,
    }),
  ),
  entry(
    'a sell order, filled in part',
    `${JKORF}/PerpetualFutures/Trading/GetOrders.txt, as a part`,
    AT.orders,
    paged([futuresOrder({ size: -6024, left: -24, text: 'api' })]),
    open({ side: 'sell', amount: '0.6024', filled: '0.6', clientOrderId: null }),
  ),
  entry(
    'an order with a fraction of a contract',
    `${MODELS}/FuturesOrder.md (size, left)`,
    AT.orders,
    paged([futuresOrder({ contract: 'LAB_USDT', size: '2.5', left: '1.2' })]),
    open({ symbol: 'LAB/USDT:USDT', amount: '250', filled: '130' }),
  ),
  entry(
    'an order that closes a position',
    `${MODELS}/FuturesOrder.md (auto_size)`,
    AT.orders,
    paged([futuresOrder({ size: '0', left: '0', is_close: true, auto_size: 'close_long' })]),
    open({ side: 'sell', amount: null, filled: '0' }),
  ),
  entry(
    'a finished order in the list of open ones',
    `${JKORF}/PerpetualFutures/Trading/GetOrders.txt`,
    AT.orders,
    paged([futuresOrder({ status: 'finished', finish_as: 'cancelled', finish_time: 1_514_764_900 })]),
    { unread: [{ scope: 'orders:regular:linear:USDT', symbol: 'BTC/USDT:USDT' }] },
  ),

  entry(
    'a price order with a time in microseconds',
    `${CCXT}, cancelOrder, as an open one`,
    AT.priceOrders,
    paged([priceOrder()]),
    open({
      id: '2007048638370000001',
      symbol: 'LTC/USDT:USDT',
      side: 'buy',
      price: '81',
      triggerPrice: '80',
      amount: '0.1',
      conditional: true,
      changedAt: 1_767_352_659_205,
    }),
  ),
  entry(
    'a price order whose amount has decimals',
    `${MODELS}/FuturesInitialOrder.md (amount)`,
    AT.priceOrders,
    paged([priceOrder({ contract: 'LAB_USDT', size: '-1', amount: '-1.7' })]),
    open({ side: 'sell', amount: '170' }),
  ),
  entry(
    'a take-profit of an order that is not filled',
    `${MODELS}/FuturesPriceTriggeredOrder.md (inactive, me_order_id)`,
    AT.priceOrders,
    paged([
      priceOrder(
        { size: '-1', amount: '-1' },
        { status: 'inactive', order_type: 'close-long-order', me_order_id: '299207900260000009' },
      ),
    ]),
    open({ parent: '299207900260000009', side: 'sell', conditional: true }),
  ),
  entry(
    'a stop-loss of the whole short position',
    `${MODELS}/FuturesPriceTriggeredOrder.md (close-short-position)`,
    AT.priceOrders,
    paged([priceOrder({ size: '0', amount: '0', price: '0' }, { order_type: 'close-short-position' })]),
    open({ side: 'buy', amount: null, price: null, type: 'market' }),
  ),
  entry(
    'a price order that carries its own take-profit',
    `${CCXT}, cancelOrder (stop_profit_price)`,
    AT.priceOrders,
    paged([priceOrder({}, { stop_profit_price: '95' })]),
    {
      gap: 'orders:conditional:attached: price order 2007048638370000001 carries a take-profit or stop-loss, which has no id before it triggers',
    },
  ),
  entry(
    'an older price order, with numbers',
    `${JKORF}/PerpetualFutures/Trading/GetTriggerOrders.txt, as an open one`,
    AT.priceOrders,
    paged([
      {
        initial: { contract: 'BTC_USDT', size: 100, price: '5.03' },
        trigger: { strategy_type: 0, price_type: 0, price: '3000', rule: 1, expiration: 86_400 },
        id: 1_283_293,
        user: 1234,
        create_time: 1_514_764_800,
        status: 'open',
        reason: '',
        order_type: 'close-long-order',
      },
    ]),
    open({ id: '1283293', amount: '0.01', triggerPrice: '3000', price: '5.03' }),
  ),

  entry(
    'a trailing order that waits for its activation',
    `${MODELS}/TrailOrder.md`,
    AT.trails,
    firstPage((orders) => ({ code: 0, message: 'success', data: { orders }, timestamp: 1 }), trailOrder()),
    open({
      id: '700001',
      clientOrderId: 'trail-1',
      side: 'sell',
      triggerPrice: '91000',
      amount: '0.0012',
      type: 'trailing_stop',
    }),
  ),
  entry(
    'a trailing order that trails, whose trigger moves',
    `${MODELS}/TrailOrder.md (activation_price 0)`,
    AT.trails,
    firstPage(
      (orders) => ({ orders }),
      trailOrder({ activation_price: '0', trigger_price: '90500', extremum_price: '91200' }),
    ),
    open({ triggerPrice: null, price: null }),
  ),
  entry(
    'an order of a dated contract',
    `${DOCS}, "Query futures order list" of delivery`,
    deliveryPath('orders'),
    paged([futuresOrder({ contract: 'BTC_USDT_20251226' })]),
    open({ symbol: 'BTC/USDT:USDT-251226', amount: '0.6024' }),
  ),
];
