import { z } from 'zod';
import { isZero, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { ExactJson } from '../../domain/text/exact-json.js';
import { marketPath, overlaps, type Scope } from '../../domain/snapshot/scope.js';
import type { Balance, OpenOrder, Position, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { readTogether, statesOfBalances, statesOfPositions } from '../profile/consistency.js';
import { REMEMBERS_ALL, type Known, type OrderEnd, type OrderQuestion } from '../profile/missing-orders.js';
import type { AccountState, Profile } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { ANY_PATH, decimalText, type Endpoint } from '../transport/endpoint.js';
import { ExchangeFailure } from '../transport/error-kinds.js';
import { knownQuestionsOf, type KnownQuestion } from './known-questions.js';
import { ORDER, ordersOf, positionsOf } from './rows.js';

/*
 * Any exchange of ccxt without its own profile, through ccxt's unified methods and parsers. What those leave out or read as empty
 * is not visible here, so the profile claims only what an answer shows. The rest is a gap, "unverified profile".
 *
 * - Ids with known questions (known-questions.ts) are asked only these. Their answers cover what the exchange documents, also if
 *   they are empty.
 * - Of any other id, ccxt's question without a symbol may be about one kind of contracts of several. A list with a row of a
 *   market kind and settle currency covers that kind, and an exchange with only one such kind cannot mean another. An empty list
 *   covers only what ccxt asked for, whatever that is (`positions:asked`): no key is in that scope, so a position that only the
 *   bot has is not compared, and the gap `positions` says so.
 * - A list that is as long as a page claims nothing.
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

const BALANCES = z.object({ total: z.record(z.string(), decimalText) });

/** Page lengths of exchanges: a list of such a length may be only a part. */
const PAGE_LENGTHS = new Set([10, 15, 20, 25, 30, 40, 50, 100, 150, 200, 250, 300, 500, 1000]);

const ENDS: Record<string, OrderEnd> = {
  open: 'open',
  closed: 'filled',
  canceled: 'canceled',
  expired: 'expired',
  rejected: 'rejected',
};

/** A profile that claims only what it can show. */
export function genericProfile(id: string): Profile {
  const known = knownQuestionsOf(id);
  return {
    id,
    verified: false,
    options: { warnOnFetchOpenOrdersWithoutSymbol: false },
    marketEndpoints: [ANYTHING],
    budget: { perMinute: 600, burst: 100 },
    marketKinds: ['spot', 'linear', 'inverse'],
    ...(known?.contractSize === undefined ? {} : { contractSize: known.contractSize }),
    codeOf: (_document: ExactJson): string | null => null,
    codes: {},
    limits: {},
    readState: (session) => readState(session, known?.questions ?? null),
    missingOrders: {
      sources: [{ name: `order query (${UNVERIFIED})`, ask: askOrder }],
      memory: REMEMBERS_ALL,
    },
  };
}

/** Rows, what they cover, and what is known to be missing. */
interface Listed<Row> {
  rows: Row[];
  scopes: Scope[];
  gaps: ScopeGap[];
}

async function readState(session: ReadSession, known: readonly KnownQuestion[] | null): Promise<AccountState> {
  const asOf = await readClock(session);
  const { held, orders, moved } = await readTogether({
    held: async () => ({ positions: await readPositions(session, known), balances: await readBalances(session) }),
    orders: () => readOrders(session, known),
    statesOf: ({ positions, balances }) => [...statesOfPositions(positions.rows), ...statesOfBalances(balances ?? [])],
  });
  const paths = pathsOf(session);
  const { positions, balances } = held;
  const isSpotOnly = paths.length === 1 && paths[0] === 'spot';
  return {
    asOf,
    positionMode: null,
    scopes: [...new Set([...positions.scopes, ...orders.scopes, ...balanceScopes(balances, isSpotOnly)])],
    gaps: [
      ...positions.gaps,
      ...orders.gaps,
      { scope: 'balances', reason: `${UNVERIFIED}: ccxt may ask for one wallet of several` },
    ],
    positions: positions.rows,
    orders: orders.rows,
    balances: balances ?? [],
    movedWhileRead: moved,
  };
}

async function readPositions(session: ReadSession, known: readonly KnownQuestion[] | null): Promise<Listed<Position>> {
  const gap = { scope: 'positions', reason: `${UNVERIFIED}: ccxt may ask for one kind of contracts of several` };
  const questions = known?.filter(({ method }) => method === 'fetchPositions') ?? null;
  const convert = (reported: unknown, { endpoint, size }: Pick<KnownQuestion, 'endpoint' | 'size'>) =>
    positionsOf(session, endpoint, reported, size);
  if (questions !== null) return askKnown(session, questions, convert, gap);
  const contracts = pathsOf(session).filter((path) => path !== 'spot');
  return askOnce(session, 'fetchPositions', contracts, convert, gap);
}

async function readOrders(session: ReadSession, known: readonly KnownQuestion[] | null): Promise<Listed<OpenOrder>> {
  const gap = {
    scope: 'orders',
    reason: `${UNVERIFIED}: ccxt may leave out conditional orders, and ask for one market of several`,
  };
  const questions = known?.filter(({ method }) => method === 'fetchOpenOrders') ?? null;
  const convert = (reported: unknown, { endpoint }: Pick<KnownQuestion, 'endpoint'>) =>
    ordersOf(session, endpoint, reported);
  if (questions !== null) return askKnown(session, questions, convert, gap);
  return askOnce(session, 'fetchOpenOrders', pathsOf(session), convert, gap, 'orders:regular');
}

/** Asks the known questions of the exchange's markets. Their answers are complete, unless one is as long as a page. */
async function askKnown<Row>(
  session: ReadSession,
  questions: readonly KnownQuestion[],
  convert: (reported: unknown, question: KnownQuestion) => Promise<Row[]>,
  gap: ScopeGap,
): Promise<Listed<Row>> {
  const listed: Listed<Row> = { rows: [], scopes: [], gaps: [gap] };
  const paths = pathsOf(session);
  for (const question of questions) {
    const { method, params, endpoint, covers, page } = question;
    const isOfMarkets = covers.some((scope) =>
      paths.some((path) => overlaps(scope.replace(/^positions:|^orders:\w+:/, ''), path)),
    );
    if (!isOfMarkets) continue;
    const args = method === 'fetchPositions' ? [undefined, { ...params }] : [undefined, undefined, page, { ...params }];
    const reported = await session.unified(endpoint, method, args);
    listed.rows.push(...(await convert(reported, question)));
    const length = Array.isArray(reported) ? reported.length : 0;
    if (page === undefined || length < page) listed.scopes.push(...covers);
    else for (const scope of covers) listed.gaps.push({ scope, reason: pageReason(length) });
  }
  return listed;
}

/** Calls ccxt's method without a symbol. Only its answer shows what it covers. */
async function askOnce<Row extends { symbol: string }>(
  session: ReadSession,
  method: KnownQuestion['method'],
  paths: readonly string[],
  convert: (reported: unknown, question: { endpoint: Endpoint<unknown> }) => Promise<Row[]>,
  gap: ScopeGap,
  scope: Scope = gap.scope,
): Promise<Listed<Row>> {
  const answer = await fetchAll(session, method);
  if (answer === null) return { rows: [], scopes: [], gaps: [gap] };
  const rows = await convert(answer.reported, { endpoint: ANYTHING });
  const length = Array.isArray(answer.reported) ? answer.reported.length : 0;
  // A spot exchange has no positions that an answer without rows could mean.
  const asked = paths.length === 0 ? [] : [`${scope}:asked`];
  if (PAGE_LENGTHS.has(length)) {
    return { rows, scopes: asked, gaps: [gap, { scope, reason: pageReason(length) }] };
  }
  const shown = [...rows.map(({ symbol }) => marketPath(symbol)), ...(paths.length === 1 ? paths : [])];
  return {
    rows,
    scopes: [...shown.map((path) => `${scope}:${path}`), ...asked],
    gaps: [gap],
  };
}

function pageReason(length: number): string {
  return `${UNVERIFIED}: exactly ${length} rows may be one page of more`;
}

/** "spot", "linear:USDT", ...: of the exchange's markets. */
function pathsOf(session: ReadSession): string[] {
  return [...new Set(session.symbols().map(marketPath))];
}

function balanceScopes(balances: readonly Balance[] | null, isSpotOnly: boolean): Scope[] {
  if (balances === null) return [];
  return isSpotOnly ? ['balances'] : balances.map(({ currency }) => `balances:${currency}`);
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
  return { end, filled: filled ?? null, averagePrice: average ?? null, at: lastUpdateTimestamp ?? null };
}
