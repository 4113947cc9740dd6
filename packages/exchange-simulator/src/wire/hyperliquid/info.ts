import { z } from 'zod';
import { clearinghouseState, spotClearinghouseState } from './account.js';
import { candleSnapshot, candleSnapshotSchema, fundingHistory, fundingHistorySchema } from './charts.js';
import { loadCrypto } from './crypto.js';
import { coinsBySymbol, hlNumber } from './markets.js';
import { allMids, meta, metaAndAssetContexts, orderBook, spotMeta } from './metadata.js';
import { fillRow, hashOf, openOrderRow, orderByOid, orderRow, sizesBefore, statusRow } from './rows.js';
import { accountAt, addressOfAccount, agentAddressOf, masterOfAgent } from './wallets.js';
import type { Account } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';
import type { Market } from '../../engine/market.js';
import type { Order } from '../../engine/order.js';

/** Maximum number of rows per answer ("Info endpoint": userFills, userFillsByTime, historicalOrders; "Pagination"). */
const MOST_FILLS = 2_000;
const MOST_ORDERS = 2_000;
const MOST_BLOCKS = 500;
/** Number of newest fills that can still be requested. */
const FILLS_KEPT = 10_000;

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const times = { startTime: z.number().int(), endTime: z.number().int().nullish() };

interface Question {
  /** The weight of the question, without the rows of the answer. */
  weight: number;
  /** Whether every 20 rows of the answer add a weight of one. */
  weighsRows: boolean;
  answer: (engine: Engine, body: unknown) => unknown;
}

/** `weight` defaults to 20, as in https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits. */
function question<Schema extends z.ZodType>(
  schema: Schema,
  answer: (engine: Engine, body: z.output<Schema>) => unknown,
  { weight = 20, weighsRows = false }: Partial<Pick<Question, 'weight' | 'weighsRows'>> = {},
): Question {
  return { weight, weighsRows, answer: (engine, body) => answer(engine, schema.parse(body)) };
}

const nothing = z.object({ dex: z.string().optional() });
const ofUser = z.object({ user: address, dex: z.string().optional() });
const fillsByTime = z.object({ user: address, ...times, aggregateByTime: z.boolean().optional() });

/**
 * `POST /info` by `type`. Pages: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint and,
 * below it, /perpetuals and /spot. Requests need no authentication: an account is public to anyone who knows its
 * address, and an unknown address is answered as an empty account; only `userRole` distinguishes the two. There is one
 * perpetual dex, the first, named "".
 */
export const QUESTIONS: Record<string, Question> = {
  meta: question(nothing, (engine) => meta(engine)),
  metaAndAssetCtxs: question(nothing, (engine) => metaAndAssetContexts(engine)),
  perpDexs: question(nothing, () => [null]),
  spotMeta: question(nothing, (engine) => spotMeta(engine)),
  spotMetaAndAssetCtxs: question(nothing, (engine) => [spotMeta(engine), []]),
  outcomeMeta: question(nothing, () => ({ outcomes: [], questions: [] })),
  allMids: question(nothing, (engine) => allMids(engine), { weight: 2 }),
  l2Book: question(z.object({ coin: z.string() }), (engine, { coin }) => orderBook(engine, coin), { weight: 2 }),
  candleSnapshot: question(candleSnapshotSchema, (engine, { req }) => candleSnapshot(engine, req)),
  fundingHistory: question(fundingHistorySchema, fundingHistory, { weighsRows: true }),
  exchangeStatus: question(nothing, (engine) => ({ time: engine.now(), specialStatuses: null }), { weight: 2 }),

  clearinghouseState: question(
    ofUser,
    (engine, { user, dex }) => clearinghouseState(engine, isFirstDex(dex) ? accountAt(engine, user) : null),
    { weight: 2 },
  ),
  spotClearinghouseState: question(
    ofUser,
    (engine, { user }) => spotClearinghouseState(engine, accountAt(engine, user)),
    { weight: 2 },
  ),
  openOrders: question(ofUser, (engine, { user, dex }) =>
    openOrders(engine, isFirstDex(dex) ? user : null).map(([order, market]) => openOrderRow(order, market)),
  ),
  frontendOpenOrders: question(ofUser, (engine, { user, dex }) =>
    openOrders(engine, isFirstDex(dex) ? user : null).map(([order, market]) => orderRow(order, market)),
  ),
  orderStatus: question(
    z.object({ user: address, oid: z.union([z.number().int().nonnegative(), z.string().regex(/^0x[0-9a-f]{32}$/)]) }),
    (engine, { user, oid }) => orderStatus(engine, accountAt(engine, user), oid),
    { weight: 2 },
  ),
  historicalOrders: question(ofUser, (engine, { user }) => historicalOrders(engine, accountAt(engine, user)), {
    weighsRows: true,
  }),
  userFills: question(ofUser, (engine, { user }) => fills(engine, user).slice(-MOST_FILLS).toReversed(), {
    weighsRows: true,
  }),
  userFillsByTime: question(
    fillsByTime,
    (engine, { user, startTime, endTime }) =>
      fills(engine, user)
        .filter(({ time }) => time >= startTime && time <= (endTime ?? Number.POSITIVE_INFINITY))
        .slice(0, MOST_FILLS),
    { weighsRows: true },
  ),
  // ccxt sends no start time.
  userFunding: question(z.object({ user: address, ...times, startTime: z.number().int().default(0) }), userFunding, {
    weighsRows: true,
  }),
  userNonFundingLedgerUpdates: question(z.object({ user: address, ...times }), liquidations, { weighsRows: true }),

  userRole: question(ofUser, async (engine, { user }) => userRole(engine, user), { weight: 60 }),
  extraAgents: question(ofUser, async (engine, { user }) => extraAgents(accountAt(engine, user))),
  subAccounts: question(ofUser, () => null),
  // The engine has one wallet for spot and perpetuals.
  userAbstraction: question(ofUser, () => 'unifiedAccount'),
  userRateLimit: question(ofUser, () => ({ cumVlm: '0.0', nRequestsUsed: 0, nRequestsCap: 10_000 })),
};

function isFirstDex(dex: string | undefined): boolean {
  return dex === undefined || dex === '';
}

/** The newest first. */
function openOrders(engine: Engine, user: string | null): [Order, Market][] {
  const account = user === null ? null : accountAt(engine, user);
  return listed(engine, account?.open() ?? []).toReversed();
}

/** For a conditional order that triggered, only the resulting order, which continues under its number. */
function historicalOrders(engine: Engine, account: Account | null): unknown[] {
  const orders = (account?.allOrders() ?? []).filter(({ status }) => status !== 'triggered');
  return listed(engine, orders)
    .toSorted(([a], [b]) => b.updatedAt - a.updatedAt)
    .slice(0, MOST_ORDERS)
    .map(([order, market]) => statusRow(order, market));
}

function orderStatus(engine: Engine, account: Account | null, oid: number | string): unknown {
  const order = account === null ? null : orderByOid(account, oid);
  const [found] = order === null ? [] : listed(engine, [order]);
  return found === undefined ? { status: 'unknownOid' } : { status: 'order', order: statusRow(...found) };
}

function listed(engine: Engine, orders: readonly Order[]): [Order, Market][] {
  const markets = coinsBySymbol(engine);
  return orders.flatMap((order) => {
    const market = markets.get(order.symbol);
    return market === undefined ? [] : [[order, market]];
  });
}

/** The oldest first. */
function fills(engine: Engine, user: string): (Record<string, unknown> & { time: number })[] {
  const account = accountAt(engine, user);
  if (account === null) return [];
  const [markets, sizes] = [coinsBySymbol(engine), sizesBefore(account)];
  return account.trades.slice(-FILLS_KEPT).flatMap((trade) => {
    const market = markets.get(trade.symbol);
    if (market === undefined) return [];
    return [{ ...fillRow(account, market, trade, sizes.get(trade.id) ?? '0'), time: trade.at }];
  });
}

interface Span {
  user: string;
  startTime: number;
  endTime?: number | null | undefined;
}

/** Funding payments, which are not fills, oldest first. */
function userFunding(engine: Engine, { user, startTime, endTime }: Span): unknown[] {
  const markets = coinsBySymbol(engine);
  return (accountAt(engine, user)?.funding ?? [])
    .filter(({ symbol, at }) => markets.has(symbol) && at >= startTime && at <= (endTime ?? Number.POSITIVE_INFINITY))
    .slice(0, MOST_BLOCKS)
    .map(({ id, symbol, amount, payment, rate, at }) => ({
      time: at,
      hash: hashOf(id),
      delta: {
        type: 'funding',
        coin: markets.get(symbol)?.base,
        usdc: hlNumber(payment),
        szi: hlNumber(amount),
        fundingRate: rate,
        nSamples: null,
      },
    }));
}

/** The simulator reports only liquidations; the exchange also reports other events. */
function liquidations(engine: Engine, { user, startTime, endTime }: Span): unknown[] {
  const account = accountAt(engine, user);
  const forced = listed(engine, account?.allOrders() ?? []).filter(([order]) => order.placedBy === 'liquidation');
  return forced
    .filter(([{ createdAt: at }]) => at >= startTime && at <= (endTime ?? Number.POSITIVE_INFINITY))
    .slice(0, MOST_BLOCKS)
    .map(([order, market]) => ({
      time: order.createdAt,
      hash: hashOf(order.id),
      delta: {
        type: 'liquidation',
        liquidatedNtlPos: hlNumber(order.filledValue),
        accountValue: '0.0',
        leverageType: 'Cross',
        liquidatedPositions: [
          { coin: market.base, szi: hlNumber(order.side === 'sell' ? order.filled : `-${order.filled}`) },
        ],
      },
    }));
}

async function userRole(engine: Engine, user: string): Promise<unknown> {
  if (accountAt(engine, user) !== null) return { role: 'user' };
  const master = masterOfAgent(engine, user, await loadCrypto());
  return master === null ? { role: 'missing' } : { role: 'agent', data: { user: addressOfAccount(master) } };
}

async function extraAgents(account: Account | null): Promise<unknown[]> {
  const crypto = await loadCrypto();
  const traders = (account?.keys ?? []).filter(({ canTrade }) => canTrade);
  return traders.map((key) => ({ name: key.key.slice(0, 16), address: agentAddressOf(key, crypto), validUntil: null }));
}
