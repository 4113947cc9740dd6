import { z } from 'zod';
import { absoluteDecimal, isZero, multiplyDecimals, normalizeDecimal, signOf } from '../../domain/decimal/decimal.js';
import type { Balance, Position, PositionMode, PositionSide, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { decimalText, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { readTogether, statesOfBalances, statesOfPositions } from '../profile/consistency.js';
import {
  auditOkxKey,
  envelope,
  LEFT_OUT,
  OKX_CODES,
  okxCodeOf,
  okxMarket,
  okxPositionMode,
  type Envelope,
} from './common.js';
import { explainOkxOrder } from './missing-orders.js';
import { readOkxOrders, type OkxOrders } from './orders.js';
import { hasBothSides, summedBySide } from '../profile/position-sides.js';
import { REQUEST_LIMITS } from '../profile/limits.js';
import type { AccountState, Profile } from '../profile/profile.js';
import { timeOf } from '../profile/rows.js';

/*
 * OKX, the trading account (API v5). Source: www.okx.com/docs-v5/en ("Get instruments", "Get system time", "Get positions", "Get
 * balance", "Get account configuration"); orders in okx-orders.ts, what became of them in okx-missing.ts.
 *
 * - GET /api/v5/account/positions without a filter gives the positions of all instrument types, whatever they settle in, unpaged.
 *   With posSide net the sign of `pos` is the side; long and short rows are the legs of hedge mode, which holds for swaps and
 *   futures of the whole account. One symbol may have a cross and an isolated position at once: they are summed, by side.
 * - `pos` counts contracts: of ctVal base units, of inverse contracts of ctVal USD.
 * - A margin position is of a spot pair, and always net with a positive `pos`: in the base currency (posCcy) it is long, in the
 *   quote currency short. What a short has sold is its liability, in the base currency.
 * - Balances are the cash (`cashBal`): equity moves with every price. The funding account is another one.
 * - Options, event contracts, spread orders and orders inside OKX's own trading bots are not read.
 */

const INSTRUMENTS: Endpoint<unknown> = {
  method: 'GET',
  path: '/api/v5/public/instruments',
  call: null,
  // Instruments before their listing have hardly a field besides these; some regions have no futures.
  shape: envelope(z.array(z.object({ instType: word, instId: z.string() }))),
};

const TIME: Endpoint<Envelope<{ ts: number }>> = {
  method: 'GET',
  path: '/api/v5/public/time',
  call: 'publicGetPublicTime',
  shape: envelope(z.array(z.object({ ts: timeMs.refine((time) => time > 0, 'zero') })).length(1)),
};

const POSITION_ROW = z.object({
  instType: word,
  instId: word,
  posSide: z.enum(['long', 'short', 'net']),
  pos: decimalText,
  posCcy: z.string().nullish(),
  liab: z.string().nullish(),
  liabCcy: z.string().nullish(),
  uTime: timeMs.nullish(),
});
type PositionRow = z.infer<typeof POSITION_ROW>;

const POSITIONS: Endpoint<Envelope<PositionRow>> = {
  method: 'GET',
  path: '/api/v5/account/positions',
  call: 'privateGetAccountPositions',
  scope: 'positions',
  shape: envelope(z.array(POSITION_ROW)),
};

const COIN_ROW = z.object({ ccy: word, cashBal: decimalText });

const BALANCE: Endpoint<Envelope<{ details: z.infer<typeof COIN_ROW>[] }>> = {
  method: 'GET',
  path: '/api/v5/account/balance',
  call: 'privateGetAccountBalance',
  scope: 'balances',
  shape: envelope(z.array(z.object({ details: z.array(COIN_ROW) })).length(1)),
};

const KINDS: MarketKind[] = ['spot', 'linear', 'inverse'];

export const okx: Profile = {
  id: 'okx',
  verified: true,
  options: { fetchMarkets: { types: ['spot', 'swap', 'future'] } },
  marketEndpoints: [INSTRUMENTS],
  // The narrowest limits are 5 and 10 questions in two seconds (config, positions, balance), which ccxt's weights make 600 a minute.
  budget: { perMinute: 480, burst: 60 },
  marketKinds: KINDS,
  codeOf: okxCodeOf,
  codes: OKX_CODES,
  limits: REQUEST_LIMITS.okx,
  readState,
  explainMissingOrder: explainOkxOrder,
  auditKey: auditOkxKey,
};

interface HeldPositions {
  positions: Position[];
  /** How many positions of each instrument type were left out. */
  leftOut: Map<string, number>;
}

async function readState(session: ReadSession): Promise<AccountState> {
  const [time] = (await session.ask(TIME)).data;
  if (time === undefined) throw session.failure('unreadable', TIME, 'reported no time');
  session.setClock(time.ts);
  const mode = await okxPositionMode(session);
  const { held, orders, moved } = await readTogether<HeldPositions & { balances: Balance[] }, OkxOrders>({
    held: async () => ({ ...(await readPositions(session, mode)), balances: await readBalances(session) }),
    orders: () => readOkxOrders(session),
    statesOf: ({ positions, balances }) => [...statesOfPositions(positions), ...statesOfBalances(balances)],
  });
  return {
    asOf: time.ts,
    // A cross and an isolated position against each other are two legs, though the account is in one-way mode.
    positionMode: mode === 'one-way' && hasBothSides(held.positions) ? null : mode,
    scopes: [
      'balances',
      ...KINDS.flatMap((kind) => [`positions:${kind}`, `orders:regular:${kind}`, `orders:conditional:${kind}`]),
    ],
    gaps: gapsOf(held.leftOut, orders.refusedTypes),
    positions: held.positions,
    orders: orders.orders,
    balances: held.balances,
    movedWhileRead: moved,
  };
}

function gapsOf(leftOut: ReadonlyMap<string, number>, refusedTypes: readonly string[]): ScopeGap[] {
  const gaps = Object.entries(LEFT_OUT).flatMap(([instType, name]) => {
    const count = leftOut.get(instType) ?? 0;
    const seen = count === 0 ? '' : `; the account holds ${count}`;
    return [
      { scope: `positions:${name}`, reason: `${name} contracts are not compared${seen}` },
      { scope: `orders:regular:${name}`, reason: `${name} contracts are not compared` },
    ];
  });
  gaps.push(
    { scope: 'orders:regular:spread', reason: 'spread orders are not read' },
    { scope: 'orders:regular:bot', reason: "orders inside OKX's trading bots (grid, DCA, signal) are not read" },
  );
  const refused = refusedTypes.map((type) => ({
    scope: `orders:regular:${type}`,
    reason: `OKX has no ${type} orders`,
  }));
  return [...gaps, ...refused];
}

async function readPositions(session: ReadSession, mode: PositionMode): Promise<HeldPositions> {
  const { data } = await session.ask(POSITIONS);
  const positions: Position[] = [];
  const leftOut = new Map<string, number>();
  for (const row of data.filter(({ pos }) => !isZero(pos))) {
    const market = await okxMarket(session, row, POSITIONS);
    if (market === null) {
      leftOut.set(row.instType, (leftOut.get(row.instType) ?? 0) + 1);
      continue;
    }
    const { side, size } = row.instType === 'MARGIN' ? marginHolding(session, row) : holding(session, row, mode);
    const amount = multiplyDecimals(size, market.contractSize);
    positions.push({ symbol: market.symbol, side, amount, changedAt: timeOf(row.uTime) });
  }
  return { positions: summedBySide(positions), leftOut };
}

interface Holding {
  side: PositionSide;
  size: string;
}

function holding(session: ReadSession, row: PositionRow, mode: PositionMode): Holding {
  if ((row.posSide === 'net') !== (mode === 'one-way')) {
    const reported = `reported a ${row.posSide} position in ${row.instId}, but the account is in ${mode} mode`;
    throw session.failure('incomplete', POSITIONS, `${reported}: the mode was just changed`);
  }
  const sign = signOf(row.pos);
  if (row.posSide === 'net') return { side: sign < 0 ? 'short' : 'long', size: absoluteDecimal(row.pos) };
  if (sign > 0) return { side: row.posSide, size: row.pos };
  throw session.failure('unreadable', POSITIONS, `reported a ${row.posSide} position of ${row.pos} in ${row.instId}`);
}

function marginHolding(session: ReadSession, row: PositionRow): Holding {
  const [base, quote] = row.instId.split('-');
  if (row.posSide === 'net' && signOf(row.pos) > 0) {
    if (row.posCcy === base) return { side: 'long', size: row.pos };
    const owed = decimalText.safeParse(row.liab);
    if (row.posCcy === quote && row.liabCcy === base && owed.success && !isZero(owed.data)) {
      return { side: 'short', size: absoluteDecimal(owed.data) };
    }
  }
  const reported = `${row.posSide} ${row.pos} ${row.posCcy ?? ''}, liability ${row.liab ?? ''} ${row.liabCcy ?? ''}`;
  throw session.failure('unreadable', POSITIONS, `reported a margin position in ${row.instId} of ${reported}`);
}

async function readBalances(session: ReadSession): Promise<Balance[]> {
  const coins = (await session.ask(BALANCE)).data.flatMap(({ details }) => details);
  return coins
    .filter(({ cashBal }) => !isZero(cashBal))
    .map(({ ccy, cashBal }) => ({ currency: session.currency(ccy), total: normalizeDecimal(cashBal) }));
}
