import { z } from 'zod';
import { absoluteDecimal, subtractDecimals } from '../../domain/decimal/decimal.js';
import { decimalText, idText, word, type Endpoint } from '../transport/endpoint.js';
import { gateTime, LIQUIDATION_TEXT, timeText } from './common.js';
import type { OrderEnd, OwnTrade } from '../profile/missing-orders.js';

/*
 * Gate's answers about single orders and own trades, spot and futures in one form. Source:
 * www.gate.com/docs/developers/apiv4/en, "Query single order details", "Query personal trading records", "Query single
 * auto order details".
 */

/** An order of spot or futures. */
export interface Reported {
  id: string;
  text: string | null;
  market: string;
  open: boolean;
  /** "filled", "cancelled", "ioc", ...; null where it is not reported. */
  finishedAs: string | null;
  filled: string;
  averagePrice: string | null;
  at: number | null;
  liquidation: boolean;
}

const SPOT_ORDER = z
  .object({
    id: word,
    text: z.string().nullish(),
    currency_pair: word,
    status: z.enum(['open', 'closed', 'cancelled']),
    finish_as: z.string().nullish(),
    type: word.nullish(),
    side: z.enum(['buy', 'sell']),
    amount: decimalText,
    left: decimalText,
    filled_amount: decimalText.nullish(),
    avg_deal_price: decimalText.nullish(),
    update_time_ms: timeText,
  })
  .transform((row): Reported => {
    const byCost = row.type === 'market' && row.side === 'buy';
    return {
      id: row.id,
      text: row.text ?? null,
      market: row.currency_pair,
      open: row.status === 'open',
      finishedAs: row.finish_as ?? (row.status === 'closed' ? 'filled' : 'cancelled'),
      filled: row.filled_amount ?? (byCost ? '0' : subtractDecimals(row.amount, row.left)),
      averagePrice: row.avg_deal_price ?? null,
      at: gateTime(row.update_time_ms),
      liquidation: LIQUIDATION_TEXT.test(row.text ?? ''),
    };
  });

const FUTURES_ORDER = z
  .object({
    id: idText,
    text: z.string().nullish(),
    contract: word,
    status: z.enum(['open', 'finished']),
    finish_as: z.string().nullish(),
    size: decimalText,
    left: decimalText,
    fill_price: decimalText.nullish(),
    finish_time: timeText,
    is_liq: z.boolean().nullish(),
  })
  .transform((row): Reported => ({
    id: row.id,
    text: row.text ?? null,
    market: row.contract,
    open: row.status === 'open',
    finishedAs: row.finish_as ?? null,
    filled: subtractDecimals(absoluteDecimal(row.size), absoluteDecimal(row.left)),
    averagePrice: row.fill_price ?? null,
    at: gateTime(row.finish_time),
    liquidation: row.is_liq === true || LIQUIDATION_TEXT.test(row.text ?? ''),
  }));

export interface Trade extends OwnTrade {
  orderId: string;
  market: string;
  text: string;
}

const SPOT_TRADE = z
  .object({
    order_id: word,
    currency_pair: word,
    price: decimalText,
    amount: decimalText,
    create_time_ms: decimalText,
    text: z.string().nullish(),
  })
  .transform((row): Trade => {
    const { order_id: orderId, currency_pair: market, price, amount, text } = row;
    return { orderId, market, price, amount, at: gateTime(row.create_time_ms) ?? 0, text: text ?? '' };
  });

const FUTURES_TRADE = z
  .object({
    order_id: word,
    contract: word,
    price: decimalText,
    size: decimalText,
    create_time: decimalText,
    text: z.string().nullish(),
  })
  .transform((row): Trade => {
    const { order_id: orderId, contract: market, price, size, text } = row;
    return {
      orderId,
      market,
      price,
      amount: absoluteDecimal(size),
      at: gateTime(row.create_time) ?? 0,
      text: text ?? '',
    };
  });

export interface PriceOrder {
  id: string;
  market: string;
  end: OrderEnd | 'triggered';
  becameId: string | null;
  at: number | null;
  reason: string | null;
}

const PRICE_ENDS = {
  open: 'open',
  inactive: 'open',
  cancelled: 'canceled',
  expired: 'expired',
  failed: 'rejected',
  invalid: 'canceled',
  finish: 'triggered',
  succeeded: 'triggered',
} as const;
const PRICE_END = z.enum(Object.keys(PRICE_ENDS) as (keyof typeof PRICE_ENDS)[]);

const SPOT_PRICE_ORDER = z
  .object({
    id: idText,
    market: word,
    status: PRICE_END,
    fired_order_id: z.string().nullish(),
    ftime: timeText,
    reason: z.string().nullish(),
  })
  .transform((row): PriceOrder => {
    const { id, market, status, fired_order_id: became, ftime, reason } = row;
    return { id, market, end: PRICE_ENDS[status], ...ending(became, ftime, reason) };
  });

const FUTURES_PRICE_ORDER = z
  .object({
    id: idText,
    initial: z.object({ contract: word }),
    status: z.enum(['open', 'inactive', 'invalid', 'finished']),
    finish_as: z.union([PRICE_END, z.literal('')]).nullish(),
    trade_id: z.string().nullish(),
    finish_time: timeText,
    reason: z.string().nullish(),
  })
  .refine(({ status, finish_as: as }) => status !== 'finished' || (as ?? '') !== '', 'finished, without saying how')
  .transform((row): PriceOrder => {
    const { id, initial, status, finish_as: as, trade_id: became, finish_time: time, reason } = row;
    const end = PRICE_ENDS[status === 'finished' ? as || 'open' : status];
    return { id, market: initial.contract, end, ...ending(became, time, reason) };
  });

function ending(became: string | null | undefined, at: string | null | undefined, reason: string | null | undefined) {
  return {
    becameId: (became ?? '0') === '0' || became === '' ? null : (became ?? null),
    at: gateTime(at),
    reason: (reason ?? '') === '' ? null : (reason ?? null),
  };
}

/** The endpoints that know about one order. */
export interface Questions {
  order: Endpoint<Reported>;
  finished: Endpoint<Reported[]>;
  trades: Endpoint<Trade[]>;
  priceOrder: Endpoint<PriceOrder>;
}

function get<T>(path: string, call: string, shape: z.ZodType<T>): Endpoint<T> {
  return { method: 'GET', path, call, shape };
}

export const SPOT_QUESTIONS: Questions = {
  order: get('/spot/orders/{order_id}', 'privateSpotGetOrdersOrderId', SPOT_ORDER),
  finished: get('/spot/orders', 'privateSpotGetOrders', z.array(SPOT_ORDER)),
  trades: get('/spot/my_trades', 'privateSpotGetMyTrades', z.array(SPOT_TRADE)),
  priceOrder: get('/spot/price_orders/{order_id}', 'privateSpotGetPriceOrdersOrderId', SPOT_PRICE_ORDER),
};
function contractQuestions(kind: 'futures' | 'delivery', call: string): Questions {
  const at = (path: string): string => `/${kind}/{settle}/${path}`;
  return {
    order: get(at('orders/{order_id}'), `${call}OrdersOrderId`, FUTURES_ORDER),
    finished: get(at('orders'), `${call}Orders`, z.array(FUTURES_ORDER)),
    trades: get(at('my_trades'), `${call}MyTrades`, z.array(FUTURES_TRADE)),
    priceOrder: get(at('price_orders/{order_id}'), `${call}PriceOrdersOrderId`, FUTURES_PRICE_ORDER),
  };
}

export const FUTURES_QUESTIONS = contractQuestions('futures', 'privateFuturesGetSettle');
export const DELIVERY_QUESTIONS = contractQuestions('delivery', 'privateDeliveryGetSettle');
