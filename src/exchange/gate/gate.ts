import { z } from 'zod';
import type { OpenOrder, Position, PositionMode, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { decimalText, timeMs, word, type Endpoint, get } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { defineExchange } from '../profile/define-exchange.js';
import { auditGateKey, GATE_CODES, gateCodeOf, gateRetryAfterMs, gateUsageOf, GATE_LIMITS } from './common.js';
import {
  pathOf,
  readFuturesAccount,
  readFuturesOrders,
  readFuturesPositions,
  readFuturesPriceOrders,
  SETTLE_IDS,
  type FuturesAccount,
} from './futures.js';
import { GATE_MISSING_ORDERS } from './missing-orders.js';
import { readSpotBalances, readSpotOrders } from './spot.js';
import { readTrails } from './trails.js';
import { hasBothSides, summedBySide } from '../profile/position-sides.js';

/*
 * Gate: spot and perpetual futures (API v4). Source: www.gate.com/docs/developers/apiv4/en; the facts are in spot.ts and
 * futures.ts, what became of orders in missing-orders.ts.
 *
 * - The futures of each settle currency are a separate account with its own position mode. An account that was never opened
 *   answers USER_NOT_FOUND: it is empty.
 * - ccxt asks account/detail whether an account is unified, and reads a failure as "no". Here the futures account reports it.
 * - Balances are those of the spot account, free and locked. Futures wallets are separate wallets of the same currencies: a sum
 *   would match no bot's state.
 * - Delivery contracts, options, margin loans, chase and POV orders are not read.
 */

const CONTRACTS = z.array(z.object({ name: word, quanto_multiplier: decimalText })).min(1);

function contractsOf(settle: string): Endpoint<unknown> {
  return { method: 'GET', path: `/futures/${settle}/contracts`, call: null, shape: CONTRACTS };
}

const PAIRS = z.array(z.object({ id: word }));
const MARKETS: Endpoint<unknown>[] = [
  { method: 'GET', path: '/spot/currency_pairs', call: null, shape: PAIRS.min(1) },
  // Lists only the pairs with margin trading, so it may be empty.
  { method: 'GET', path: '/margin/currency_pairs', call: null, shape: PAIRS },
  ...SETTLE_IDS.map(contractsOf),
];

const TIME = get(
  '/spot/time',
  'publicSpotGetTime',
  z.object({ server_time: timeMs.refine((time) => time > 0, 'zero') }),
);

const KINDS: MarketKind[] = ['spot', 'linear', 'inverse'];

export const gate = defineExchange({
  id: 'gate',
  options: { fetchMarkets: { types: ['spot', 'swap'] } },
  marketEndpoints: MARKETS,
  // 200 requests in ten seconds per endpoint; account endpoints weigh more.
  budget: { perMinute: 900, burst: 120 },
  marketKinds: KINDS,
  codeOf: gateCodeOf,
  codes: GATE_CODES,
  limits: GATE_LIMITS,
  retryAfterMs: gateRetryAfterMs,
  usageOf: gateUsageOf,
  account: {
    clock: async (session) => (await session.ask(TIME)).server_time,
    setup: readAccounts,
    held: async (session, { accounts }) => {
      const positions: Position[] = [];
      for (const account of accounts) positions.push(...(await readFuturesPositions(session, account)));
      return { positions: summedBySide(positions), balances: await readSpotBalances(session) };
    },
    orders: (session, { accounts, unified }, { positions }) => readOrders(session, accounts, unified, positions),
    balances: async (_, { balances }, { unified }) =>
      unified ? { reason: "a unified account's wallet is not read" } : balances,
    positionMode: ({ setup: { accounts }, held }) => modeOf(accounts, held.positions),
    scopes: [
      'orders:regular:spot',
      'orders:conditional:spot',
      ...SETTLE_IDS.map(pathOf).flatMap((path) => [
        `positions:${path}`,
        `orders:regular:${path}`,
        `orders:conditional:${path}`,
      ]),
    ],
    gaps: ({ orders }) => gapsOf(orders.withoutTrails),
  },
  missingOrders: GATE_MISSING_ORDERS,
  auditKey: auditGateKey,
});

interface Orders {
  orders: OpenOrder[];
  /** Settle currencies for which the server has no list of trailing orders. */
  withoutTrails: string[];
}

interface Accounts {
  accounts: FuturesAccount[];
  unified: boolean;
}

async function readAccounts(session: ReadSession): Promise<Accounts> {
  const accounts: FuturesAccount[] = [];
  for (const settle of SETTLE_IDS) {
    const account = await readFuturesAccount(session, settle);
    if (account !== null) accounts.push(account);
  }
  return { accounts, unified: accounts.some(({ unified }) => unified) };
}

async function readOrders(
  session: ReadSession,
  accounts: readonly FuturesAccount[],
  unified: boolean,
  held: readonly Position[],
): Promise<Orders> {
  // Orders that wait for a trigger come before regular ones: an order that triggers in between is seen twice rather than never.
  const orders = await readSpotOrders(session, unified);
  const withoutTrails: string[] = [];
  for (const { settle } of accounts) {
    orders.push(...(await readFuturesPriceOrders(session, settle, held)));
    const trails = await readTrails(session, settle);
    if (trails === null) withoutTrails.push(settle);
    orders.push(...(trails ?? []), ...(await readFuturesOrders(session, settle, held)));
  }
  return { orders, withoutTrails };
}

/** Null where accounts differ, keep separate positions, or hold both sides of a contract in one-way mode. */
function modeOf(accounts: readonly FuturesAccount[], positions: readonly Position[]): PositionMode | null {
  const [first = null, ...others] = accounts.map(({ mode }) => mode);
  if (others.some((mode) => mode !== first)) return null;
  return first === 'one-way' && hasBothSides(positions) ? null : first;
}

function gapsOf(withoutTrails: readonly string[]): ScopeGap[] {
  return [
    { scope: 'positions:spot', reason: 'margin loans are not read' },
    { scope: 'positions:delivery', reason: 'delivery contracts are not read' },
    { scope: 'orders:regular:delivery', reason: 'delivery contracts are not read' },
    { scope: 'positions:option', reason: 'options are not read' },
    { scope: 'orders:regular:option', reason: 'options are not read' },
    { scope: 'positions:linear:BTC', reason: 'quanto contracts cannot be expressed in base units' },
    { scope: 'orders:regular:chase', reason: 'chase orders are not read, only what they have in the book' },
    { scope: 'orders:regular:pov', reason: 'POV orders are not read, only what they have in the book' },
    ...withoutTrails.map((settle) => ({
      scope: `orders:conditional:trail:${settle.toUpperCase()}`,
      reason: 'this server does not have the list of trailing orders',
    })),
  ];
}
