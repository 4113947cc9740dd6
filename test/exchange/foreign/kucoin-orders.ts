import { PATHS } from '../kucoin-fixtures.js';
import type { ForeignAnswer } from './answer-table.js';
import { futuresOrder, futuresStop } from './kucoin-rows.js';
import { ocoDetails, oldSpotOrder, spotOrder, spotStop } from './kucoin-spot-rows.js';
import { CCXT, DOCS, JKORF, SDK, SPOT_SDK, entry, oldPaged, open, paged } from './kucoin-sources.js';

/* Published open orders of KuCoin. */

export const ORDERS: readonly ForeignAnswer[] = [
  entry(
    'an open futures order',
    `${CCXT}/kucoinfutures.json, fetchOpenOrders`,
    PATHS.futuresOrders,
    paged(futuresOrder()),
    open({
      id: '114606863960000001',
      clientOrderId: 'a4ebb53e-028e-4977-91de-000000000001',
      symbol: 'LTC/USDT:USDT',
      side: 'buy',
      type: 'limit',
      price: '50',
      amount: '0.1',
      filled: '0',
      triggerPrice: null,
      changedAt: 1_700_137_607_713,
    }),
  ),
  entry(
    'an inverse order, filled in part',
    `${JKORF}/Futures/Trading/GetOrders.txt, as an open one`,
    PATHS.futuresOrders,
    paged(futuresOrder({ symbol: 'XBTUSDM', price: '3600', size: 20_000, dealSize: 500, settleCurrency: 'XBT' })),
    open({ symbol: 'BTC/USD:BTC', amount: '20000', filled: '500' }),
  ),
  entry(
    'a done order in the list of active ones',
    `${JKORF}/Futures/Trading/GetOrders.txt`,
    PATHS.futuresOrders,
    paged(futuresOrder({ symbol: 'XBTUSDM', status: 'done', isActive: false, dealSize: 20_000 })),
    { unread: [{ scope: 'orders:regular', symbol: 'BTC/USD:BTC' }] },
  ),
  entry(
    'a stop of futures, without a client order id',
    `${JKORF}/Futures/Trading/GetUntriggeredStopOrders.txt`,
    PATHS.futuresStops,
    paged(futuresStop()),
    open({
      id: '622076e79f12700001f80001',
      clientOrderId: null,
      symbol: 'BTC/USDT:USDT',
      side: 'sell',
      price: '32000',
      triggerPrice: '3000',
      amount: '0.002',
      conditional: true,
    }),
  ),
  entry(
    'a stop that closes the position',
    `${DOCS}/futures-trading/orders/get-stop-order-list (closeOrder)`,
    PATHS.futuresStops,
    paged(futuresStop({ type: 'market', price: null, size: 0, closeOrder: true, stopPriceType: 'MP' })),
    open({ amount: null, price: null, triggerPrice: '3000' }),
  ),
  entry(
    'a stop that only reduces, by the index price',
    `${DOCS}/futures-trading/orders/get-stop-order-list (reduceOnly, stopPriceType)`,
    PATHS.futuresStops,
    paged(futuresStop({ stop: 'up', stopPriceType: 'IP', stopPrice: 99_000, reduceOnly: true })),
    open({ triggerPrice: '99000', amount: '0.002' }),
  ),
  entry(
    'a stop of the documentation, which has no trigger price',
    `${SDK}/futures/order/api_order.test.ts, getStopOrderList`,
    PATHS.futuresStops,
    paged(futuresOrder()),
    { unread: [{ scope: 'orders:conditional', symbol: 'LTC/USDT:USDT' }] },
  ),

  entry(
    'an open spot order',
    `${SPOT_SDK}, getOpenOrdersByPage`,
    PATHS.spotOrders,
    paged(spotOrder()),
    open({
      id: '67c1437ea5226600071c0001',
      symbol: 'BTC/USDT',
      price: '50000',
      amount: '0.00001',
      filled: '0',
      changedAt: 1_741_867_658_590,
    }),
  ),
  entry(
    'a spot order, filled in part',
    `${JKORF}/Spot/HfTrading/GetOpenOrders.txt`,
    PATHS.spotOrders,
    paged(spotOrder({ price: '10', size: '2', funds: '0', dealFunds: '0.166', dealSize: '0.5', clientOid: '' })),
    open({ amount: '2', filled: '0.5', clientOrderId: null }),
  ),
  entry(
    'a market order by funds',
    `${DOCS}/spot-trading/orders/get-open-orders-by-page (funds)`,
    PATHS.spotOrders,
    paged(spotOrder({ type: 'market', price: '0', size: '0', funds: '100' })),
    open({ amount: null, price: null }),
  ),
  entry(
    'a spot order that is not active',
    `${SPOT_SDK}, getOpenOrdersByPage (active)`,
    PATHS.spotOrders,
    paged(spotOrder({ active: false })),
    { unread: [{ scope: 'orders:regular:spot', symbol: 'BTC/USDT' }] },
  ),
  entry(
    'a spot order of a low-frequency user',
    `${SPOT_SDK}, getOrdersListOld, as an active one`,
    PATHS.futuresOrders,
    oldPaged(oldSpotOrder()),
    open({
      id: '674a9a872033a50007e20001',
      symbol: 'BTC/USDT',
      amount: '0.00001',
      triggerPrice: null,
      changedAt: 1_732_942_471_752,
    }),
  ),
  entry(
    'an older spot order with a size in a coin',
    `${CCXT}/kucoin.json, fetchOpenOrders`,
    PATHS.futuresOrders,
    oldPaged(oldSpotOrder({ symbol: 'LTC-USDT', price: '55', size: '0.1', remark: null, tags: 'partner:ccxt' })),
    open({ symbol: 'LTC/USDT', amount: '0.1', price: '55' }),
  ),
  entry(
    'a stop of spot',
    `${SPOT_SDK}, getStopOrdersList`,
    PATHS.spotStops,
    paged(spotStop()),
    open({
      id: 'vs93gptvr9t2fsql003l0001',
      symbol: 'BTC/USDT',
      side: 'buy',
      amount: '0.00001',
      triggerPrice: '60000.00000000000000000000',
      conditional: true,
    }),
  ),
  entry(
    'a market stop by funds',
    `${DOCS}/spot-trading/orders/get-stop-orders-list (funds)`,
    PATHS.spotStops,
    paged(spotStop({ type: 'market', price: null, size: null, funds: '100.00000000000000000000' })),
    open({ amount: null, price: null }),
  ),
  entry(
    'a stop that has just triggered',
    `${SPOT_SDK}, getStopOrdersList (TRIGGERED)`,
    PATHS.spotStops,
    paged(spotStop({ status: 'TRIGGERED', stopTriggerTime: 1_740_626_554_999 })),
    open(),
  ),
  entry(
    'an OCO with two orders',
    `${SPOT_SDK}, getOcoOrderList`,
    PATHS.oco,
    paged({
      orderId: '674c3b6e688dea0007c70001',
      symbol: 'BTC-USDT',
      clientOid: '5c52e1203aa6f37f1e400001',
      orderTime: 1_733_049_198_863,
      status: 'NEW',
    }),
    open(
      {
        id: 'vs93gpqc7dn6h3fa003s0001',
        price: '94000.00000000000000000000',
        amount: '0.1',
        parent: '674c3b6e688dea0007c70001',
      },
      {
        id: 'vs93gpqc7dn6h3fa003s0002',
        triggerPrice: '98000.00000000000000000000',
        parent: '674c3b6e688dea0007c70001',
      },
    ),
  ),
  entry(
    'an OCO that is done',
    `${JKORF}/Spot/Trading/GetOcoOrders.txt, another status`,
    PATHS.oco,
    paged({
      orderId: '6572fdd65723280007de0001',
      symbol: 'FRM-USDT',
      clientOid: '9a05f706a39eff670001oco1',
      orderTime: 1_702_034_902_724,
      status: 'DONE',
    }),
    open(),
  ),
];

export const OCO_DETAILS = ocoDetails();
