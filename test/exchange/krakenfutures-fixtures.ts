import type { FailureKind } from '../../src/domain/failure/failure.js';
import type { Fault } from './faults.js';
import { sendJson, type WireServer } from './wire-server.js';

/* Answers as docs.kraken.com/api/docs/futures-api documents them. Under /derivatives numbers are numbers, under /history texts. */

export const SERVER_TIME = 1_764_000_000_000;
export const KRAKEN_CREDENTIALS = { apiKey: 'key-Planted+1$', secret: 'c2VjcmV0LVBsYW50ZWQvMg==' };
const iso = (time: number): string => new Date(time).toISOString();

export function answer(fields: object) {
  return { result: 'success', ...fields, serverTime: iso(SERVER_TIME) };
}

export function refusal(error: string, kind: FailureKind, status = 200): Fault {
  return {
    name: `${status} with "${error}"`,
    send: (response) => sendJson(response, { result: 'error', error, serverTime: iso(SERVER_TIME) }, status),
    kind,
  };
}

function instrument(symbol: string, fields: Record<string, unknown>) {
  return {
    symbol,
    type: 'flexible_futures',
    tickSize: 0.5,
    contractSize: 1,
    tradeable: true,
    contractValueTradePrecision: 4,
    openingDate: '2022-01-01T00:00:00.000Z',
    postOnly: false,
    ...fields,
  };
}

const inverse = { type: 'futures_inverse', contractValueTradePrecision: 0 };

/** With as many contracts PF_C0USD, PF_C1USD, ... as asked for. */
export function instruments(more = 0) {
  return answer({
    instruments: [
      instrument('PF_XBTUSD', {}),
      instrument('PF_ETHUSD', { contractValueTradePrecision: 3 }),
      // Traded in whole thousands: the precision of an amount may be negative.
      instrument('PF_PEPEUSD', { contractValueTradePrecision: -3 }),
      instrument('PI_XBTUSD', inverse),
      instrument('FI_XBTUSD_261225', { ...inverse, lastTradingTime: '2026-12-25T16:00:00.000Z' }),
      ...Array.from({ length: more }, (_, at) => instrument(`PF_C${at}USD`, {})),
    ],
  });
}

export function positionRow(symbol: string, side: string, size: number | string, fields: Record<string, unknown> = {}) {
  return { side, symbol, price: 60_000.5, size, unrealizedFunding: 1.045432180096817e-5, ...fields };
}

export function orderRow(order_id: string, fields: Record<string, unknown> = {}) {
  return {
    order_id,
    symbol: 'PF_XBTUSD',
    side: 'buy',
    orderType: 'lmt',
    limitPrice: 60_000,
    unfilledSize: 0.01,
    receivedTime: iso(SERVER_TIME - 7_200_000),
    status: 'untouched',
    filledSize: 0,
    reduceOnly: false,
    lastUpdateTime: iso(SERVER_TIME - 7_000_000),
    ...fields,
  };
}

export const PATHS = {
  instruments: '/derivatives/api/v3/instruments',
  positions: '/derivatives/api/v3/openpositions',
  orders: '/derivatives/api/v3/openorders',
  accounts: '/derivatives/api/v3/accounts',
  orderEvents: '/api/history/v3/orders',
  triggerEvents: '/api/history/v3/triggers',
  executions: '/api/history/v3/executions',
} as const;

export const POSITIONS = answer({
  openPositions: [
    positionRow('PF_XBTUSD', 'long', 0.5),
    positionRow('pf_ethusd', 'short', 12),
    positionRow('PI_XBTUSD', 'short', 1000),
    positionRow('FI_XBTUSD_261225', 'long', 20_000),
    positionRow('PF_PEPEUSD', 'long', 0),
  ],
});

export const ORDERS = answer({
  openOrders: [
    orderRow('a1', { cliOrdId: 'bot-1', status: 'partiallyFilled', filledSize: 0.004, unfilledSize: 0.006 }),
    orderRow('a2', {
      orderType: 'stop',
      limitPrice: undefined,
      stopPrice: 55_000.5,
      side: 'sell',
      triggerSignal: 'mark',
    }),
    orderRow('a3', { orderType: 'take_profit', limitPrice: 70_001, stopPrice: 70_000, side: 'sell', reduceOnly: true }),
    orderRow('a4', { orderType: 'trailing_stop', limitPrice: undefined, unfilledSize: null, reduceOnly: true }),
    orderRow('b1', { symbol: 'PI_XBTUSD', unfilledSize: 100, side: 'sell' }),
    orderRow('c1', { symbol: 'PF_PEPEUSD', unfilledSize: 1000, limitPrice: 1e-5 }),
  ],
});

export const ACCOUNTS = answer({
  accounts: {
    cash: { type: 'cashAccount', balances: { xbt: 0.3, usd: 0 } },
    fi_xbtusd: {
      type: 'marginAccount',
      currency: 'xbt',
      balances: { PI_XBTUSD: -1000, FI_XBTUSD_261225: 20_000, xbt: 0.1 },
      auxiliary: { af: 0.1, pnl: 0, pv: 0.1 },
    },
    flex: {
      type: 'multiCollateralMarginAccount',
      currencies: { XBT: { quantity: 0.2, value: 1 }, USD: { quantity: 5000.25, value: 1 } },
      balanceValue: 1,
    },
  },
});

export function serveAccount(wire: WireServer): WireServer {
  return wire
    .route(PATHS.instruments, instruments())
    .route(PATHS.positions, POSITIONS)
    .route(PATHS.orders, ORDERS)
    .route(PATHS.accounts, ACCOUNTS);
}
