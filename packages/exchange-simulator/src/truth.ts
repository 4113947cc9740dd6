import type { World } from './world.js';
import type { Account } from './engine/account.js';
import { averagePriceOf, isConditional, type Order, type Trade } from './engine/order.js';
import { absoluteDecimal, isZero, normalizeDecimal, signOf } from '@plumbline/primitives/decimal';

/** Ended orders and trades that the truth shows; the wires report more. */
const SHOWN_HISTORY = 50;

/** The real state, for tests of Plumbline: the exchange's accounts, each with its bot's state. */
export function truthOf(world: World): Record<string, unknown> {
  const { engine } = world;
  const accounts = engine.accounts();
  return {
    now: timeOf(engine.now()),
    prices: Object.fromEntries(
      engine.allMarkets().flatMap(({ symbol, closed }) => (closed === true ? [] : [[symbol, engine.price(symbol)]])),
    ),
    accounts: Object.fromEntries(accounts.map((account) => [account.id, accountTruth(account)])),
    bots: Object.fromEntries(
      accounts.map(({ id }) => {
        const bot = world.bot(id);
        return [id, { books: bot.state(), ...bot.report(), trading: world.trading(id).isRunning }];
      }),
    ),
  };
}

function accountTruth(account: Account): Record<string, unknown> {
  return {
    position_mode: account.positionMode,
    positions: account
      .positions()
      .filter(({ amount }) => !isZero(amount))
      .map(({ symbol, amount, entryPrice, updatedAt }) => ({
        symbol,
        side: signOf(amount) > 0 ? 'long' : 'short',
        amount: absoluteDecimal(amount),
        entry_price: entryPrice,
        updated_at: timeOf(updatedAt),
      })),
    orders: account.open().map(orderTruth),
    balances: [...account.wallet].map(([currency, { balance }]) => ({ currency, total: normalizeDecimal(balance) })),
    ended_orders: [...account.endedOrders.values()].slice(-SHOWN_HISTORY).map(orderTruth),
    trades: account.trades.slice(-SHOWN_HISTORY).map(tradeTruth),
  };
}

/** An order in the form of the control API; amounts are units, times ISO 8601. */
export function orderTruth(order: Order): Record<string, unknown> {
  return {
    id: order.id,
    client_order_id: order.clientOrderId,
    account: order.account,
    symbol: order.symbol,
    side: order.side,
    position_side: order.slot === 'net' ? null : order.slot,
    type: order.type,
    conditional: isConditional(order.type),
    price: order.price,
    trigger_price: order.triggerPrice,
    amount: order.amount,
    filled: order.filled,
    average_price: averagePriceOf(order),
    reduce_only: order.reduceOnly,
    close_position: order.closePosition,
    status: order.status,
    end_reason: order.endReason,
    triggered_order_id: order.triggeredOrderId,
    list_id: order.listId,
    placed_by: order.placedBy,
    created_at: timeOf(order.createdAt),
    updated_at: timeOf(order.updatedAt),
  };
}

export function tradeTruth(trade: Trade): Record<string, unknown> {
  return {
    id: trade.id,
    order_id: trade.orderId,
    symbol: trade.symbol,
    side: trade.side,
    position_side: trade.slot === 'net' ? null : trade.slot,
    price: trade.price,
    amount: trade.amount,
    realized_profit: normalizeDecimal(trade.realizedProfit),
    fee: trade.fee,
    fee_currency: trade.feeCurrency,
    maker: trade.maker,
    at: timeOf(trade.at),
  };
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
