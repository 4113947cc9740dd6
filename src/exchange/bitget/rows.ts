import { z } from 'zod';
import { decimalText } from '../transport/endpoint.js';
import type { Market } from '../profile/markets.js';
import { changeTimeOf, NOTHING } from './common.js';

/* The common fields of open orders on futures and on spot. */

export const SIDE = z.enum(['buy', 'sell']);
export const OPEN_STATUS = z.enum(['live', 'new', 'init', 'partially_filled']);
export const optionalPrice = z.union([decimalText, NOTHING]).nullish();

interface CommonRow {
  orderId: string;
  clientOid?: string | null | undefined;
  orderType: string;
  cTime?: number | '' | null | undefined;
  uTime?: number | '' | null | undefined;
}

export function commonOf(row: CommonRow, market: Market) {
  return {
    id: row.orderId,
    clientOrderId: row.clientOid === undefined || row.clientOid === '' ? null : row.clientOid,
    symbol: market.symbol,
    type: row.orderType,
    changedAt: changeTimeOf(row),
  };
}
