import { z } from 'zod';
import { absoluteDecimal, isZero, multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder, Position } from '../../domain/snapshot/snapshot.js';
import type { Market } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { priceOf } from '../profile/rows.js';
import { RowRefusal, rowsOf } from '../profile/unread.js';
import { decimalText, nameOf, word, type Endpoint } from '../transport/endpoint.js';
import { isMap } from '../../domain/text/is-map.js';

/* Rows as ccxt's parsers make them of the exchange's answers. */

const time = z.number().int().positive().nullish();

const POSITION = z.object({
  symbol: word,
  side: z.enum(['long', 'short']),
  contracts: decimalText,
  entryPrice: decimalText.nullish().catch(null),
  markPrice: decimalText.nullish().catch(null),
  lastUpdateTimestamp: time,
});

export const ORDER = z.object({
  id: word,
  clientOrderId: z.string().nullish(),
  symbol: word,
  side: z.enum(['buy', 'sell']),
  type: z.string().nullish(),
  status: z.string().nullish(),
  price: decimalText.nullish(),
  triggerPrice: decimalText.nullish(),
  stopLossPrice: decimalText.nullish(),
  takeProfitPrice: decimalText.nullish(),
  amount: decimalText,
  /** Some classes leave it out for orders that wait for a trigger. */
  filled: decimalText.nullish(),
  average: decimalText.nullish(),
  lastUpdateTimestamp: time,
  /** The exchange's own row. */
  info: z.record(z.string(), z.unknown()).nullish().catch(null),
});
type OrderRow = z.infer<typeof ORDER>;

/** @param size the field of the exchange's own row with the size, where ccxt takes another one */
export async function positionsOf(
  session: ReadSession,
  endpoint: Endpoint<unknown>,
  reported: unknown,
  size?: string,
): Promise<Position[]> {
  const sizeOf = (raw: Readonly<Record<string, unknown>>): unknown =>
    size === undefined ? raw['contracts'] : fieldOf(raw['info'], size);
  const isFlat = (raw: Readonly<Record<string, unknown>>): boolean => {
    const contracts = sizeOf(raw);
    return typeof contracts === 'string' && decimalText.safeParse(contracts).success && isZero(contracts);
  };
  const row = z.preprocess(
    (raw) => (isMap(raw) && size !== undefined ? { ...raw, contracts: sizeOf(raw) } : raw),
    rowsOf(POSITION, { symbol: 'symbol', skip: isFlat }),
  );
  const rows = listOf(session, endpoint, 'fetchPositions', reported, row);
  return session.convert(
    endpoint,
    rows,
    async ({ symbol, side, contracts, entryPrice, markPrice, lastUpdateTimestamp }): Promise<Position> => {
      const market = await marketOf(session, endpoint, symbol);
      session.notePrice(market.symbol, entryPrice, markPrice);
      return {
        symbol: market.symbol,
        side,
        // Some classes report signed contracts besides the side.
        amount: multiplyDecimals(absoluteDecimal(contracts), market.contractSize),
        changedAt: lastUpdateTimestamp ?? null,
      };
    },
    'positions',
  );
}

/** Open orders from the answer of ccxt's `fetchOpenOrders`. Throws ExchangeFailure if it is no list of orders. */
export async function ordersOf(
  session: ReadSession,
  endpoint: Endpoint<unknown>,
  reported: unknown,
): Promise<OpenOrder[]> {
  const rows = listOf(session, endpoint, 'fetchOpenOrders', reported, rowsOf(ORDER, { symbol: 'symbol' }));
  return session.convert(
    endpoint,
    rows,
    async (row): Promise<OpenOrder> => {
      const market = await marketOf(session, endpoint, row.symbol);
      const conditional = waitsForTrigger(row);
      const filled = row.filled ?? (conditional ? '0' : null);
      if (filled === null) {
        throw session.refuseRow(endpoint, market.symbol, `reported order ${row.id} without what was filled of it`);
      }
      return {
        id: row.id,
        clientOrderId: clientIdOf(row.clientOrderId),
        symbol: market.symbol,
        side: row.side,
        type: row.type ?? 'unknown',
        price: priceOf(row.price),
        triggerPrice: conditional ? triggerPriceOf(row) : null,
        amount: multiplyDecimals(row.amount, market.contractSize),
        filled: multiplyDecimals(filled, market.contractSize),
        conditional,
        changedAt: row.lastUpdateTimestamp ?? null,
      };
    },
    'orders',
  );
}

/** Fields of exchanges' own rows with the type of an order, where ccxt says only "limit" or "market". */
const TYPE_FIELDS = ['type', 'orderType', 'order_type', 'ordertype', 'algoType'];
const TRIGGER_TYPE = /stop|take|trail|trigger/i;

/** By a trigger price, or by the type. ccxt reads some triggers as prices of an attached stop, or not at all. */
function waitsForTrigger({ triggerPrice, type, info }: OrderRow): boolean {
  if (info?.['triggered'] === true) return false;
  const types = [type, ...TYPE_FIELDS.map((field) => info?.[field])];
  return priceOf(triggerPrice) !== null || types.some((text) => typeof text === 'string' && TRIGGER_TYPE.test(text));
}

function triggerPriceOf({ triggerPrice, stopLossPrice, takeProfitPrice, info }: OrderRow): string | null {
  const raw = decimalText.safeParse(info?.['trigger_price']);
  const candidates = [triggerPrice, stopLossPrice, takeProfitPrice, raw.success ? raw.data : null];
  return candidates.map(priceOf).find((price) => price !== null) ?? null;
}

/** Some exchanges answer "0" or "" where the order has none. */
function clientIdOf(id: string | null | undefined): string | null {
  return id === undefined || id === null || id === '' || id === '0' ? null : id;
}

function listOf<Row>(
  session: ReadSession,
  endpoint: Endpoint<unknown>,
  method: string,
  reported: unknown,
  row: z.ZodType<Row>,
): Row[] {
  const parsed = z.array(row).safeParse(reported);
  if (parsed.success) return parsed.data;
  throw session.failure(
    'unreadable',
    endpoint,
    `was converted by ccxt's ${method} to something that is no list of rows`,
  );
}

async function marketOf(session: ReadSession, endpoint: Endpoint<unknown>, symbol: string): Promise<Market> {
  const market = await session.marketOf(symbol);
  if (market !== null) return market;
  const what = `names "${symbol}", which is not one of the exchange's markets`;
  throw new RowRefusal('SYMBOL_UNKNOWN', symbol, nameOf(endpoint), what);
}

function fieldOf(raw: unknown, field: string): unknown {
  return isMap(raw) ? raw[field] : undefined;
}
