import {
  accountRow,
  answer,
  BITGET_CREDENTIALS,
  entrusted,
  NO_ROWS,
  orderRow,
  PATHS,
  planKeyOf,
  planRow,
  productOf,
  serveAccount,
  spotPlanPage,
  spotRow,
  type AccountRows,
} from './bitget-fixtures.js';
import {
  cursorPageOf,
  serveUnified,
  strategyRow,
  UNIFIED_FLAT,
  UNIFIED_PATHS,
  UNIFIED_ROWS,
  unifiedOrder,
} from './bitget-unified-fixtures.js';
import type { FaultyEndpoint } from './fault-table.js';
import { describeRowFaults, type HarmlessFields } from './row-faults.js';
import type { WireRequest, WireServer } from './wire-server.js';

const FLAT: AccountRows = { ...NO_ROWS, positions: {}, orders: {}, plans: {}, spot: {}, spotPlans: [], assets: [] };
/** An account whose only rows are those of the tested answer, under the answer's own question. */
const classic = (path: string, healthy: unknown, when: FaultyEndpoint['when'] = () => true): FaultyEndpoint => ({
  path,
  when,
  healthy,
  serve: (wire: WireServer) => serveOnly(serveAccount(wire, FLAT), path, healthy, when),
});
const unified = (path: string, healthy: unknown, when: FaultyEndpoint['when'] = () => true): FaultyEndpoint => ({
  path,
  when,
  healthy,
  serve: (wire: WireServer) => serveOnly(serveUnified(wire, UNIFIED_FLAT), path, healthy, when),
});

function serveOnly(
  wire: WireServer,
  path: string,
  healthy: unknown,
  when: NonNullable<FaultyEndpoint['when']>,
): WireServer {
  const empty = path.startsWith('/api/v3/trade/unfilled-orders') || path.includes('current-position');
  const other = path.includes('/mix/order/')
    ? entrusted([])
    : empty
      ? answer({ list: null, cursor: null })
      : answer([]);
  return wire.route(path, (request: WireRequest) => (when(request) ? healthy : other));
}

const isUsdt: FaultyEndpoint['when'] = (request) => productOf(request) === 'USDT-FUTURES';
const isCategory =
  (category: string): FaultyEndpoint['when'] =>
  ({ query }) =>
    query.get('category') === category && !query.has('cursor');

const KEPT_AS_TEXT: HarmlessFields = { clientOid: 'any text is a client order id, and none is none' };
const TIMES: HarmlessFields = { cTime: 'a time may be absent', uTime: 'a time may be absent' };
/** Of plans. A limit order without a price is refused. */
const PRICES: HarmlessFields = {
  price: 'an order may have no price',
  executePrice: 'no price means the market price',
};
/** A word that is not known is another currency. */
const COIN: HarmlessFields = { coin: 'any word is a currency', marginCoin: 'any word is a currency' };
const PRESETS: HarmlessFields = {
  presetStopSurplusPrice: 'an order may have no take-profit',
  presetStopSurplusExecutePrice: 'no price means the market price',
  presetStopLossPrice: 'an order may have no stop-loss',
  presetStopLossExecutePrice: 'no price means the market price',
};
const SIDES: HarmlessFields = { posSide: 'it matters in hedge mode only', tradeSide: 'it matters in hedge mode only' };
const ORDER: HarmlessFields = { ...KEPT_AS_TEXT, ...TIMES, ...PRESETS, ...SIDES };
const PLAN: HarmlessFields = { ...ORDER, ...PRICES };

const preset = {
  presetStopSurplusPrice: '65000',
  presetStopSurplusExecutePrice: '65100',
  presetStopLossPrice: '55000',
  presetStopLossExecutePrice: '',
};

describeRowFaults({
  id: 'bitget',
  credentials: BITGET_CREDENTIALS,
  read: { balances: true },
  harmless: {
    [PATHS.positions]: TIMES,
    [PATHS.pending]: ORDER,
    [PATHS.plans]: PLAN,
    [PATHS.spotOrders]: ORDER,
    [PATHS.spotPlans]: PLAN,
    [PATHS.accounts]: { ...COIN, unrealizedPL: 'the profit of both margin modes counts where it is reported apart' },
    [PATHS.spotAssets]: COIN,
    [PATHS.fundingAssets]: COIN,
  },
  endpoints: [
    classic(PATHS.positions, answer(NO_ROWS.positions['USDT-FUTURES']), isUsdt),
    classic(PATHS.spotAssets, answer(NO_ROWS.assets)),
    classic(
      PATHS.fundingAssets,
      answer(['USDT', 'BTC'].map((coin) => ({ coin, available: '5', frozen: '', usdtValue: '5' }))),
    ),
    classic(
      PATHS.accounts,
      answer(['USDT', 'SUSDT'].map((coin) => accountRow(coin, '1000.30', { crossedUnrealizedPL: '0.2' }))),
      isUsdt,
    ),
    classic(
      PATHS.plans,
      entrusted([203, 202].map((id) => planRow('BTCUSDT', id, { planType: 'profit_plan', executePrice: '70000' }))),
      (request) => planKeyOf(request) === 'USDT-FUTURES profit_loss' && !request.query.has('idLessThan'),
    ),
    classic(
      PATHS.pending,
      entrusted([orderRow('BTCUSDT', 104, preset), orderRow('ETHUSDT', 103)]),
      ({ query }) => productOf({ query }) === 'USDT-FUTURES' && !query.has('status') && !query.has('idLessThan'),
    ),
    classic(PATHS.spotPlans, spotPlanPage(NO_ROWS.spotPlans, { query: new URLSearchParams() })),
    classic(
      PATHS.spotOrders,
      answer([spotRow(301), spotRow(300)]),
      ({ query }) => query.get('tpslType') === 'normal' && !query.has('idLessThan'),
    ),
  ],
});

const unifiedPreset = { takeProfit: '66000', stopLoss: '55000' };
const UNIFIED_ORDER: HarmlessFields = {
  ...KEPT_AS_TEXT,
  createdTime: 'a time may be absent',
  updatedTime: 'a time may be absent',
  amount: 'it counts only for a market buy of spot',
  holdMode: 'of spot pairs it is empty',
  takeProfit: 'an order may have no take-profit',
  tpOrderType: 'no type means the price decides',
  tpLimitPrice: 'no price means the market price',
  stopLoss: 'an order may have no stop-loss',
  slOrderType: 'no type means the price decides',
  slLimitPrice: 'no price means the market price',
};

describeRowFaults({
  id: 'bitget',
  credentials: BITGET_CREDENTIALS,
  read: { balances: true },
  harmless: {
    [UNIFIED_PATHS.positions]: {
      createdTime: 'a time may be absent',
      updatedTime: 'a time may be absent',
      marginCoin: 'it only says which asset may be off by a profit',
    },
    [UNIFIED_PATHS.pending]: UNIFIED_ORDER,
    [UNIFIED_PATHS.strategies]: { ...UNIFIED_ORDER, qty: 'none means the whole position' },
    [UNIFIED_PATHS.assets]: { ...COIN, equity: 'it only tells apart two forms of a row' },
    [UNIFIED_PATHS.fundingAssets]: COIN,
  },
  endpoints: [
    unified(
      UNIFIED_PATHS.positions,
      answer({ list: UNIFIED_ROWS.positions['USDT-FUTURES'] }),
      isCategory('USDT-FUTURES'),
    ),
    unified(UNIFIED_PATHS.assets, answer({ assets: UNIFIED_ROWS.assets })),
    unified(
      UNIFIED_PATHS.fundingAssets,
      answer(['USDT', 'BTC'].map((coin) => ({ coin, available: '5', frozen: '0', balance: '5' }))),
    ),
    unified(
      UNIFIED_PATHS.pending,
      cursorPageOf([unifiedOrder('BTCUSDT', 104, unifiedPreset), unifiedOrder('ETHUSDT', 103)], {
        query: new URLSearchParams(),
      }),
      isCategory('USDT-FUTURES'),
    ),
    unified(
      UNIFIED_PATHS.strategies,
      answer([strategyRow('BTCUSDT', 201, { takeProfit: '66000', tpOrderType: 'limit' }), strategyRow('ETHUSDT', 200)]),
      isCategory('USDT-FUTURES'),
    ),
  ],
});
