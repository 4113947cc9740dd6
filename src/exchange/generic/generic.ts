import { z } from 'zod';
import { absoluteDecimal, isZero, multiplyDecimals, normalizeDecimal } from '../../domain/decimal/decimal.js';
import { marketPath, type Scope } from '../../domain/snapshot/scope.js';
import type { Balance, OpenOrder, Position, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { ANY_PATH, decimalText, type Endpoint } from '../transport/endpoint.js';
import { ExchangeFailure } from '../transport/error-kinds.js';
import type { ExactJson } from '../../domain/text/exact-json.js';
import type { Market } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { readTogether, statesOfBalances, statesOfPositions } from '../profile/consistency.js';
import { REMEMBERS_ALL, type Known, type OrderEnd, type OrderQuestion } from '../profile/missing-orders.js';
import type { AccountState, Profile } from '../profile/profile.js';
import { priceOf } from '../profile/rows.js';

/*
 * Any exchange of ccxt without its own profile, through ccxt's unified methods and parsers. What those leave out or read as empty
 * is not visible here, so the profile claims only what an answer shows: a list with a row of a market kind and settle currency
 * covers that kind (a default may hide all others), and an exchange with only one such kind cannot mean another. It never
 * claims a list that is as long as a page, or conditional orders. The rest is a gap, "unverified profile".
 */

const UNVERIFIED = 'unverified profile';

/** Every request of a `fetch...` method of ccxt. A bare `{}` is refused; an empty list may be an answer. */
const ANYTHING: Endpoint<unknown> = {
  method: 'GET',
  path: ANY_PATH,
  call: null,
  shape: z.union([
    z.array(z.unknown()),
    z.record(z.string(), z.unknown()).refine((reported) => Object.keys(reported).length > 0),
  ]),
};

const symbolText = z.string().min(1);
const time = z.number().int().positive().nullish();

const POSITION = z.object({
  symbol: symbolText,
  side: z.enum(['long', 'short']).nullish(),
  contracts: decimalText.nullish(),
  lastUpdateTimestamp: time,
});

const ORDER = z.object({
  id: symbolText,
  clientOrderId: z.string().nullish(),
  symbol: symbolText,
  side: z.enum(['buy', 'sell']),
  type: z.string().nullish(),
  status: z.string().nullish(),
  price: decimalText.nullish(),
  triggerPrice: decimalText.nullish(),
  amount: decimalText,
  filled: decimalText,
  average: decimalText.nullish(),
  lastUpdateTimestamp: time,
});

const BALANCES = z.object({ total: z.record(z.string(), decimalText) });

/** Page lengths of exchanges: a list of such a length may be only a part. */
const PAGE_LENGTHS = new Set([20, 25, 30, 40, 50, 100, 200, 250, 300, 500, 1000]);

const ENDS: Record<string, OrderEnd> = {
  open: 'open',
  closed: 'filled',
  canceled: 'canceled',
  expired: 'expired',
  rejected: 'rejected',
};

/** A profile that claims only what it can show. */
export function genericProfile(id: string): Profile {
  return {
    id,
    verified: false,
    options: { warnOnFetchOpenOrdersWithoutSymbol: false },
    marketEndpoints: [ANYTHING],
    budget: { perMinute: 600, burst: 100 },
    marketKinds: ['spot', 'linear', 'inverse'],
    codeOf: (_document: ExactJson): string | null => null,
    codes: {},
    limits: {},
    readState,
    missingOrders: {
      sources: [{ name: `order query (${UNVERIFIED})`, ask: askOrder }],
      memory: REMEMBERS_ALL,
    },
  };
}

async function readState(session: ReadSession): Promise<AccountState> {
  const asOf = await readClock(session);
  const { held, orders, moved } = await readTogether({
    held: async () => ({ positions: await readPositions(session), balances: await readBalances(session) }),
    orders: () => readOrders(session),
    statesOf: ({ positions, balances }) => [...statesOfPositions(positions ?? []), ...statesOfBalances(balances ?? [])],
  });
  const gaps: ScopeGap[] = [
    { scope: 'positions', reason: `${UNVERIFIED}: ccxt may ask for one kind of contracts of several` },
    {
      scope: 'orders',
      reason: `${UNVERIFIED}: ccxt may leave out conditional orders, and ask for one market of several`,
    },
    { scope: 'balances', reason: `${UNVERIFIED}: ccxt may ask for one wallet of several` },
  ];
  const claim = (scope: Scope, rows: readonly unknown[] | null, shown: readonly string[]): Scope[] => {
    if (rows === null) return [];
    if (!PAGE_LENGTHS.has(rows.length)) return shown.map((path) => (path === '' ? scope : `${scope}:${path}`));
    gaps.push({ scope, reason: `${UNVERIFIED}: exactly ${rows.length} rows may be one page of more` });
    return [];
  };
  const paths = [...new Set(session.symbols().map(marketPath))];
  const spotOnly = paths.length === 1 && paths[0] === 'spot';
  const { positions, balances } = held;
  return {
    asOf,
    positionMode: null,
    scopes: [
      ...claim(
        'positions',
        positions,
        shownPaths(
          positions,
          paths.filter((path) => path !== 'spot'),
        ),
      ),
      ...claim('orders:regular', orders, shownPaths(orders, paths)),
      ...claim('balances', balances, spotOnly ? [''] : (balances ?? []).map(({ currency }) => currency)),
    ],
    gaps,
    positions: positions ?? [],
    orders: orders ?? [],
    balances: balances ?? [],
    movedWhileRead: moved,
  };
}

/** Market paths that a list covers: those of its rows, and the exchange's only one where it has one. */
function shownPaths(rows: readonly { symbol: string }[] | null, paths: readonly string[]): string[] {
  const shown = (rows ?? []).map(({ symbol }) => marketPath(symbol));
  return [...new Set(paths.length === 1 ? [...shown, ...paths] : shown)];
}

/** Null where ccxt has no such method, or needs a symbol, which it reports before it sends a request. */
async function fetchAll(session: ReadSession, method: `fetch${string}`): Promise<{ reported: unknown } | null> {
  if (!session.has(method)) return null;
  try {
    return { reported: await session.unified(ANYTHING, method) };
  } catch (error) {
    if (error instanceof ExchangeFailure && error.failure.kind === 'unsupported' && error.httpStatus === null)
      return null;
    throw error;
  }
}

/** The exchange's clock, from its own endpoint or else from the `Date` of an answer. */
async function readClock(session: ReadSession): Promise<number> {
  if (session.has('fetchTime')) {
    const reported = z
      .number()
      .int()
      .positive()
      .safeParse(await session.unified(ANYTHING, 'fetchTime'));
    if (reported.success) return reported.data;
  }
  if (session.has('fetchBalance')) await session.unified(ANYTHING, 'fetchBalance');
  if (session.answeredAt !== null) return session.answeredAt;
  throw session.failure('unsupported', ANYTHING, 'reports no time: neither fetchTime nor a Date in its answers');
}

function rowsOf<Row>(session: ReadSession, method: string, reported: unknown, row: z.ZodType<Row>): Row[] {
  const parsed = z.array(row).safeParse(reported);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
  throw session.failure(
    'unreadable',
    ANYTHING,
    `was converted by ccxt's ${method} to rows that cannot be used${where}`,
  );
}

async function marketOf(session: ReadSession, symbol: string): Promise<Market> {
  const market = await session.marketOf(symbol);
  if (market !== null) return market;
  throw session.failure('incomplete', ANYTHING, `names "${symbol}", which is not one of the exchange's markets`);
}

async function readPositions(session: ReadSession): Promise<Position[] | null> {
  const answer = await fetchAll(session, 'fetchPositions');
  if (answer === null) return null;
  const positions: Position[] = [];
  for (const row of rowsOf(session, 'fetchPositions', answer.reported, POSITION)) {
    if (row.contracts === undefined || row.contracts === null) {
      throw session.failure('unreadable', ANYTHING, `reported a position in ${row.symbol} without its size`);
    }
    if (isZero(row.contracts)) continue;
    const { side } = row;
    if (side === undefined || side === null) {
      throw session.failure('unreadable', ANYTHING, `reported a position in ${row.symbol} without its side`);
    }
    const market = await marketOf(session, row.symbol);
    positions.push({
      symbol: market.symbol,
      side,
      // Some classes report signed contracts besides the side.
      amount: multiplyDecimals(absoluteDecimal(row.contracts), market.contractSize),
      changedAt: row.lastUpdateTimestamp ?? null,
    });
  }
  return positions;
}

async function readOrders(session: ReadSession): Promise<OpenOrder[] | null> {
  const answer = await fetchAll(session, 'fetchOpenOrders');
  if (answer === null) return null;
  const orders: OpenOrder[] = [];
  for (const row of rowsOf(session, 'fetchOpenOrders', answer.reported, ORDER)) {
    const market = await marketOf(session, row.symbol);
    const triggerPrice = priceOf(row.triggerPrice);
    orders.push({
      id: row.id,
      clientOrderId: row.clientOrderId ?? null,
      symbol: market.symbol,
      side: row.side,
      type: row.type ?? 'unknown',
      price: priceOf(row.price),
      triggerPrice,
      amount: multiplyDecimals(row.amount, market.contractSize),
      filled: multiplyDecimals(row.filled, market.contractSize),
      conditional: triggerPrice !== null,
      changedAt: row.lastUpdateTimestamp ?? null,
    });
  }
  return orders;
}

async function readBalances(session: ReadSession): Promise<Balance[] | null> {
  const answer = await fetchAll(session, 'fetchBalance');
  if (answer === null) return null;
  const parsed = BALANCES.safeParse(answer.reported);
  if (!parsed.success) throw session.failure('unreadable', ANYTHING, 'reported balances without totals');
  return Object.entries(parsed.data.total)
    .filter(([, total]) => !isZero(total))
    .map(([currency, total]) => ({ currency, total: normalizeDecimal(total) }));
}

/** Only ccxt's fetchOrder. Its errors may mean anything, so the result is never "never seen". */
async function askOrder({ session, order, market }: OrderQuestion): Promise<Known> {
  if (order.id === null || !session.has('fetchOrder')) {
    return {
      undecided: `${UNVERIFIED}: it can be asked for by its exchange id only, where ccxt has fetchOrder`,
    };
  }
  const parsed = ORDER.safeParse(await session.unified(ANYTHING, 'fetchOrder', [order.id, market.symbol]));
  if (!parsed.success || parsed.data.id !== order.id) {
    return { undecided: `${UNVERIFIED}: the order query reported no such order` };
  }
  const { status, filled, average, lastUpdateTimestamp } = parsed.data;
  const end = ENDS[status ?? ''];
  if (end === undefined) return { undecided: `${UNVERIFIED}: the order query says "${status ?? 'nothing'}"` };
  return { end, filled, averagePrice: average ?? null, at: lastUpdateTimestamp ?? null };
}
