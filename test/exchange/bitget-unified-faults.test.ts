import { answer, BITGET_CREDENTIALS, refusal } from './bitget-fixtures.js';
import { cursorPageOf, serveUnified, UNIFIED_FLAT, UNIFIED_PATHS, UNIFIED_ROWS } from './bitget-unified-fixtures.js';
import { describeFaults, type FaultyEndpoint } from './fault-table.js';
import type { WireServer } from './wire-server.js';

const serve = (wire: WireServer): WireServer => serveUnified(wire, UNIFIED_FLAT);
const of =
  (category: string): NonNullable<FaultyEndpoint['when']> =>
  ({ query }) =>
    query.get('category') === category;
const first = { query: new URLSearchParams() };

/** The public pages, and those of classic accounts, are in bitget-faults.test.ts. */
describeFaults({
  id: 'bitget',
  credentials: BITGET_CREDENTIALS,
  scopes: 12,
  read: { balances: true },
  refusals: [
    refusal('429', 'Too Many Requests', 'rate_limited', 429),
    refusal('25000', 'The system is under maintenance', 'maintenance', 400),
    refusal('25001', 'Request timed out', 'timeout', 400),
    refusal('25004', 'Too many requests', 'rate_limited', 400),
    refusal('25620', 'No permission', 'permission', 400),
    refusal('40009', 'sign signature error', 'authentication', 400),
    refusal('40014', 'Incorrect permissions, need uta_mgt read permissions', 'permission', 400),
    refusal(
      '40084',
      'You are in Classic Account mode, and the Unified Account API is not supported',
      'unsupported',
      400,
    ),
    refusal('99999', 'A code from tomorrow.', 'unreadable', 400),
  ],
  endpoints: [
    { path: UNIFIED_PATHS.settings, healthy: answer({ accountMode: 'unified', holdMode: 'one_way_mode' }), serve },
    {
      path: UNIFIED_PATHS.positions,
      when: of('USDT-FUTURES'),
      healthy: answer({ list: UNIFIED_ROWS.positions['USDT-FUTURES'] }),
      serve,
    },
    { path: UNIFIED_PATHS.assets, healthy: answer({ assets: UNIFIED_ROWS.assets }), serve },
    { path: UNIFIED_PATHS.fundingAssets, healthy: answer(UNIFIED_ROWS.funding), serve },
    {
      path: UNIFIED_PATHS.pending,
      when: of('SPOT'),
      healthy: cursorPageOf(UNIFIED_ROWS.orders['SPOT'] ?? [], first),
      serve,
    },
    {
      path: UNIFIED_PATHS.pending,
      when: of('COIN-FUTURES'),
      healthy: cursorPageOf(UNIFIED_ROWS.orders['COIN-FUTURES'] ?? [], first),
      serve,
    },
    {
      path: UNIFIED_PATHS.strategies,
      when: of('USDT-FUTURES'),
      healthy: answer(UNIFIED_ROWS.strategies['USDT-FUTURES']),
      serve,
    },
    // A failure that does not say "no strategy orders here" is no gap on spot either.
    {
      path: UNIFIED_PATHS.strategies,
      when: of('SPOT'),
      healthy: answer([]),
      serve,
    },
  ],
});
