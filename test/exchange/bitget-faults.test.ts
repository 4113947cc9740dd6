import {
  answer,
  BITGET_CREDENTIALS,
  BOOKS,
  entrusted,
  PATHS,
  planKeyOf,
  productOf,
  refusal,
  serveAccount,
  SERVER_TIME,
  spotPlanPage,
  SPOT_PAIR,
} from './bitget-fixtures.js';
import { describeFaults } from './fault-table.js';
import type { WireRequest } from './wire-server.js';

const of =
  (productType: string, status: string | null = null) =>
  ({ query }: Pick<WireRequest, 'query'>) =>
    productOf({ query }) === productType && query.get('status') === status;
const planned = (key: string) => (request: Pick<WireRequest, 'query'>) => planKeyOf(request) === key;
const tpsl =
  (type: string) =>
  ({ query }: Pick<WireRequest, 'query'>) =>
    query.get('tpslType') === type;

describeFaults({
  id: 'bitget',
  credentials: BITGET_CREDENTIALS,
  scopes: 12,
  read: { balances: true },
  refusals: [
    refusal('429', 'Too Many Requests', 'rate_limited'),
    refusal('429', 'Too Many Requests', 'rate_limited', 429),
    refusal('40006', 'Invalid ACCESS_KEY', 'authentication', 400),
    refusal('40008', 'Request timestamp expired', 'clock_skew', 400),
    refusal('40009', 'sign signature error', 'authentication', 400),
    refusal('40010', 'Request timed out', 'timeout'),
    refusal('40012', 'apikey/password is incorrect', 'authentication', 400),
    refusal('40014', 'Incorrect permissions, need read permissions', 'permission', 400),
    refusal('40015', 'System is abnormal, please try again later', 'maintenance'),
    refusal('40018', 'Invalid IP', 'permission', 400),
    refusal('40037', 'Apikey does not exist', 'authentication', 400),
    refusal('40085', 'You are in Unified Account mode, and the Classic Account API is not supported', 'unsupported'),
    refusal('40725', 'service return an error', 'maintenance'),
    refusal('45001', 'Unknown error', 'maintenance', 400),
    refusal('99999', 'A code from tomorrow.', 'unreadable'),
  ],
  endpoints: [
    { path: PATHS.symbols, healthy: answer([SPOT_PAIR]), serve: serveAccount },
    { path: PATHS.contracts, healthy: answer([]), serve: serveAccount },
    { path: PATHS.time, healthy: answer({ serverTime: String(SERVER_TIME) }), serve: serveAccount },
    { path: PATHS.account, healthy: answer({ posMode: 'one_way_mode' }), serve: serveAccount },
    { path: PATHS.accounts, healthy: answer(BOOKS.accounts['USDT-FUTURES']), serve: serveAccount },
    ...['USDT-FUTURES', 'COIN-FUTURES'].map((type) => ({
      path: PATHS.positions,
      when: of(type),
      healthy: answer(BOOKS.positions[type]),
      serve: serveAccount,
    })),
    ...[null, 'partially_filled'].map((status) => ({
      path: PATHS.pending,
      when: of('USDT-FUTURES', status),
      healthy: entrusted(BOOKS.orders['USDT-FUTURES'] ?? []),
      serve: serveAccount,
    })),
    ...['USDT-FUTURES normal_plan', 'USDT-FUTURES track_plan', 'USDT-FUTURES profit_loss'].map((key) => ({
      path: PATHS.plans,
      when: planned(key),
      healthy: entrusted(BOOKS.plans[key] ?? []),
      serve: serveAccount,
    })),
    { path: PATHS.spotAssets, healthy: answer(BOOKS.assets), serve: serveAccount },
    ...['normal', 'tpsl'].map((type) => ({
      path: PATHS.spotOrders,
      when: tpsl(type),
      healthy: answer(BOOKS.spot[type]),
      serve: serveAccount,
    })),
    {
      path: PATHS.spotPlans,
      healthy: spotPlanPage(BOOKS.spotPlans, { query: new URLSearchParams() }),
      serve: serveAccount,
    },
  ],
});
