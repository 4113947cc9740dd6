import { sendJson, type Route, type WireRequest, type WireServer } from './wire-server.js';

/* Answers as www.gate.com/docs/developers/apiv4/en documents them, for a classic account. */

export const SERVER_TIME = 1_764_000_000_000;
const SECONDS = SERVER_TIME / 1000;

export function contract(name: string, quanto_multiplier: string) {
  return {
    name,
    type: 'direct',
    quanto_multiplier,
    order_price_deviate: '0.5',
    mark_price: '60000',
    in_delisting: false,
  };
}

function pair(id: string) {
  const [base, quote] = id.split('_');
  return { id, base, quote, fee: '0.2', amount_precision: 8, precision: 2, trade_status: 'tradable', buy_start: 0 };
}

export const PAIRS = [pair('BTC_USDT'), pair('ETH_USDT')];
export const CONTRACTS = {
  usdt: [
    contract('BTC_USDT', '0.0001'),
    contract('ETH_USDT', '0.01'),
    contract('SHIB_USDT', '10000'),
    { ...contract('ADA_USDT', '10'), enable_decimal: true, order_size_min: '0.1' },
  ],
  btc: [contract('BTC_USD', '0'), contract('ETH_USD', '0.000001')],
  delivery: [dated('BTC_USDT_20251226', 1_766_736_000), dated('BTC_USDT_20260327', 1_774_598_400)],
};

function dated(name: string, expire_time: number) {
  return { ...contract(name, '0.0001'), underlying: 'BTC_USDT', cycle: 'QUARTERLY', expire_time, order_size_min: 1 };
}

export function futuresAccount(currency: string, fields: Record<string, unknown> = {}) {
  return {
    currency,
    total: '1000.5',
    available: '900',
    in_dual_mode: false,
    position_mode: 'single',
    margin_mode: 0,
    ...fields,
  };
}

export function positionRow(contractName: string, size: number | string, fields: Record<string, unknown> = {}) {
  return {
    user: 10_000,
    contract: contractName,
    size,
    leverage: '0',
    entry_price: '60000',
    mode: 'single',
    pending_orders: 0,
    update_time: SECONDS - 3_600,
    ...fields,
  };
}

export function orderRow(contractName: string, id: number, fields: Record<string, unknown> = {}) {
  return {
    id,
    contract: contractName,
    size: 100,
    left: 100,
    price: '60000',
    fill_price: '0',
    status: 'open',
    text: `t-bot-${id}`,
    tif: 'gtc',
    is_liq: false,
    create_time: SECONDS - 7_200.25,
    update_time: SECONDS - 7_200.25,
    ...fields,
  };
}

export function priceOrderRow(contractName: string, id: number, initial: object = {}, fields: object = {}) {
  return {
    user: 10_000,
    id,
    initial: { contract: contractName, size: -100, price: '0', tif: 'ioc', text: 'web', auto_size: '', ...initial },
    trigger: { strategy_type: 0, price_type: 0, price: '55000', rule: 2, expiration: 86_400 },
    status: 'open',
    order_type: '',
    create_time: SECONDS - 7_200,
    ...fields,
  };
}

export function trailRow(contractName: string, id: number, fields: Record<string, unknown> = {}) {
  return {
    id,
    contract: contractName,
    amount: '-50',
    activation_price: '65000',
    price_offset: '1%',
    trigger_price: '61234.5',
    text: 'apiv4',
    status: 'open',
    created_at: SECONDS - 7_200,
    updated_at: SECONDS - 7_000,
    ...fields,
  };
}

export function spotOrderRow(currency_pair: string, id: string, fields: Record<string, unknown> = {}) {
  return {
    id,
    text: `t-spot-${id}`,
    currency_pair,
    status: 'open',
    type: 'limit',
    account: 'spot',
    side: 'buy',
    amount: '0.5',
    left: '0.3',
    filled_amount: '0.2',
    price: '59999.99',
    avg_deal_price: '59999.5',
    finish_as: 'open',
    create_time_ms: SERVER_TIME - 7_200_000,
    update_time_ms: SERVER_TIME - 3_600_000,
    ...fields,
  };
}

export function spotPriceOrderRow(market: string, id: number, put: object = {}, fields: object = {}) {
  return {
    id,
    user: 10_000,
    market,
    trigger: { price: '70000', rule: '>=', expiration: 3_600 },
    put: { type: 'limit', side: 'sell', price: '70100', amount: '0.25', account: 'normal', text: 'web', ...put },
    status: 'open',
    ctime: SECONDS - 7_200,
    ...fields,
  };
}

const FUTURES = '/api/v4/futures';
export const PATHS = {
  pairs: '/api/v4/spot/currency_pairs',
  marginPairs: '/api/v4/margin/currency_pairs',
  time: '/api/v4/spot/time',
  spotOrders: '/api/v4/spot/open_orders',
  spotPriceOrders: '/api/v4/spot/price_orders',
  spotAccounts: '/api/v4/spot/accounts',
  tickers: '/api/v4/spot/tickers',
  totals: '/api/v4/wallet/total_balance',
  spotBook: '/api/v4/spot/account_book',
  detail: '/api/v4/account/detail',
  mainKeys: '/api/v4/account/main_keys',
} as const;

export function futuresPath(settle: 'usdt' | 'btc', path: string): string {
  return `${FUTURES}/${settle}/${path}`;
}

export function deliveryPath(path: string): string {
  return `/api/v4/delivery/usdt/${path}`;
}

export interface FuturesRows {
  /** Null where the account was never opened. */
  account: object | null;
  positions: object[];
  orders: object[];
  priceOrders: object[];
  /** Null where the server does not have the service. */
  trails: object | null;
}

export interface AccountRows {
  usdt: FuturesRows;
  btc: FuturesRows;
  spotOrders: Record<string, object[]>;
  spotPriceOrders: object[];
  coins: object[];
  /** Null where the delivery account was never opened. */
  delivery: Omit<FuturesRows, 'trails'> | null;
  totals: object;
}

/** An estimate of each account, in USDT. */
export function totals(details: Record<string, unknown> = {}) {
  const nothing = { amount: '0', currency: 'USDT' };
  const spot = { amount: '1000.15', currency: 'USDT' };
  return {
    details: { cross_margin: nothing, spot, finance: nothing, margin: { ...nothing, borrowed: '0.00' }, ...details },
    total: { ...spot, unrealised_pnl: '0.00', borrowed: '0.00' },
  };
}

export function trails(orders: object[]) {
  return { code: 0, message: 'success', data: { orders } };
}

export const NO_ROWS: AccountRows = {
  usdt: {
    account: futuresAccount('USDT'),
    positions: [positionRow('BTC_USDT', 5_000), positionRow('ETH_USDT', -1_205), positionRow('SHIB_USDT', 1)],
    orders: [
      orderRow('BTC_USDT', 109, { left: 60 }),
      orderRow('ETH_USDT', 108, { size: -300, left: -300, price: '0', text: 'web' }),
    ],
    priceOrders: [
      priceOrderRow('BTC_USDT', 209, { text: 't-stop' }),
      priceOrderRow('BTC_USDT', 208, { size: 0, close: true }, { order_type: 'close-long-position' }),
      priceOrderRow('ETH_USDT', 207, { size: 0, price: '2500', close: true }),
      priceOrderRow('ETH_USDT', 206, { size: 0, auto_size: 'close_short' }),
    ],
    trails: trails([trailRow('BTC_USDT', 309)]),
  },
  btc: {
    account: futuresAccount('BTC'),
    positions: [positionRow('BTC_USD', -1_000), positionRow('ETH_USD', 7)],
    orders: [orderRow('BTC_USD', 107)],
    priceOrders: [],
    trails: { code: 0, message: 'success', data: {} },
  },
  spotOrders: {
    BTC_USDT: [
      spotOrderRow('BTC_USDT', '409'),
      spotOrderRow('BTC_USDT', '408', {
        amount: '0.00000001',
        left: '0.00000001',
        filled_amount: undefined,
        text: '3',
      }),
      spotOrderRow('BTC_USDT', '407', { type: 'market', amount: '100', left: '100', filled_amount: '0', price: '0' }),
    ],
    ETH_USDT: [spotOrderRow('ETH_USDT', '406', { side: 'sell' })],
  },
  spotPriceOrders: [
    spotPriceOrderRow('BTC_USDT', 509),
    spotPriceOrderRow('ETH_USDT', 508, { type: 'market', side: 'buy', price: '0', amount: '50' }),
  ],
  coins: [
    { currency: 'USDT', available: '900.10', locked: '100.05', update_id: 1 },
    { currency: 'BTC', available: '0', locked: '0.3' },
    { currency: 'ETH', available: '0', locked: '0' },
  ],
  delivery: { account: futuresAccount('USDT'), positions: [], orders: [], priceOrders: [] },
  totals: totals(),
};

export function refusal(label: string, status = 400): Route {
  return (_request, response) => sendJson(response, { label, message: `${label} for a test` }, status);
}

/** A list in pages by offset. */
export function page(rows: readonly object[], { query }: Pick<WireRequest, 'query'>) {
  const offset = Number(query.get('offset') ?? 0);
  return rows.slice(offset, offset + Number(query.get('limit') ?? 100));
}

/** Every pair with open orders, and of each the rows of this page. */
export function spotPage(orders: AccountRows['spotOrders'], { query }: Pick<WireRequest, 'query'>) {
  const limit = Number(query.get('limit') ?? 100);
  const from = (Number(query.get('page') ?? 1) - 1) * limit;
  return Object.entries(orders).map(([currency_pair, rows]) => ({
    currency_pair,
    total: rows.length,
    orders: rows.slice(from, from + limit),
  }));
}

export function serveFutures(wire: WireServer, settle: 'usdt' | 'btc', rows: FuturesRows): WireServer {
  const at = (path: string) => futuresPath(settle, path);
  const list = (rows: readonly object[]) => (request: WireRequest) => page(rows, request);
  return wire
    .route(at('contracts'), CONTRACTS[settle])
    .route(at('accounts'), rows.account ?? refusal('USER_NOT_FOUND'))
    .route(at('positions'), list(rows.positions))
    .route(at('orders'), list(rows.orders))
    .route(at('price_orders'), list(rows.priceOrders))
    .route(at('autoorder/v1/trail/list'), ({ query }: WireRequest, response) => {
      if (rows.trails === null) return void response.writeHead(404).end();
      return query.get('page_num') === '1' ? rows.trails : trails([]);
    });
}

export function serveAccount(wire: WireServer, rows: AccountRows = NO_ROWS): WireServer {
  serveFutures(wire, 'usdt', rows.usdt);
  serveFutures(wire, 'btc', rows.btc);
  const { delivery } = rows;
  wire
    .route(deliveryPath('contracts'), CONTRACTS.delivery)
    .route(deliveryPath('accounts'), delivery?.account ?? refusal('USER_NOT_FOUND'))
    .route(deliveryPath('positions'), delivery?.positions ?? [])
    .route(deliveryPath('orders'), (request: WireRequest) => page(delivery?.orders ?? [], request))
    .route(deliveryPath('price_orders'), (request: WireRequest) => page(delivery?.priceOrders ?? [], request));
  return wire
    .route(PATHS.pairs, PAIRS)
    .route(PATHS.marginPairs, [{ id: 'BTC_USDT', leverage: 3, status: 1 }])
    .route(PATHS.time, { server_time: SERVER_TIME })
    .route(PATHS.tickers, [{ currency_pair: 'BTC_USDT', last: '60000' }])
    .route(PATHS.totals, rows.totals)
    .route(PATHS.spotAccounts, rows.coins)
    .route(PATHS.spotOrders, (request: WireRequest) => spotPage(rows.spotOrders, request))
    .route(PATHS.spotPriceOrders, (request: WireRequest) =>
      request.query.get('account') === null ? page(rows.spotPriceOrders, request) : [],
    );
}
