import { z } from 'zod';
import type { SimulatorHand } from '../../packages/dev-stack/src/scenario-world.js';
import type { Random } from '../simulation/random.js';
import { SYMBOLS, type ChaosAccount } from './accounts.js';

/** What a person does without the bot, or what the bot is not notified of. */
export const DRIFT_KINDS = ['position', 'order', 'cancel', 'amend', 'missed fill'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

const orderAnswer = z.object({ order: z.object({ id: z.string() }) });

/** An existing difference, and how to end it. */
export interface OpenDrift {
  /** Makes bot and exchange agree again. */
  resolve(): Promise<void>;
}

/** Creates the initial state of every account: a position and an open order on which bot and exchange agree. */
export async function arrange(hand: SimulatorHand, { name }: ChaosAccount): Promise<void> {
  const bot = { account: name, actor: 'bot' };
  await hand.post('/sim/orders', { ...bot, symbol: 'BTC/USDT:USDT', side: 'buy', type: 'market', amount: '0.1' });
  await hand.post('/sim/orders', { ...bot, ...farOrder('ETH/USDT:USDT', '0.5') });
}

/** Makes a difference between the exchange and the bot's state in this symbol. */
export async function plant(
  hand: SimulatorHand,
  { account, symbol, kind }: { account: string; symbol: string; kind: DriftKind },
  random: Random,
): Promise<OpenDrift> {
  const amount = random.pick(SYMBOLS[symbol]?.amounts ?? []) ?? '1';
  const resync = async (): Promise<void> => void (await hand.post('/sim/bot', { account, resync: true }));
  const place = async (actor: 'bot' | 'manual'): Promise<string> =>
    orderAnswer.parse(await hand.post('/sim/orders', { account, actor, ...farOrder(symbol, amount) })).order.id;
  switch (kind) {
    case 'position': {
      const side = random.chance(0.7) ? 'buy' : 'sell';
      await hand.post('/sim/orders', { account, actor: 'manual', symbol, side, type: 'market', amount });
      return { resolve: resync };
    }
    case 'order': {
      const id = await place('manual');
      return { resolve: async () => void (await hand.post('/sim/cancel', { account, order_id: id })) };
    }
    case 'cancel': {
      const id = await place('bot');
      await hand.post('/sim/cancel', { account, order_id: id });
      return { resolve: resync };
    }
    case 'amend': {
      const id = await place('bot');
      const price = String(Number(SYMBOLS[symbol]?.farPrice) - 10);
      await hand.post('/sim/amend', { account, order_id: id, price });
      return {
        resolve: async () => {
          await resync();
          await hand.post('/sim/cancel', { account, order_id: id, actor: 'bot' });
        },
      };
    }
    case 'missed fill': {
      const id = await place('bot');
      await hand.post('/sim/bot', { account, drop: 1 });
      await hand.post('/sim/fill', { account, order_id: id });
      return { resolve: resync };
    }
  }
}

function farOrder(symbol: string, amount: string): Record<string, unknown> {
  return { symbol, side: 'buy', type: 'limit', amount, price: SYMBOLS[symbol]?.farPrice };
}
