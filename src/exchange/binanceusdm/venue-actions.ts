import { z } from 'zod';
import { multiplyDecimals, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { VenueAction } from '../../domain/explain/cause.js';
import { decimalText, timeMs, word, get } from '../transport/endpoint.js';
import type { VenueActionQuestion } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';

/*
 * What Binance itself did to a USD-M account: orders of its risk engine, and funding.
 * Source: "User's Force Orders" and "Get Income History" of the USDⓈ-M futures documentation.
 */

const FORCE_ORDER = z.object({
  symbol: word,
  side: z.enum(['BUY', 'SELL']),
  /** Of a liquidation "autoclose-...", of a deleveraging "adl_autoclose". Source: "Order Update" event. */
  clientOrderId: z.string(),
  executedQty: decimalText,
  avgPrice: decimalText,
  updateTime: timeMs,
});

const FORCE_ORDERS = get('/fapi/v1/forceOrders', 'fapiPrivateGetForceOrders', z.array(FORCE_ORDER));

const FUNDING_FEE = z.object({ asset: word, income: decimalText, time: timeMs });

const INCOME = get('/fapi/v1/income', 'fapiPrivateGetIncome', z.array(FUNDING_FEE));

/** The largest answers. More rows in the requested time are not read, so that their differences get no cause. */
const FORCE_ORDERS_LIMIT = '100';
const INCOME_LIMIT = '1000';

export async function readBinanceUsdmVenueActions(
  session: ReadSession,
  question: VenueActionQuestion,
): Promise<VenueAction[]> {
  const startTime = String(question.since);
  const venueActions: VenueAction[] = [];
  for (const symbol of question.symbols) {
    const market = await session.marketOf(symbol);
    if (market === null) continue;
    const orders = await session.ask(FORCE_ORDERS, { symbol: market.id, startTime, limit: FORCE_ORDERS_LIMIT });
    for (const { side, clientOrderId, executedQty, avgPrice, updateTime } of orders) {
      const amount = multiplyDecimals(executedQty, market.contractSize);
      venueActions.push({
        kind: clientOrderId.startsWith('adl') ? 'deleveraging' : 'liquidation',
        symbol,
        change: multiplyDecimals(amount, side === 'SELL' ? '-1' : '1'),
        price: avgPrice,
        at: updateTime,
      });
    }
  }
  if (question.currencies.length === 0) return venueActions;
  const fees = await session.ask(INCOME, { incomeType: 'FUNDING_FEE', startTime, limit: INCOME_LIMIT });
  for (const { asset, income, time } of fees) {
    const symbol = session.currency(asset);
    if (!question.currencies.includes(symbol)) continue;
    venueActions.push({ kind: 'funding', symbol, change: normalizeDecimal(income), price: null, at: time });
  }
  return venueActions;
}
