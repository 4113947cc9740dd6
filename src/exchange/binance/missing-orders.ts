import { Big } from 'big.js';
import { z } from 'zod';
import { isZero, signOf } from '../../domain/decimal/decimal.js';
import type { MissingOrders, OrderEnd } from '../profile/missing-orders.js';
import { REMEMBERS_ALL } from '../profile/missing-orders.js';
import { noSuchOrder, orderSource, type OrderRow } from '../profile/order-sources.js';
import { timeOf } from '../profile/rows.js';
import { decimalText, get, idText, timeMs, word } from '../transport/endpoint.js';
import { ALGOS_NOT_LOOKED_UP } from './algo-orders.js';
import { UNKNOWN_ORDER } from './common.js';
import { closedOrders, orderParams, ownTrades, TRADE } from './order-history.js';

/*
 * What became of a spot order that is not open. Spot does not forget silently, unlike futures: an order that ended unfilled
 * over 90 days ago is answered with -2026 (ORDER_ARCHIVED), so -2013 means that there never was one.
 * Source: "Query order", "All orders", "Account trade list" and the error codes of the spot documentation.
 */

const ENDS = {
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  PENDING_NEW: 'open',
  PENDING_CANCEL: 'open',
  FILLED: 'filled',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
} as const satisfies Record<string, OrderEnd>;

const ORDER = z.object({
  symbol: word,
  orderId: idText,
  clientOrderId: z.string(),
  status: z.enum(Object.keys(ENDS) as (keyof typeof ENDS)[]),
  executedQty: decimalText,
  cummulativeQuoteQty: decimalText,
  updateTime: timeMs,
});

const QUERY_ORDER = get('/api/v3/order', 'privateGetOrder', ORDER);
const ALL_ORDERS = get('/api/v3/allOrders', 'privateGetAllOrders', z.array(ORDER));
const OWN_TRADES = get('/api/v3/myTrades', 'privateGetMyTrades', z.array(TRADE));

const ARCHIVED_ORDER = '-2026';

export const BINANCE_MISSING_ORDERS: MissingOrders = {
  sources: [
    ALGOS_NOT_LOOKED_UP,
    orderSource({
      name: 'order query',
      endpoint: QUERY_ORDER,
      params: orderParams,
      rows: (row) => [row],
      read,
      only: true,
      codes: {
        ...noSuchOrder(UNKNOWN_ORDER),
        [ARCHIVED_ORDER]: { undecided: 'order query: it ended unfilled over 90 days ago, canceled or expired' },
      },
    }),
    closedOrders(ALL_ORDERS, read),
    ownTrades(OWN_TRADES),
  ],
  memory: REMEMBERS_ALL,
};

function read(row: z.infer<typeof ORDER>): OrderRow {
  const { orderId, clientOrderId, symbol, status, executedQty, cummulativeQuoteQty, updateTime } = row;
  // A negative sum means that Binance does not know it any more.
  const priced = !isZero(executedQty) && signOf(cummulativeQuoteQty) > 0;
  return {
    id: orderId,
    clientOrderId,
    market: symbol,
    says: {
      end: ENDS[status],
      filled: executedQty,
      averagePrice: priced ? new Big(cummulativeQuoteQty).div(executedQty).toFixed() : null,
      at: timeOf(updateTime),
    },
  };
}
