import { read, type Route, type SignedCall } from '../shared/route.js';
import { CATEGORIES, categoryOfMarket, unifiedIdOf } from './categories.js';
import { BitgetError } from '../shared/errors.js';
import { cursorPage, withinSpan } from './pages.js';
import type { Trade } from '../../../engine/order.js';
import { negateDecimal, normalizeDecimal, signOf } from '@plumbline/primitives/decimal';

/**
 * Changes of the wallet: https://www.bitget.com/api-doc/uta/account/Get-Financial-Records, their types on uta/enum. The balance
 * after each change is not reported, because the engine does not keep it.
 */
export const UNIFIED_RECORDS: Route[] = [
  read('/api/v3/account/financial-records', 20, (call) => {
    const category = call.parameters.word('category', [...CATEGORIES, 'OTHER']);
    if (category === undefined) throw new BitgetError('400172', 'Parameter verification failed');
    const [coin, type] = [call.parameters.text('coin')?.toUpperCase(), call.parameters.text('type')];
    const asked = recordsOf(call).filter(
      (record) =>
        record.category === category &&
        (coin === undefined || record.coin === coin) &&
        (type === undefined || record.type === type),
    );
    const { page, cursor } = cursorPage(
      withinSpan(asked, call, ({ at }) => at),
      call,
      ({ id }) => id,
    );
    return { list: page.map(({ at, ...record }) => ({ ...record, balance: '', ts: String(at) })), cursor };
  }),
  // Nothing is deposited, withdrawn or moved between accounts here.
  read('/api/v3/account/funding-financial-records', 10, () => ({ list: [], cursor: null })),
  read('/api/v3/account/deposit-records', 10, () => []),
  read('/api/v3/account/withdrawal-records', 10, () => []),
];

interface FinancialRecord {
  category: string;
  id: string;
  symbol: string;
  coin: string;
  type: string;
  amount: string;
  fee: string;
  at: number;
}

function recordsOf(call: SignedCall): FinancialRecord[] {
  const marketOf = (symbol: string): { category: string; symbol: string; isSpot: boolean } => {
    const market = call.engine.market(symbol);
    return { category: categoryOfMarket(market), symbol: unifiedIdOf(market), isSpot: market.kind === 'spot' };
  };
  return [
    ...call.account.funding.map(({ id, symbol, payment, currency, at }) => {
      const type = `CONTRACT_MAIN_SETTLE_FEE_USER_${signOf(payment) < 0 ? 'OUT' : 'IN'}`;
      const { category, symbol: name } = marketOf(symbol);
      return { category, symbol: name, id, coin: currency, type, amount: normalizeDecimal(payment), fee: '0', at };
    }),
    ...call.account.trades.flatMap((trade) => {
      const { category, symbol, isSpot } = marketOf(trade.symbol);
      if (isSpot) return [];
      const { id, realizedProfit, feeCurrency, fee, at } = trade;
      const amount = normalizeDecimal(realizedProfit);
      return [
        { category, symbol, id, coin: feeCurrency, type: typeOf(call, trade), amount, fee: negateDecimal(fee), at },
      ];
    }),
  ];
}

function typeOf({ account }: SignedCall, { orderId, slot, side }: Trade): string {
  const burst = account.findOrder({ id: orderId })?.placedBy === 'liquidation';
  const verb = side.toUpperCase();
  if (slot === 'net') return burst ? `BURST_${verb}_SSM` : `${verb}_DEAL`;
  const opens = (slot === 'long') === (side === 'buy');
  return `${burst ? 'BURST_CLOSE' : opens ? 'OPEN' : 'CLOSE'}_${slot.toUpperCase()}`;
}
