import { z } from 'zod';
import { isZero, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { Scope } from '../../domain/snapshot/scope.js';
import type { OpenOrder, ScopeGap } from '../../domain/snapshot/snapshot.js';
import type { MarketKind } from '../profile/markets.js';
import type { OrderSource } from '../profile/missing-orders.js';
import { amountOf } from '../profile/rows.js';
import type { ReadSession } from '../profile/read-session.js';
import { rowsOf, type ReadRow } from '../profile/unread.js';
import { decimalText, get, idText, word, type Endpoint } from '../transport/endpoint.js';
import { ExchangeFailure } from '../transport/error-kinds.js';

/*
 * TWAP and VP orders, which Binance executes as many small orders. They are in no list of open orders. Source: "Query
 * Current Algo Open Orders" of the algo trading documentation, for futures and for spot. The list has no pages.
 */

const ALGO_ROW = z.object({
  symbol: word,
  algoId: idText,
  clientAlgoId: word,
  side: z.enum(['BUY', 'SELL']),
  algoType: z.enum(['TWAP', 'VP']),
  totalQty: decimalText,
  executedQty: decimalText,
});
type AlgoRow = z.infer<typeof ALGO_ROW>;

const ALGO_ORDERS = z.object({ total: idText, orders: z.array(rowsOf(ALGO_ROW, { symbol: 'symbol' })) });

type AlgoEndpoint = Endpoint<{ total: string; orders: ReadRow<AlgoRow>[] }>;

export const USDM_ALGOS = algoEndpoint('/sapi/v1/algo/futures/openOrders', 'sapiGetAlgoFuturesOpenOrders', 'linear');
export const SPOT_ALGOS = algoEndpoint('/sapi/v1/algo/spot/openOrders', 'sapiGetAlgoSpotOpenOrders', 'spot');

function algoEndpoint(path: string, call: string, kind: MarketKind): AlgoEndpoint {
  return get(path, call, ALGO_ORDERS, { scope: `orders:conditional:${kind}` });
}

/** The account's TWAP and VP orders. Where they cannot be read, a gap says so: the rest of the orders is complete without them. */
export async function readAlgoOrders(
  session: ReadSession,
  endpoint: AlgoEndpoint,
  kind: MarketKind,
): Promise<{ orders: OpenOrder[]; gaps: ScopeGap[] }> {
  const scope: Scope = `orders:conditional:${kind}`;
  try {
    const { total, orders } = await session.ask(endpoint);
    if (BigInt(total) !== BigInt(orders.length)) {
      throw session.failure('incomplete', endpoint, `reported ${orders.length} of ${total} orders`);
    }
    return {
      orders: await session.convert(endpoint, orders, (row) => readOrder(session, endpoint, row, kind)),
      gaps: [],
    };
  } catch (error) {
    if (!(error instanceof ExchangeFailure)) throw error;
    return { orders: [], gaps: [{ scope: `${scope}:twap`, reason: `TWAP and VP orders: ${error.failure.message}` }] };
  }
}

async function readOrder(
  session: ReadSession,
  endpoint: AlgoEndpoint,
  row: AlgoRow,
  kind: MarketKind,
): Promise<OpenOrder> {
  const market = await session.market(row.symbol, endpoint, [kind]);
  return {
    id: row.algoId,
    clientOrderId: row.clientAlgoId,
    symbol: market.symbol,
    side: row.side === 'BUY' ? 'buy' : 'sell',
    type: row.algoType.toLowerCase(),
    price: null,
    triggerPrice: null,
    amount: amountOf(session, endpoint, row.algoId, row.totalQty, market),
    filled: isZero(row.executedQty) ? '0' : normalizeDecimal(row.executedQty),
    conditional: true,
    changedAt: null,
  };
}

/** An order query does not know such an order, which proves nothing. So what became of it is not asked. */
export const ALGOS_NOT_LOOKED_UP: OrderSource = {
  name: 'algo orders',
  when: ({ order }) => order.type === 'twap' || order.type === 'vp',
  ask: async () => ({ undecided: 'TWAP and VP orders are not looked up' }),
};
