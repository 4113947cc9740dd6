import { askedTime, page, timeKey } from './pages.js';
import { read, symbolIdOf, type Route, type SignedCall } from './route.js';
import { settledValueOf, type Market } from '../../engine/market.js';
import type { Trade } from '../../engine/order.js';
import { absoluteDecimal, negateDecimal, signOf, subtractDecimals } from '@plumbline/primitives/decimal';

/**
 * Changes of the unified wallet, newest first. Funding has the type SETTLEMENT. A spot trade has a row for each of its two
 * currencies. https://bybit-exchange.github.io/docs/v5/account/transaction-log
 */
export const TRANSACTION_LOG: Route[] = [read('/v5/account/transaction-log', 50, log)];

interface Change {
  id: string;
  at: number;
  currency: string;
  type: 'TRADE' | 'SETTLEMENT';
  category: string;
  row: Record<string, unknown>;
}

function log(call: SignedCall): unknown {
  const { account, engine, parameters } = call;
  const changes = [
    ...account.trades.flatMap((trade) => changesOf(trade, engine.market(trade.symbol))),
    ...account.funding.map((payment): Change => {
      const market = engine.market(payment.symbol);
      const fields = {
        funding: payment.payment,
        fee: '0',
        cashFlow: '0',
        change: payment.payment,
        feeRate: payment.rate,
        qty: absoluteDecimal(payment.amount),
        size: payment.amount,
        tradePrice: payment.price,
        tradeId: payment.id,
        side: signOf(payment.amount) > 0 ? 'Buy' : 'Sell',
      };
      return changeOf(payment.id, payment.at, payment.currency, 'SETTLEMENT', market, fields);
    }),
  ];
  const { start, end } = askedTime(call);
  const [currency, type, category] = [
    parameters.text('currency'),
    parameters.text('type'),
    parameters.text('category'),
  ];
  const wanted = changes.filter(
    (change) =>
      change.at >= start &&
      change.at <= end &&
      (currency ?? change.currency) === change.currency &&
      (type ?? change.type) === change.type &&
      (category ?? change.category) === change.category,
  );
  const { list, nextPageCursor } = page(wanted, call, {
    keyOf: ({ at, id, currency: of }) => `${timeKey(at, id)}:${of}`,
    order: 'falling',
    byDefault: 20,
    atMost: 50,
  });
  return { nextPageCursor, list: list.map(({ row }) => row) };
}

function changesOf(trade: Trade, market: Market): Change[] {
  const bought = trade.side === 'buy';
  const booked = (currency: string, cashFlow: string): Change => {
    const fee = trade.feeCurrency === currency ? trade.fee : '0';
    return changeOf(trade.id, trade.at, currency, 'TRADE', market, {
      funding: '',
      fee,
      cashFlow,
      change: subtractDecimals(cashFlow, fee),
      feeRate: trade.maker ? '0.0002' : '0.0004',
      qty: trade.amount,
      size: '',
      tradePrice: trade.price,
      tradeId: trade.id,
      orderId: trade.orderId,
      side: bought ? 'Buy' : 'Sell',
    });
  };
  if (market.kind !== 'spot') return [booked(market.settle, trade.realizedProfit)];
  const value = settledValueOf(market, trade.amount, trade.price);
  return [
    booked(market.base, bought ? trade.amount : negateDecimal(trade.amount)),
    booked(market.quote, bought ? negateDecimal(value) : value),
  ];
}

function changeOf(
  id: string,
  at: number,
  currency: string,
  type: Change['type'],
  market: Market,
  fields: Record<string, unknown>,
): Change {
  const category = market.kind;
  const row = {
    id: `${symbolIdOf(market)}_${id}`,
    symbol: symbolIdOf(market),
    category,
    transactionTime: String(at),
    type,
    transSubType: '',
    currency,
    cashBalance: '',
    bonusChange: '',
    orderId: '',
    orderLinkId: '',
    extraFees: '',
    ...fields,
  };
  return { id, at, currency, type, category, row };
}
