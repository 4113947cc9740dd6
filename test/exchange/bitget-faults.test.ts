import {
  answer,
  BITGET_CREDENTIALS,
  NO_ROWS,
  entrusted,
  PATHS,
  planKeyOf,
  productOf,
  refusal,
  serveAccount,
  SERVER_TIME,
  spotPlanPage,
  SPOT_PAIR,
  type AccountRows,
} from './bitget-fixtures.js';
import { describeFaults } from './fault-table.js';
import type { WireRequest, WireServer } from './wire-server.js';

/** Every question once costs two dozen requests; lists with rows would double that. */
const FLAT: AccountRows = { ...NO_ROWS, positions: {}, orders: {}, plans: {}, spot: {}, spotPlans: [] };
const serve = (wire: WireServer): WireServer => serveAccount(wire, FLAT);
const isUsdt = ({ query }: Pick<WireRequest, 'query'>): boolean => productOf({ query }) === 'USDT-FUTURES';

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
    refusal('40725', 'service return an error', 'maintenance'),
    refusal('45001', 'Unknown error', 'maintenance', 400),
    refusal('99999', 'A code from tomorrow.', 'unreadable'),
  ],
  endpoints: [
    { path: PATHS.symbols, healthy: answer([SPOT_PAIR]), serve },
    { path: PATHS.contracts, healthy: answer([]), serve },
    { path: PATHS.instruments, healthy: answer([]), serve },
    { path: PATHS.time, healthy: answer({ serverTime: String(SERVER_TIME) }), serve },
    { path: PATHS.account, healthy: answer({ posMode: 'one_way_mode' }), serve },
    { path: PATHS.positions, when: isUsdt, healthy: answer(NO_ROWS.positions['USDT-FUTURES']), serve },
    { path: PATHS.spotAssets, healthy: answer(NO_ROWS.assets), serve },
    // One question of each kind; those for other product types and plan types take the same way.
    {
      path: PATHS.plans,
      when: (request) => planKeyOf(request) === 'USDT-FUTURES profit_loss',
      healthy: entrusted(NO_ROWS.plans['USDT-FUTURES profit_loss'] ?? []),
      serve,
    },
    {
      path: PATHS.pending,
      when: (request) => isUsdt(request) && request.query.get('status') === 'partially_filled',
      healthy: entrusted(NO_ROWS.orders['USDT-FUTURES'] ?? []),
      serve,
    },
    { path: PATHS.spotPlans, healthy: spotPlanPage(NO_ROWS.spotPlans, { query: new URLSearchParams() }), serve },
    { path: PATHS.spotOrders, healthy: answer(NO_ROWS.spot['normal']), serve },
    { path: PATHS.accounts, healthy: answer(NO_ROWS.accounts['USDT-FUTURES']), serve },
    { path: PATHS.fundingAssets, healthy: answer([{ coin: 'USDT', available: '5', frozen: '' }]), serve },
    {
      path: PATHS.wallets,
      healthy: answer([{ accountType: 'earn', usdtBalance: '0' }]),
      serve,
      // A key without the permission for this page reads everything else, and says so.
      spared: ['400 with 40014 "Incorrect permissions, need read permissions"'],
    },
  ],
});
