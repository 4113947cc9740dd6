import { Engine } from '../../../packages/exchange-simulator/src/engine/engine.js';
import type { EngineEvent } from '../../../packages/exchange-simulator/src/engine/events.js';
import type { Order, OrderRequest } from '../../../packages/exchange-simulator/src/engine/order.js';
import { isZero } from '../../../src/domain/decimal/decimal.js';

export const ME = 'me';
export const BTC = 'BTC/USDT:USDT';
export const INVERSE = 'BTC/USD:BTC';

/** An engine with one account, a clock that stands until it is moved, and everything that was reported. */
export class AWorld {
  clock = Date.parse('2026-11-22T15:00:00.000Z');
  readonly engine = new Engine({ now: () => this.clock });
  readonly events: EngineEvent[] = [];

  constructor(positionMode: 'one-way' | 'hedge' = 'one-way') {
    this.engine.createAccount({ id: ME, keys: [], positionMode, balances: { USDT: '1000', BTC: '1' } });
    this.engine.subscribe((event) => this.events.push(event));
  }

  place(request: Partial<OrderRequest>): Order {
    return this.engine.place(ME, 'manual', { symbol: BTC, side: 'buy', type: 'market', ...request });
  }

  /** As it stands now. */
  order({ id }: Order): Order {
    const order = this.engine.account(ME).findOrder({ id });
    if (order === null) throw new Error(`no order ${id}`);
    return order;
  }

  /** Positions that are not flat: "BTC/USDT:USDT net 0.5 @ 60000". */
  positions(): string[] {
    const held = this.engine.account(ME).positions();
    return held
      .filter(({ amount }) => !isZero(amount))
      .map(({ symbol, slot, amount, entryPrice }) => `${symbol} ${slot} ${amount} @ ${entryPrice}`);
  }

  balance(currency: string): string | undefined {
    return this.engine.account(ME).wallet.get(currency)?.balance;
  }

  changes(): string[] {
    return this.events.flatMap((event) => (event.kind === 'order' ? [`${event.change} ${event.order.type}`] : []));
  }
}
