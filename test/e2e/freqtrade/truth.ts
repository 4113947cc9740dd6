import type { Engine } from '../../../packages/exchange-simulator/src/engine/engine.js';
import { DEMO_ACCOUNT } from '../../../packages/exchange-simulator/src/index.js';
import { isConditional, type Order, type OrderRequest } from '../../../packages/exchange-simulator/src/engine/order.js';
import { startSimulator, type Simulator } from '../../../packages/exchange-simulator/src/simulator.js';
import { WIRES } from '../../../packages/exchange-simulator/src/wires.js';
import { addDecimals, isZero, multiplyDecimals, negateDecimal } from '../../../src/domain/decimal/decimal.js';
import { stakeOf, type TestedWire } from './wires.js';

/** What is true on the exchange, in units and with the exchange's ids. */
export interface Truth {
  /** Signed, by symbol; none that are flat. */
  positions: Record<string, string>;
  balances: Record<string, string>;
  orders: TrueOrder[];
  /** What was done by hand and still stands: signed amounts by symbol, ids of open orders. */
  by_hand: { amounts: Record<string, string>; orders: string[] };
}

export interface TrueOrder {
  id: string;
  symbol: string;
  side: 'buy' | 'sell';
  amount: string | null;
  filled: string;
  price: string | null;
  trigger_price: string | null;
  conditional: boolean;
}

/** A simulated exchange for one wire, the hand of a person on it, and what is true there. */
export class Exchange {
  private constructor(
    readonly url: string,
    private readonly engine: Engine,
    private readonly idOf: (engineId: string) => string,
    readonly close: () => Promise<void>,
  ) {}

  /** What was done by hand and the bot has taken over since: signed amounts by symbol. */
  private readonly takenOver = new Map<string, string>();

  static async start(wire: TestedWire): Promise<Exchange> {
    const simulator: Simulator = await startSimulator({ port: 0, uniqueIds: true });
    // Only the stake currency: what the wallet held before would hide in spot mode that coins of a trade are missing.
    const reset = await fetch(`${simulator.url}/sim/reset`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        balances: { [stakeOf(wire)]: '100000' },
        prices: Object.fromEntries(wire.pairs.map(({ pair, price }) => [pair, price])),
      }),
    });
    if (!reset.ok) throw new Error(`the simulator was not reset: ${await reset.text()}`);
    const format = WIRES.find(({ id }) => id === wire.id);
    return new Exchange(
      simulator.url,
      simulator.engine,
      (id) => format?.orderIdOf?.(id) ?? id,
      () => simulator.close(),
    );
  }

  truth(): Truth {
    const account = this.engine.account(DEMO_ACCOUNT);
    const open = account.open();
    const amounts = new Map([...this.takenOver].map(([symbol, amount]) => [symbol, negateDecimal(amount)]));
    for (const trade of account.trades) {
      if (account.findOrder({ id: trade.orderId })?.placedBy !== 'manual') continue;
      const signed = trade.side === 'buy' ? trade.amount : negateDecimal(trade.amount);
      amounts.set(trade.symbol, addDecimals(amounts.get(trade.symbol) ?? '0', signed));
    }
    const held = account.positions().filter(({ amount }) => !isZero(amount));
    return {
      positions: Object.fromEntries(held.map(({ symbol, amount }) => [symbol, amount])),
      balances: Object.fromEntries([...account.wallet].map(([currency, { balance }]) => [currency, balance])),
      orders: open.map((order) => this.orderOf(order)),
      by_hand: {
        amounts: Object.fromEntries([...amounts].filter(([, amount]) => !isZero(amount))),
        orders: open.filter(({ placedBy }) => placedBy === 'manual').map(({ id }) => this.idOf(id)),
      },
    };
  }

  /** The bot's order in this market that has not triggered and is no stop; null if there is none. */
  entryOf(symbol: string): Order | null {
    return this.botOrders(symbol).find(({ type }) => type === 'limit') ?? null;
  }

  stopOf(symbol: string): Order | null {
    return this.botOrders(symbol).find(({ type }) => isConditional(type)) ?? null;
  }

  /** Somebody takes so much of the order; by default all that remains. */
  fill(order: Order, amount?: string): void {
    this.engine.fillOrder({ account: DEMO_ACCOUNT, id: order.id }, { amount });
  }

  setPrice(symbol: string, price: string): void {
    this.engine.setPrice(symbol, price);
  }

  /** A price in steps of the market: `factor` times the present one, or another one. */
  near(symbol: string, factor: string, price = this.engine.price(symbol)): string {
    const { priceStep } = this.engine.market(symbol);
    const steps = Math.round(Number(multiplyDecimals(price, factor)) / Number(priceStep));
    return multiplyDecimals(priceStep, String(steps));
  }

  byHand(request: OrderRequest): Order {
    return this.engine.place(DEMO_ACCOUNT, 'manual', request);
  }

  cancelByHand(order: Order): void {
    this.engine.cancel({ account: DEMO_ACCOUNT, id: order.id }, 'manual');
  }

  /** The bot has taken this signed amount, traded by hand, into its books. */
  takeOver(symbol: string, amount: string): void {
    this.takenOver.set(symbol, addDecimals(this.takenOver.get(symbol) ?? '0', amount));
  }

  private botOrders(symbol: string): Order[] {
    const open = this.engine.account(DEMO_ACCOUNT).open();
    return open.filter((order) => order.symbol === symbol && order.placedBy === 'api');
  }

  private orderOf(order: Order): TrueOrder {
    return {
      id: this.idOf(order.id),
      symbol: order.symbol,
      side: order.side,
      amount: order.amount,
      filled: order.filled,
      price: order.price,
      trigger_price: order.triggerPrice,
      conditional: isConditional(order.type),
    };
  }
}
