import { expect } from '@jest/globals';
import { PATHS, deliveryPath } from '../gate-fixtures.js';
import type { ForeignAnswer } from './answer-table.js';
import { AT, CCXT, DOCS, JKORF, MODELS, entry } from './gate-sources.js';
import { filledOrder, futuresOrder, priceOrder, spotOrder } from './gate-rows.js';

/* Published answers about orders that ended, and about what Gate did. */

const LTC = { id: '299207900260000001', symbol: 'LTC/USDT:USDT', amount: '10' };
const LTC_ORDER = AT.usdt('orders/299207900260000001');
const SPOT = { id: '1852454420', symbol: 'BTC/USDT', amount: '0.001' };
const SPOT_ORDER = '/api/v4/spot/orders/1852454420';
const CLOSED = spotOrder({
  id: '1852454420',
  text: 't-abc123',
  update_time_ms: 1_710_488_334_074,
  status: 'closed',
  account: 'unified',
  side: 'buy',
  amount: '0.001',
  price: '65000',
  left: '0',
  filled_amount: '0.001',
  avg_deal_price: '63469.3',
  fee: '0.00000022',
  fee_currency: 'BTC',
  finish_as: 'filled',
});
const STOP = { id: '85700001', symbol: 'BTC/USDT:USDT', conditional: true };

export const HISTORY: readonly ForeignAnswer[] = [
  entry('a market order that filled at once', `${CCXT}, createOrder`, LTC_ORDER, filledOrder(), {
    missing: LTC,
    is: { cause: 'filled', filled: '10', averagePrice: '0.005416', at: 1_768_397_866_663 },
  }),
  entry(
    'an order that was canceled',
    `${JKORF}/PerpetualFutures/Trading/GetOrder.txt`,
    AT.usdt('orders/15675394'),
    futuresOrder({ status: 'finished', finish_time: 1_514_764_900, finish_as: 'cancelled' }),
    {
      missing: { id: '15675394', symbol: 'BTC/USDT:USDT' },
      is: { cause: 'canceled', filled: '0', at: 1_514_764_900_000 },
    },
  ),
  entry(
    'an order that reduce-only ended',
    `${MODELS}/FuturesOrder.md (reduce_out)`,
    LTC_ORDER,
    filledOrder({ finish_as: 'reduce_out', left: '100' }),
    { missing: LTC, is: { cause: 'canceled', source: 'order query: reduce_out' } },
  ),
  entry(
    'an order of a liquidation in portfolio margin',
    `${MODELS}/FuturesOrder.md (text)`,
    LTC_ORDER,
    filledOrder({ text: 'comb_margin_liquidate' }),
    { missing: LTC, is: { cause: 'liquidated', filled: '10' } },
  ),
  entry(
    'a spot order that filled, with the fee in the bought coin',
    `${JKORF}/Spot/Trading/GetOrder.txt`,
    SPOT_ORDER,
    CLOSED,
    { missing: SPOT, is: { cause: 'filled', filled: '0.001', averagePrice: '63469.3', at: 1_710_488_334_074 } },
  ),
  entry(
    'a spot order that was too small',
    `${MODELS}/Order.md (finish_as)`,
    SPOT_ORDER,
    { ...CLOSED, status: 'cancelled', finish_as: 'small', filled_amount: '0', left: '0.001' },
    { missing: SPOT, is: { cause: 'rejected', source: 'order query: small' } },
  ),
  entry(
    'a spot order that the price protection canceled',
    `${MODELS}/Order.md (finish_as)`,
    SPOT_ORDER,
    { ...CLOSED, status: 'cancelled', finish_as: 'price_protect_cancelled', filled_amount: '0', left: '0.001' },
    { missing: SPOT, is: { cause: 'canceled' } },
  ),
  entry(
    'a spot order that ended in an unknown way',
    `${MODELS}/Order.md (finish_as)`,
    SPOT_ORDER,
    { ...CLOSED, status: 'cancelled', finish_as: 'unknown', filled_amount: '0.0004' },
    {
      missing: SPOT,
      is: { cause: 'unknown', source: expect.stringContaining('ended as "unknown", with 0.0004 filled') },
    },
  ),
  entry(
    'a price order that was canceled',
    `${CCXT}, cancelOrder`,
    AT.usdt('price_orders/85700001'),
    priceOrder(
      { contract: 'BTC_USDT' },
      { id: '85700001', status: 'finished', finish_as: 'cancelled', finish_time: '1767352695612680' },
    ),
    { missing: STOP, is: { cause: 'canceled', at: 1_767_352_695_612 } },
  ),
  entry(
    'a price order that triggered and became an order',
    `${CCXT}, fetchClosedOrders (trade_id)`,
    AT.usdt('price_orders/85700001'),
    priceOrder(
      { contract: 'BTC_USDT' },
      { id: '85700001', status: 'finished', finish_as: 'succeeded', trade_id: '545340000001' },
    ),
    { missing: STOP, is: { cause: 'unknown', source: expect.stringContaining('triggered as order 545340000001') } },
  ),
  entry(
    'own trades of a spot order with a time in microseconds',
    `${CCXT}, fetchMyTrades`,
    '/api/v4/spot/my_trades',
    [
      {
        id: '7342180137',
        create_time: '1706382263',
        create_time_ms: '1706382263841.325000',
        currency_pair: 'BTC_USDT',
        side: 'buy',
        role: 'taker',
        amount: '0.001',
        price: '68.02',
        order_id: '1852454420',
        fee: '0.000050',
        fee_currency: 'BTC',
        point_fee: '0.0',
        gt_fee: '0.0',
        amend_text: '-',
        sequence_id: '1388786',
        text: 'apiv4',
      },
    ],
    { missing: SPOT, is: { cause: 'filled', averagePrice: '68.02', at: 1_706_382_263_841 } },
  ),

  entry(
    'a liquidation of a long position',
    `${JKORF}/PerpetualFutures/Trading/GetLiquidationHistory.txt`,
    AT.usdt('liquidates'),
    [
      {
        time: 1_548_654_951,
        contract: 'BTC_USDT',
        size: 600,
        leverage: '25',
        margin: '0.006705256878',
        entry_price: '3536.123',
        liq_price: '3421.54',
        mark_price: '3420.27',
        order_id: 317_393_847,
        order_price: '3405',
        fill_price: '3424',
        left: 0,
      },
    ],
    {
      of: { symbols: ['BTC/USDT:USDT'] },
      acts: [{ kind: 'liquidation', symbol: 'BTC/USDT:USDT', change: '-0.06', price: '3424', at: 1_548_654_951_000 }],
    },
  ),
  entry(
    'auto-deleveraging',
    `${JKORF}/PerpetualFutures/Trading/GetAutoDeleveragingHistory.txt`,
    AT.usdt('auto_deleverages'),
    [
      {
        time: 1_675_841_679,
        contract: 'LTC_USDT',
        order_id: 73_873_128,
        user: 1666,
        cross_leverage_limit: '0',
        leverage: '0',
        entry_price: '2649.648633636364',
        fill_price: '2790.8082',
        position_size: 1,
        trade_size: -10,
      },
    ],
    {
      of: { symbols: ['LTC/USDT:USDT'] },
      acts: [
        { kind: 'deleveraging', symbol: 'LTC/USDT:USDT', change: '-1', price: '2790.8082', at: 1_675_841_679_000 },
      ],
    },
  ),
  entry(
    'a settlement of a dated contract',
    `${DOCS}, "Query settlement records"`,
    deliveryPath('settlements'),
    [
      {
        time: 1_548_654_951,
        contract: 'BTC_USDT_20251226',
        size: 600,
        leverage: '25',
        margin: '0.006705256878',
        entry_price: '3536.123',
        settle_price: '3421.54',
        profit: '-6.87498',
        fee: '0.03079386',
      },
    ],
    {
      of: { symbols: ['BTC/USDT:USDT-251226'] },
      acts: [
        {
          kind: 'settlement',
          symbol: 'BTC/USDT:USDT-251226',
          change: '-0.06',
          price: '3421.54',
          at: 1_548_654_951_000,
        },
      ],
    },
  ),
  entry(
    'a transfer to isolated margin in the spot book',
    `${JKORF}/Spot/Account/GetLedger.txt`,
    PATHS.spotBook,
    [
      {
        id: '123456',
        time: 1_547_633_726_123,
        currency: 'BTC',
        change: '1.03',
        balance: '4.59316525194',
        type: 'margin_in',
        text: '3815099',
      },
    ],
    {
      of: { currencies: ['BTC'] },
      acts: [{ kind: 'transfer', symbol: 'BTC', change: '1.03', price: null, at: 1_547_633_726_123 }],
    },
  ),
];
