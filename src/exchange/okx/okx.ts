import { z } from 'zod';
import { absoluteDecimal, isZero, multiplyDecimals, normalizeDecimal, signOf } from '../../domain/decimal/decimal.js';
import type { Balance, Position, PositionMode, PositionSide, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { decimalText, get, timeMs, word } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { defineExchange } from '../profile/define-exchange.js';
import {
  auditOkxKey,
  envelope,
  LEFT_OUT,
  OKX_CODES,
  okxCodeOf,
  okxMarket,
  okxPositionMode,
  only,
  OKX_LIMITS,
} from './common.js';
import { OKX_MISSING_ORDERS } from './missing-orders.js';
import { readOkxOrders } from './orders.js';
import { hasBothSides, summedBySide } from '../profile/position-sides.js';
import { timeOf } from '../profile/rows.js';

/*
 * OKX, the trading account (API v5). Source: www.okx.com/docs-v5/en ("Get instruments", "Get system time", "Get positions", "Get
 * balance", "Get account configuration"); orders in orders.ts, what became of them in missing-orders.ts.
 *
 * - GET /api/v5/account/positions without a filter gives the positions of all instrument types, whatever they settle in, unpaged.
 *   With posSide net the sign of `pos` is the side; long and short rows are the legs of hedge mode, which is set for the swaps
 *   and futures of the whole account. One symbol may have a cross and an isolated position: they are summed by side.
 * - `pos` counts contracts: of ctVal base units, of inverse contracts of ctVal USD.
 * - A margin position is of a spot pair, and always net with a positive `pos`: in the base currency (posCcy) it is long, in the
 *   quote currency short. What a short has sold is its liability, in the base currency.
 * - Balances are the cash (`cashBal`), because equity changes with every price. The funding account is a separate account.
 * - Options, event contracts, spread orders and orders inside OKX's own trading bots are not read.
 */

/** Instruments before their listing have few fields besides these. Some regions have no futures, so a list may be empty. */
const INSTRUMENTS = get(
  '/api/v5/public/instruments',
  null,
  envelope(z.array(z.object({ instType: word, instId: z.string() }))),
);

const TIME = get(
  '/api/v5/public/time',
  'publicGetPublicTime',
  envelope(z.array(z.object({ ts: timeMs.refine((time) => time > 0, 'zero') })).length(1)),
);

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

const POSITIONS = get('/api/v5/account/positions', 'privateGetAccountPositions', envelope(z.array(POSITION_ROW)), {
  scope: 'positions',
});

const COIN_ROW = z.object({ ccy: word, cashBal: decimalText });

const BALANCE = get(
  '/api/v5/account/balance',
  'privateGetAccountBalance',
  envelope(z.array(z.object({ details: z.array(COIN_ROW) })).length(1)),
  { scope: 'balances' },
);

const KINDS: MarketKind[] = ['spot', 'linear', 'inverse'];

export const okx = defineExchange({
  id: 'okx',
  options: { fetchMarkets: { types: ['spot', 'swap', 'future'] } },
  marketEndpoints: [INSTRUMENTS],
  // The lowest limits are 5 and 10 requests in two seconds (config, positions, balance): 600 of ccxt's costs a minute.
  budget: { perMinute: 480, burst: 60 },
  marketKinds: KINDS,
  codeOf: okxCodeOf,
  codes: OKX_CODES,
  limits: OKX_LIMITS,
  account: {
    clock: async (session) => (await only(session, TIME)).ts,
    setup: okxPositionMode,
    held: async (session, mode) => ({
      ...(await readPositions(session, mode)),
      balances: await readBalances(session),
    }),
    orders: (session) => readOkxOrders(session),
    // A cross and an isolated position of opposite sides are two legs, although the account is in one-way mode.
    positionMode: ({ setup: mode, held }) => (mode === 'one-way' && hasBothSides(held.positions) ? null : mode),
    scopes: KINDS.flatMap((kind) => [`positions:${kind}`, `orders:regular:${kind}`, `orders:conditional:${kind}`]),
    gaps: ({ held, orders }) => gapsOf(held.leftOut, orders.refusedTypes),
  },
  missingOrders: OKX_MISSING_ORDERS,
  auditKey: auditOkxKey,
});

interface HeldPositions {
  positions: Position[];
  /** How many positions of each instrument type were left out. */
  leftOut: Map<string, number>;
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
