import {
  contractsListed,
  idOf,
  openedSettleOf,
  optionalContractOf,
  pageByOffset,
  secondsOf,
  signed,
  within,
  type Route,
  type SignedCall,
} from './route.js';
import { isZero, negateDecimal, normalizeDecimal, type DecimalText } from '@plumbline/primitives/decimal';

/**
 * Changes of a futures wallet: "Query account book" and model FuturesAccountBook of
 * https://www.gate.com/docs/developers/apiv4/en/. Funding is listed here with type `fund`, and never among trades. The
 * balance after each change is not reported, because the engine does not keep it.
 */
export const ACCOUNT_BOOK: Route[] = [
  signed('GET', '/futures/:settle/account_book', (call) => {
    const type = call.parameters.word('type', [
      'dnw',
      'pnl',
      'fee',
      'refr',
      'fund',
      'point_dnw',
      'point_fee',
      'point_refr',
    ]);
    const changes = changesOf(call).filter((change) => type === undefined || change.type === type);
    const newest = within(changes, call, ({ at }) => at).toSorted((a, b) => b.at - a.at || Number(b.id) - Number(a.id));
    return pageByOffset(newest, call, ({ id }) => id).map(({ at, ...change }) => ({ time: secondsOf(at), ...change }));
  }),
];

interface Change {
  id: string;
  at: number;
  change: DecimalText;
  type: 'pnl' | 'fee' | 'fund';
  contract: string;
  text: string;
  trade_id: string;
}

function changesOf(call: SignedCall): Change[] {
  const settle = openedSettleOf(call);
  const only = optionalContractOf(call);
  const markets = new Map(
    (only === null ? contractsListed(call.engine, settle) : [only]).map((market) => [market.symbol, market]),
  );
  const rowOf = (
    source: { id: string; symbol: string; at: number },
    type: Change['type'],
    change: DecimalText,
    tradeId: string,
  ): Change[] => {
    const market = markets.get(source.symbol);
    if (market === undefined || isZero(change)) return [];
    const contract = idOf(market);
    // A funding payment belongs to no order or trade.
    const text = type === 'fund' ? contract : `${contract}:${source.id}`;
    return [
      { id: source.id, at: source.at, change: normalizeDecimal(change), type, contract, text, trade_id: tradeId },
    ];
  };
  return [
    ...call.account.funding.flatMap((payment) => rowOf(payment, 'fund', payment.payment, '0')),
    ...call.account.trades.flatMap((trade) => [
      ...rowOf(trade, 'fee', negateDecimal(trade.fee), trade.id),
      ...rowOf(trade, 'pnl', trade.realizedProfit, trade.id),
    ]),
  ];
}
