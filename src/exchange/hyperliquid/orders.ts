import { z } from 'zod';
import { isZero, subtractDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import type { ReadSession } from '../profile/read-session.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';
import { isAside, rowsOf, type ReadRow, type RowRefusal } from '../profile/unread.js';
import { filledOf, info, ORDER_ROW, type OrderRow } from './common.js';
import { checkDex, KINDS, paramsOf, refuseOtherDex, type Dex } from './dexes.js';

const OPEN_ORDERS = info(
  'frontendOpenOrders',
  z.array(
    rowsOf(ORDER_ROW.extend({ children: z.array(rowsOf(ORDER_ROW, { symbol: 'coin' })).nullish() }), {
      symbol: 'coin',
    }),
  ),
  { scope: 'orders' },
);

/** Types of orders that rest, in lower case. "Market" and the like may be the type of one that a trigger has just released. */
const ORDER_TYPES: ReadonlySet<string> = new Set([
  'market',
  'limit',
  'stop_market',
  'stop_limit',
  'take_profit_market',
  'take_profit_limit',
  'twap_slice',
  'vault_close',
  'spot_dust_conversion',
]);

const OUTCOME = /^#\d+$/;

/** The open orders of one dex; the first one also has those of spot. */
export async function readOrders(session: ReadSession, user: string, dex: Dex): Promise<OpenOrder[]> {
  const reported = await session.ask(OPEN_ORDERS, paramsOf(OPEN_ORDERS, user, dex));
  const rows = reported.filter((row) => isAside(row) || !OUTCOME.test(row.coin));
  checkDex(session, OPEN_ORDERS, rows, dex);
  const listed = new Set<string>();
  const parents = new Map<string, string>();
  for (const row of rows) {
    if (isAside(row)) continue;
    listed.add(row.oid);
    for (const child of row.children ?? []) if (!isAside(child)) parents.set(child.oid, row.oid);
  }
  // Orders that wait for another one to fill are its children. Some are also listed separately.
  const all = rows.flatMap((row): ReadRow<OrderRow>[] =>
    isAside(row) ? [row] : [row, ...(row.children ?? []).filter((child) => isAside(child) || !listed.has(child.oid))],
  );
  return session.convert(OPEN_ORDERS, all, (row) => orderOf(session, row, dex, parents.get(row.oid)));
}

async function orderOf(session: ReadSession, row: OrderRow, dex: Dex, parent: string | undefined): Promise<OpenOrder> {
  refuseOtherDex(session, OPEN_ORDERS, row.coin, dex);
  const market = await session.market(row.coin, OPEN_ORDERS, dex === null ? KINDS : ['linear']);
  const refuse = (what: string): RowRefusal =>
    session.refuseRow(OPEN_ORDERS, market.symbol, `reported order ${row.oid} ${what}`);
  const sizes = filledOf(row);
  if (sizes === null) throw refuse(`that ${row.sz} of ${row.origSz} remain`);
  const type = row.orderType.toLowerCase().replaceAll(' ', '_');
  if (!ORDER_TYPES.has(type)) throw refuse(`of the type "${row.orderType}", which is not known`);
  const price = priceOf(row.limitPx);
  if (type === 'limit' && price === null) throw refuse('without a limit price');
  const trigger = priceOf(row.triggerPx);
  if (row.isTrigger && trigger === null) throw refuse('without a trigger price');
  const wholePosition = row.isPositionTpsl && isZero(row.origSz);
  const filled = subtractDecimals(sizes.whole, sizes.remaining);
  return {
    id: row.oid,
    clientOrderId: row.cloid ?? null,
    symbol: market.symbol,
    side: row.side === 'B' ? 'buy' : 'sell',
    type,
    // The limit price of a market order is the worst price that it may get.
    price: type.endsWith('market') ? null : price,
    triggerPrice: row.isTrigger ? trigger : null,
    amount: wholePosition ? null : amountOf(session, OPEN_ORDERS, row.oid, row.origSz, market),
    filled,
    conditional: row.isTrigger && row.triggerCondition !== 'Triggered',
    changedAt: isZero(filled) ? timeOf(row.timestamp) : null,
    ...(parent === undefined ? {} : { parent }),
  };
}
