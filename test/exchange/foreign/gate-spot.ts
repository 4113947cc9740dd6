import { PATHS } from '../gate-fixtures.js';
import type { ForeignAnswer } from './answer-table.js';
import { CCXT, DOCS, JKORF, MODELS, entry, open, paged } from './gate-sources.js';
import { spotOrder, spotPriceOrder } from './gate-rows.js';

/* Published answers of Gate's spot account. */

export const SPOT: readonly ForeignAnswer[] = [
  entry(
    'an open spot order of the web page',
    `${CCXT}, fetchOpenOrders`,
    PATHS.spotOrders,
    [{ currency_pair: 'BTC_USDT', total: '1', orders: [spotOrder()] }],
    open({
      id: '700600000001',
      clientOrderId: null,
      symbol: 'BTC/USDT',
      side: 'sell',
      amount: '0.00009',
      filled: '0',
      price: '69662.3',
      changedAt: 1_729_180_336_718,
    }),
  ),
  entry(
    'an older spot order, without the filled amount',
    `${JKORF}/Spot/Trading/GetOpenOrders.txt`,
    PATHS.spotOrders,
    [
      {
        currency_pair: 'ETH_BTC',
        total: 1,
        orders: [
          {
            id: '12332324',
            text: 't-123456',
            create_time: '1548000000',
            update_time: '1548000100',
            currency_pair: 'ETH_BTC',
            status: 'open',
            type: 'limit',
            account: 'spot',
            side: 'buy',
            amount: '1',
            price: '5.00032',
            time_in_force: 'gtc',
            left: '0.5',
            filled_total: '2.50016',
            fee: '0.005',
            fee_currency: 'ETH',
            point_fee: '0',
            gt_fee: '0',
            gt_discount: false,
            rebated_fee: '0',
            rebated_fee_currency: 'BTC',
          },
        ],
      },
    ],
    open({ clientOrderId: '123456', symbol: 'ETH/BTC', amount: '1', filled: '0.5', changedAt: null }),
  ),
  entry(
    'a market buy, whose amount is in the quote currency',
    `${MODELS}/Order.md (amount)`,
    PATHS.spotOrders,
    [
      {
        currency_pair: 'BTC_USDT',
        total: '1',
        orders: [spotOrder({ type: 'market', side: 'buy', amount: '100', left: '100', price: '0' })],
      },
    ],
    open({ amount: null, price: null, type: 'market' }),
  ),
  entry(
    'an order of a unified account, with an IEEE-free amount',
    `${JKORF}/Spot/Trading/GetOrder.txt, as an open one`,
    PATHS.spotOrders,
    [
      {
        currency_pair: 'BTC_USDT',
        total: 1,
        orders: [
          spotOrder({ account: 'unified', side: 'buy', amount: '0.001', left: '0.0001', filled_amount: '0.0009' }),
        ],
      },
    ],
    open({ amount: '0.001', filled: '0.0009' }),
  ),
  entry(
    'a spot price order',
    `${JKORF}/Spot/Trading/GetTriggerOrders.txt, as an open one`,
    PATHS.spotPriceOrders,
    paged([spotPriceOrder()]),
    open({
      id: '1283293',
      symbol: 'GT/USDT',
      side: 'buy',
      price: '2.15',
      triggerPrice: '100',
      amount: '2',
      conditional: true,
      changedAt: 1_616_397_800_000,
    }),
  ),
  entry(
    'a spot price order without a status',
    `${JKORF}/Spot/Trading/GetTriggerOrders.txt`,
    PATHS.spotPriceOrders,
    paged([spotPriceOrder({}, { status: '' })]),
    { unread: [{ scope: 'orders:conditional:spot', symbol: 'GT/USDT' }] },
  ),
  entry(
    'a spot balance',
    `${JKORF}/Spot/Account/GetBalances.txt`,
    PATHS.spotAccounts,
    [{ currency: 'ETH', available: '968.8', locked: '0', update_id: 98 }],
    { state: { balances: [{ currency: 'ETH', total: '968.8' }] } },
  ),
  entry(
    'points, which ccxt names otherwise',
    `${JKORF}/Spot/Account/GetUnifiedAccountInfo.txt (POINT)`,
    PATHS.spotAccounts,
    [{ currency: 'POINT', available: '9999999999.017023138734', locked: '0.5' }],
    { state: { balances: [{ currency: 'GATEPOINT', total: '9999999999.517023138734' }] } },
  ),
  entry(
    'other wallets with amounts',
    `${DOCS}, "Query personal account totals"`,
    PATHS.totals,
    {
      details: {
        cross_margin: { amount: '0', currency: 'USDT' },
        spot: { currency: 'USDT', amount: '42264489969935775.5160259954878034182418' },
        finance: { amount: '662714381.70310327810191647181', currency: 'USDT' },
        margin: { amount: '0', currency: 'USDT', borrowed: '0.00' },
        quant: { amount: '0', currency: 'USDT' },
        futures: { amount: '2384175.5606114082065', currency: 'USDT', unrealised_pnl: '0.00' },
        delivery: { currency: 'USDT', amount: '1519804.9756702', unrealised_pnl: '0.00' },
        warrant: { amount: '0', currency: 'USDT' },
        cbbc: { currency: 'USDT', amount: '0' },
      },
      total: {
        currency: 'USDT',
        amount: '633967350312281193.068368815439797304437',
        unrealised_pnl: '0.00',
        borrowed: '0.00',
      },
    },
    { gap: 'balances:finance: Earn holds something, and is not read' },
  ),
];
