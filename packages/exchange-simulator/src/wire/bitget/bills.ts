import { directionOf } from './shared/rows.js';
import {
  contractsListed,
  listed,
  pageOf,
  productTypeOf,
  read,
  symbolIdOf,
  within,
  type Route,
  type SignedCall,
} from './shared/route.js';
import type { Trade } from '../../engine/order.js';
import { negateDecimal, normalizeDecimal } from '@plumbline/primitives/decimal';

/**
 * Changes of a futures wallet: https://www.bitget.com/api-doc/contract/account/Get-Account-Bill. Funding is listed here
 * as `contract_settle_fee`, and never among fills. The balance after each change is not reported, because the engine
 * does not keep it.
 */
export const BILLS: Route[] = [
  read('/api/v2/mix/account/bill', 10, (call) => {
    const businessType = call.parameters.text('businessType');
    const bills = billsOf(call).filter((bill) => businessType === undefined || bill.businessType === businessType);
    const page = pageOf(
      within(bills, call, ({ at }) => at, 30),
      call,
      ({ billId }) => billId,
      20,
    );
    return listed(
      'bills',
      page,
      ({ at, ...bill }) => ({ ...bill, feeByCoupon: '', balance: '', cTime: String(at) }),
      ({ billId }) => billId,
    );
  }),
  // Nothing is deposited, withdrawn or moved between accounts here; see spot/account/Get-Account-Bills.
  read('/api/v2/spot/account/bills', 10, () => []),
];

interface Bill {
  billId: string;
  symbol: string;
  amount: string;
  fee: string;
  businessType: string;
  coin: string;
  at: number;
}

function billsOf(call: SignedCall): Bill[] {
  const ids = new Map(
    contractsListed(call.engine, productTypeOf(call)).map((market) => [market.symbol, symbolIdOf(market)]),
  );
  const rowOf = (
    source: { id: string; symbol: string; at: number },
    bill: Pick<Bill, 'amount' | 'fee' | 'businessType' | 'coin'>,
  ): Bill[] => {
    const symbol = ids.get(source.symbol);
    return symbol === undefined ? [] : [{ billId: source.id, symbol, at: source.at, ...bill }];
  };
  return [
    ...call.account.funding.flatMap((payment) =>
      rowOf(payment, {
        amount: normalizeDecimal(payment.payment),
        fee: '0',
        businessType: 'contract_settle_fee',
        coin: payment.currency,
      }),
    ),
    ...call.account.trades.flatMap((trade) =>
      rowOf(trade, {
        amount: normalizeDecimal(trade.realizedProfit),
        fee: negateDecimal(trade.fee),
        businessType: businessTypeOf(call, trade),
        coin: trade.feeCurrency,
      }),
    ),
  ];
}

function businessTypeOf(call: SignedCall, trade: Trade): string {
  const placedBy = call.account.findOrder({ id: trade.orderId })?.placedBy ?? 'api';
  if (placedBy === 'liquidation')
    return trade.slot === 'net' ? `burst_${trade.side}` : `burst_${trade.slot}_loss_query`;
  return trade.slot === 'net' ? trade.side : `${directionOf({ ...trade, placedBy }).tradeSide}_${trade.slot}`;
}
