import { absoluteDecimal, multiplyDecimals, normalizeDecimal, signOf } from '../../../domain/decimal/decimal.js';
import type { Balance, OpenOrder, Position, PositionMode, ScopeGap } from '../../../domain/snapshot/snapshot.js';
import type { AccountTable, HeldRows, OrderRows } from '../../profile/define-exchange.js';
import { amountOf, priceOf, timeOf } from '../../profile/rows.js';
import type { ReadSession } from '../../profile/read-session.js';
import { EmptyRow, isAside, type ReadRow } from '../../profile/unread.js';
import type { Endpoint } from '../../transport/endpoint.js';
import { readAlgoOrders, USDM_ALGOS } from '../algo-orders.js';
import { isPortfolio, kindOf, type FuturesApi } from './api.js';
import { askAccount, type FuturesApis } from './portfolio-margin.js';
import { TRAILING, waits, type ConditionalRow, type OrderRow, type PositionRow } from './shapes.js';

/** The account's API, and its first positions: they show which API it is. */
interface Setup {
  api: FuturesApi;
  first: ReadRow<PositionRow>[] | null;
}

interface Held extends HeldRows {
  modes: PositionMode[];
}

interface Orders extends OrderRows {
  modes: PositionMode[];
  gaps: ScopeGap[];
}

/** How an account of one of Binance's futures APIs is read. */
export function futuresAccount(
  apis: FuturesApis,
  clock: (session: ReadSession) => Promise<number | null>,
): AccountTable<Setup, Held, Orders> {
  const kind = kindOf(apis.classic.contracts);
  return {
    clock,
    setup: async (session) => {
      const { api, answer } = await askAccount(session, apis, (asked) => session.ask(asked.positions));
      session.accountKind = isPortfolio(api) ? 'portfolio margin' : 'futures account';
      return { api, first: answer };
    },
    // Positions are asked twice, because they weigh less than each list of orders.
    held: async (session, setup) => {
      const { api, first } = setup;
      setup.first = null;
      const rows = first ?? (await session.ask(api.positions));
      const balances = session.wantsBalances ? await readBalances(session, api) : null;
      return { positions: await readPositions(session, api, rows), balances, modes: modesOfPositions(rows) };
    },
    orders: async (session, { api }) => {
      const conditional = await readConditionalOrders(session, api);
      const algos = api.contracts === 'um' ? await readAlgoOrders(session, USDM_ALGOS, 'linear') : NO_ALGOS;
      const rows = await session.ask(api.openOrders);
      const regular = await session.convert(api.openOrders, rows, (row) => readOrder(session, api, row));
      return {
        orders: [...regular, ...conditional.orders, ...algos.orders],
        modes: [...modesOf(conditional.rows), ...modesOf(rows)],
        gaps: algos.gaps,
      };
    },
    positionMode: ({ session, setup, held, orders }) =>
      positionMode(session, setup.api, [...held.modes, ...orders.modes]),
    scopes: [`positions:${kind}`, `orders:regular:${kind}`, `orders:conditional:${kind}`],
    gaps: ({ orders }) => orders.gaps,
  };
}

/** COIN-M has no TWAP and VP orders: they are "only support[ed] on USDⓈ-M Contracts". */
const NO_ALGOS = { orders: [], gaps: [] };

/** Rows report the mode. Only an account without rows is asked for it. */
async function positionMode(
  session: ReadSession,
  api: FuturesApi,
  modes: readonly PositionMode[],
): Promise<PositionMode | null> {
  const [mode, other] = new Set(modes);
  if (other !== undefined) {
    const what = 'reported both position modes in one read: the mode was just changed';
    throw session.failure('incomplete', api.positions, what);
  }
  if (mode !== undefined) return mode;
  const answer = await session.askIfThere(api.positionMode);
  return answer === null ? null : answer.dualSidePosition ? 'hedge' : 'one-way';
}

function modesOf(rows: readonly ReadRow<{ positionSide?: string | null | undefined }>[]): PositionMode[] {
  return rows.flatMap((row) => modeOf(isAside(row) ? row.text('positionSide') : row.positionSide) ?? []);
}

/**
 * COIN-M lists every symbol, in hedge mode with its LONG, its SHORT and its BOTH row. So a BOTH row that holds nothing shows the
 * mode only where there is no other row.
 */
function modesOfPositions(rows: readonly ReadRow<PositionRow>[]): PositionMode[] {
  const empty = modesOf(rows.filter((row) => row instanceof EmptyRow));
  const held = modesOf(rows.filter((row) => !(row instanceof EmptyRow)));
  if (held.length > 0) return [...new Set(held)];
  return empty.includes('hedge') ? ['hedge'] : empty.slice(0, 1);
}

function modeOf(positionSide: string | null | undefined): PositionMode | null {
  if (positionSide === 'BOTH') return 'one-way';
  return positionSide === 'LONG' || positionSide === 'SHORT' ? 'hedge' : null;
}

async function readPositions(
  session: ReadSession,
  api: FuturesApi,
  rows: readonly ReadRow<PositionRow>[],
): Promise<Position[]> {
  return session.convert(api.positions, rows, async (row) => {
    const sign = signOf(row.positionAmt);
    const market = await session.market(row.symbol, api.positions, [kindOf(api.contracts)]);
    if (row.positionSide === 'LONG' && sign < 0) {
      throw session.refuseRow(api.positions, market.symbol, `reported a LONG position of ${row.positionAmt}`);
    }
    session.notePrice(market.symbol, row.entryPrice, row.markPrice);
    const short = row.positionSide === 'BOTH' ? sign < 0 : row.positionSide === 'SHORT';
    return {
      symbol: market.symbol,
      side: short ? 'short' : 'long',
      amount: multiplyDecimals(absoluteDecimal(row.positionAmt), market.contractSize),
      changedAt: timeOf(row.updateTime),
    };
  });
}

/** The wallet without the profit or loss of open positions. It changes with fills, fees and funding, not with prices. */
async function readBalances(session: ReadSession, { balances }: FuturesApi): Promise<Balance[]> {
  const rows = await session.ask(balances);
  return session.convert(balances, rows, ({ asset, balance }) => ({
    currency: session.currency(asset),
    total: normalizeDecimal(balance),
  }));
}

async function readOrder(session: ReadSession, api: FuturesApi, row: OrderRow): Promise<OpenOrder> {
  const market = await session.market(row.symbol, api.openOrders, [kindOf(api.contracts)]);
  return {
    id: row.orderId,
    clientOrderId: row.clientOrderId,
    symbol: market.symbol,
    side: row.side === 'BUY' ? 'buy' : 'sell',
    type: row.type.toLowerCase(),
    price: priceOf(row.price),
    triggerPrice: triggerOf(row.type, row.stopPrice, row.activatePrice),
    amount: row.closePosition === true ? null : amountOf(session, api.openOrders, row.orderId, row.origQty, market),
    filled: multiplyDecimals(row.executedQty, market.contractSize),
    conditional: waits(row.type),
    changedAt: timeOf(row.updateTime),
  };
}

/** An order may be in both lists of portfolio margin: then it counts once. */
async function readConditionalOrders(
  session: ReadSession,
  api: FuturesApi,
): Promise<{ rows: ReadRow<ConditionalRow>[]; orders: OpenOrder[] }> {
  const rows: ReadRow<ConditionalRow>[] = [];
  const orders: OpenOrder[] = [];
  for (const endpoint of api.conditional) {
    // The first of two lists is deprecated and may disappear.
    const isOld = api.conditional.length > 1 && endpoint === api.conditional[0];
    const listed = isOld ? ((await session.askIfThere(endpoint)) ?? []) : await session.ask(endpoint);
    const known = new Set(orders.map(({ id }) => id));
    const read = await session.convert(endpoint, listed, (row) => readConditionalOrder(session, api, endpoint, row));
    rows.push(...listed);
    orders.push(...read.filter(({ id }) => !known.has(id)));
  }
  return { rows, orders };
}

async function readConditionalOrder(
  session: ReadSession,
  api: FuturesApi,
  endpoint: Endpoint<unknown>,
  row: ConditionalRow,
): Promise<OpenOrder | null> {
  // It has triggered or ended. An order that it became is in the list of regular orders.
  if (row.status !== null && row.status !== 'NEW' && row.status !== 'TRIGGERING') return null;
  const market = await session.market(row.symbol, endpoint, [kindOf(api.contracts)]);
  return {
    id: row.id,
    clientOrderId: row.clientOrderId,
    symbol: market.symbol,
    side: row.side === 'BUY' ? 'buy' : 'sell',
    type: row.type.toLowerCase(),
    price: priceOf(row.price),
    triggerPrice: triggerOf(row.type, row.triggerPrice, row.activatePrice),
    amount: row.closePosition ? null : amountOf(session, endpoint, row.id, row.amount, market),
    filled: '0',
    conditional: true,
    changedAt: timeOf(row.updateTime),
  };
}

/** The trigger of a trailing stop moves with the market, so only the price that activates it is given. */
function triggerOf(
  type: string,
  trigger: string | null | undefined,
  activate: string | null | undefined,
): string | null {
  return priceOf(type === TRAILING ? activate : trigger);
}
