import { expect } from '@jest/globals';
import { answer, PATHS } from '../kucoin-fixtures.js';
import type { ForeignAnswer } from './answer-table.js';
import { fill, futuresOrder, ledgerEntry } from './kucoin-rows.js';
import { oldSpotOrder, spotOrder, spotStop } from './kucoin-spot-rows.js';
import { CCXT, DOCS, entry, JKORF, SDK } from './kucoin-sources.js';

/* Published answers about orders that ended, and about what KuCoin did. */

const FUTURES = { id: '129888283820000001', symbol: 'LTC/USDT:USDT', amount: '0.1' };
const FUTURES_ORDER = '/api/v1/orders/129888283820000001';
const SPOT = { id: '67c1437ea5226600071c0001', symbol: 'BTC/USDT', amount: '0.00001' };
const SPOT_ORDER = '/api/v1/hf/orders/67c1437ea5226600071c0001';
const STOP = { id: 'vs93gptvr9t2fsql003l0001', symbol: 'BTC/USDT', conditional: true };
const STOP_ORDER = '/api/v1/stop-order/vs93gptvr9t2fsql003l0001';
const OCO = { id: '6572fdd65723280007de0001', symbol: 'BTC/USDT', conditional: true };
const OCO_ORDER = '/api/v3/oco/order/6572fdd65723280007de0001';

const done = (fields: object = {}) =>
  answer(futuresOrder({ id: FUTURES.id, status: 'done', isActive: false, updatedAt: 1_703_780_982_103, ...fields }));
const ended = (fields: object = {}) => answer(spotOrder({ active: false, inOrderBook: false, ...fields }));
const oco = (status: string) =>
  answer({
    orderId: OCO.id,
    symbol: 'BTC-USDT',
    clientOid: '9a05f706a39eff670001oco1',
    orderTime: 1_702_034_902_724,
    status,
  });

const HIGH_FREQUENCY = { [PATHS.opened]: answer(true) };

const ORDERS: readonly ForeignAnswer[] = [
  entry(
    'a market order that reduced a position',
    `${CCXT}/kucoinfutures.json, fetchOrder`,
    FUTURES_ORDER,
    done({
      type: 'market',
      side: 'sell',
      price: '0',
      value: '7.469',
      dealValue: '7.47',
      dealSize: 1,
      filledSize: 1,
      filledValue: '7.47',
      reduceOnly: true,
      avgDealPrice: '74.7',
    }),
    { missing: FUTURES, is: { cause: 'filled', filled: '0.1', averagePrice: '74.7', at: 1_703_780_982_103 } },
  ),
  entry(
    'an older filled order, without an average price',
    `${JKORF}/Futures/Trading/GetOrder.txt`,
    FUTURES_ORDER,
    done({ dealSize: 1, dealValue: '56.1167227833' }),
    { missing: FUTURES, is: { cause: 'filled', filled: '0.1', averagePrice: null } },
  ),
  entry(
    'a canceled futures order',
    `${DOCS}/futures-trading/orders/get-order-by-orderld (cancelExist)`,
    FUTURES_ORDER,
    done({ cancelExist: true }),
    { missing: FUTURES, is: { cause: 'canceled', filled: '0' } },
  ),
  entry(
    'a futures order that is open again',
    `${SDK}/futures/order/api_order.test.ts, getOrderByOrderId`,
    FUTURES_ORDER,
    answer(futuresOrder({ id: FUTURES.id, marginMode: 'ISOLATED', avgDealPrice: '0' })),
    { missing: FUTURES, is: { stillOpen: true } },
  ),
  entry(
    'a spot order that filled',
    `${CCXT}/kucoin.json, fetchClosedOrders`,
    SPOT_ORDER,
    ended({ type: 'market', price: '0', size: '0.00001', dealFunds: '0.681', dealSize: '0.00001', fee: '0.000681' }),
    { missing: SPOT, is: { cause: 'filled', filled: '0.00001', averagePrice: '68100' } },
  ),
  entry(
    'a spot order that was canceled',
    `${SDK}/spot/order/api_order.test.ts, getOrderByOrderId`,
    SPOT_ORDER,
    ended({ cancelExist: true }),
    { missing: SPOT, is: { cause: 'canceled', filled: '0', at: 1_741_867_658_590 } },
  ),
  entry(
    'an order of a low-frequency user that was canceled',
    `${SDK}/spot/order/api_order.test.ts, getOrderByOrderIdOld`,
    '/api/v1/orders/67c1437ea5226600071c0001',
    answer(oldSpotOrder({ id: SPOT.id, isActive: false, cancelExist: true })),
    { missing: SPOT, is: { cause: 'canceled', at: null, source: 'old order query' } },
  ),
  entry('a stop that still waits', `${JKORF}/Spot/Trading/GetStopOrder.txt`, STOP_ORDER, answer(spotStop()), {
    missing: STOP,
    is: { stillOpen: true },
  }),
  entry(
    'a stop that triggered',
    `${SDK}/spot/order/api_order.test.ts, getStopOrderByOrderId (TRIGGERED)`,
    STOP_ORDER,
    answer(spotStop({ status: 'TRIGGERED' })),
    { missing: STOP, is: { cause: 'unknown', source: expect.stringContaining('it triggered') } },
  ),
  entry('an OCO that waits', `${JKORF}/Spot/Trading/GetOcoOrder.txt`, OCO_ORDER, oco('NEW'), {
    missing: OCO,
    is: { stillOpen: true },
  }),
  entry(
    'an OCO that was canceled',
    `${DOCS}/spot-trading/orders/get-oco-order-by-orderid (CANCELLED)`,
    OCO_ORDER,
    oco('CANCELLED'),
    { missing: OCO, is: { cause: 'canceled' } },
  ),
  entry(
    'own trades of a futures order',
    `${CCXT}/kucoinfutures.json, fetchMyTrades`,
    PATHS.futuresFills,
    answer({
      currentPage: 1,
      pageSize: 50,
      totalNum: 1,
      totalPage: 1,
      items: [fill({ symbol: 'LTCUSDTM', orderId: FUTURES.id, price: '72.5', createdAt: 1_700_137_680_654 })],
    }),
    { missing: FUTURES, is: { cause: 'filled', averagePrice: '72.5', at: 1_700_137_680_654 } },
  ),

  entry(
    'a liquidation',
    `${DOCS}/futures-trading/orders/get-trade-history (liquid)`,
    PATHS.futuresFills,
    answer({
      currentPage: 1,
      pageSize: 50,
      totalNum: 2,
      totalPage: 1,
      items: [fill({ side: 'sell', size: 10, tradeType: 'liquid' }), fill()],
    }),
    {
      of: { symbols: ['BTC/USDT:USDT'] },
      acts: [
        { kind: 'liquidation', symbol: 'BTC/USDT:USDT', change: '-0.01', price: '86275.1', at: 1_740_640_088_427 },
      ],
    },
  ),
  entry(
    'auto-deleveraging of a short position',
    `${DOCS}/futures-trading/orders/get-trade-history (adl)`,
    PATHS.futuresFills,
    answer({ currentPage: 1, pageSize: 50, totalNum: 1, totalPage: 1, items: [fill({ size: 3, tradeType: 'adl' })] }),
    {
      of: { symbols: ['BTC/USDT:USDT'] },
      acts: [
        { kind: 'deleveraging', symbol: 'BTC/USDT:USDT', change: '0.003', price: '86275.1', at: 1_740_640_088_427 },
      ],
    },
  ),
  entry(
    'a settlement of an inverse contract',
    `${JKORF}/Futures/Trading/GetUserTrades.txt (settlement)`,
    PATHS.futuresFills,
    answer({
      items: [
        fill({
          symbol: 'XBTUSDM',
          side: 'sell',
          price: '8302',
          size: 10,
          value: '0.001204529',
          tradeType: 'settlement',
          createdAt: 1_558_334_496_000,
        }),
      ],
    }),
    {
      of: { symbols: ['BTC/USD:BTC'] },
      acts: [{ kind: 'settlement', symbol: 'BTC/USD:BTC', change: '-10', price: '8302', at: 1_558_334_496_000 }],
    },
  ),
];

const LEDGER: readonly ForeignAnswer[] = [
  entry(
    'a transfer to a sub-account',
    `${SDK}/account/account/api_account.test.ts, getSpotLedger`,
    PATHS.hfLedger,
    answer([ledgerEntry({ accountType: 'TRADE_HF' })]),
    {
      of: { currencies: ['USDT'] },
      acts: [{ kind: 'transfer', symbol: 'USDT', change: '-0.01', price: null, at: 1_728_658_481_484 }],
    },
  ),
  entry(
    'loans repaid to another account',
    `${JKORF}/Spot/Account/GetAccountLedgers.txt`,
    PATHS.hfLedger,
    answer([ledgerEntry({ accountType: 'MAIN', bizType: 'Loans Repaid', direction: 'in', amount: '10.00059547' })]),
    { of: { currencies: ['USDT'] }, acts: [] },
  ),
  entry(
    'the fee of a trade',
    `${DOCS}/account-info/account-funding/get-account-ledgers-tradehf (TRADE_EXCHANGE)`,
    PATHS.hfLedger,
    answer([
      ledgerEntry({
        accountType: 'TRADE_HF',
        bizType: 'TRADE_EXCHANGE',
        amount: '6.81681',
        fee: '0.00681',
        createdAt: '1728658481484',
      }),
    ]),
    {
      of: { currencies: ['USDT'] },
      acts: [{ kind: 'fee', symbol: 'USDT', change: '-0.00681', price: null, at: 1_728_658_481_484 }],
    },
  ),
];

export const HISTORY: readonly ForeignAnswer[] = [
  ...ORDERS,
  ...LEDGER.map((row) => ({ ...row, also: HIGH_FREQUENCY })),
];
