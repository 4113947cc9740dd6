import { symbolOn, type Base, type PlayedWire } from './eight-wires.js';
import type { SimulatedAccount } from './simulated-world.js';

/** An order in the terms of the script. */
export interface DeskOrder {
  of: Base;
  side: 'buy' | 'sell';
  type: 'market' | 'limit' | 'stop_market';
  amount: string;
  price?: string;
  trigger?: string;
  /** The name by which the script refers to it later: its client order id. */
  name?: string;
}

/** An event at the exchange: a request to the simulator's control API. */
type Happening = [path: string, body: Readonly<Record<string, unknown>>];

/** Everybody who acts that day on one exchange: the bot, a person, other traders, and the exchange itself. */
export type TradingDesk = ReturnType<typeof tradingDesk>;

export function tradingDesk(wire: PlayedWire, { hand }: SimulatedAccount) {
  const place =
    (actor: 'bot' | 'manual') =>
    async ({ of, name, trigger, ...order }: DeskOrder): Promise<void> => {
      const named = { symbol: symbolOn(wire, of), trigger_price: trigger, client_order_id: name };
      await hand.post('/sim/orders', { actor, ...order, ...named });
    };
  const post = async (...[path, body]: Happening): Promise<void> => void (await hand.post(path, body));
  return {
    bot: place('bot'),
    person: place('manual'),
    cancel: async (name: string) => post('/sim/cancel', { client_order_id: name }),
    amend: async (name: string, change: Readonly<Record<string, string>>) =>
      post('/sim/amend', { client_order_id: name, ...change }),
    liquidate: async (of: Base) => post('/sim/liquidate', { symbol: symbolOn(wire, of) }),
    fill: (name: string, amount?: string): Happening => ['/sim/fill', { client_order_id: name, amount }],
    price: (of: Base, price: string): Happening => ['/sim/price', { symbol: symbolOn(wire, of), price }],
    /** Runs while the bot's connection loses every message. */
    unheard: async (...happenings: readonly Happening[]) => {
      await post('/sim/bot', { drop: true });
      for (const happening of happenings) await post(...happening);
      await post('/sim/bot', { drop: false });
    },
    /**
     * From now on the exchange answers requests for holdings with JSON that contains nothing, which does not mean "no
     * holdings".
     */
    garbage: async () => post('/sim/faults', { ...wire.holdings, kind: 'wrong_json', body: '{}', times: null }),
    recover: async () => hand.clearFaults(),
    /** The bot reads its account again. */
    resync: async () => post('/sim/bot', { resync: true }),
  };
}
