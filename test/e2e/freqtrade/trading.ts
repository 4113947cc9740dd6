import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../../packages/exchange-simulator/src/bot/random.js';
import { signOf } from '../../../src/domain/decimal/decimal.js';
import type { Desk } from './desk.js';
import { BotDay } from './bot-day.js';

const INTERFERENCE_EVERY_MS = 4 * 60_000;
const PAUSE_BETWEEN_VERDICTS_MS = 1_000;

/**
 * The bot trades at random while verdict follows verdict. Every verdict without an interference must be "matched", and every
 * interference must be found.
 */
export async function tradeAtRandom(desk: Desk, { minutes, seed }: { minutes: number; seed: number }): Promise<void> {
  const since = Date.now();
  const end = since + minutes * 60_000;
  const day = new BotDay(desk, new Random(seed));
  const trading = day.trade();
  const count = { verdicts: 0, interferences: 0 };
  let next = since + INTERFERENCE_EVERY_MS / 4;
  try {
    while (Date.now() < end) {
      if (Date.now() >= next) {
        await interfere(desk, day, count.interferences);
        count.interferences += 1;
        next = Date.now() + INTERFERENCE_EVERY_MS;
      }
      await desk.staysQuiet('trading at random');
      count.verdicts += 1;
      await sleep(PAUSE_BETWEEN_VERDICTS_MS);
    }
  } finally {
    day.stop();
    await trading;
  }
  const what = `${((Date.now() - since) / 60_000).toFixed(1)} min of trading at random: ${day.summary()}`;
  desk.summarize(`${what}; ${count.interferences} interferences`, `${count.verdicts} verdicts "matched"`, since);
}

/** A trade or an order by hand: found, and then undone. Meanwhile the bot leaves this pair alone and trades the other. */
async function interfere(desk: Desk, day: BotDay, index: number): Promise<void> {
  const { exchange, wire } = desk;
  const { pair, part } = wire.pairs[index % 2 === 0 ? 0 : 1];
  day.leaveAlone(pair);
  const since = Date.now();
  if (wire.mode === 'spot' || index % 2 === 1) {
    const price = exchange.near(pair, '0.7');
    const order = exchange.byHand({ symbol: pair, side: 'buy', amount: part, type: 'limit', price });
    await desk.finds('trading at random: an order by hand', { type: 'ORDER_PLACED_EXTERNALLY', symbol: pair }, since);
    exchange.cancelByHand(order);
  } else {
    // In the direction of the position, so that the bot's own orders that may only reduce it stay valid.
    const isShort = signOf(exchange.truth().positions[pair] ?? '0') < 0;
    const [side, back] = isShort ? (['sell', 'buy'] as const) : (['buy', 'sell'] as const);
    exchange.byHand({ symbol: pair, side, amount: part, type: 'market' });
    await desk.finds('trading at random: a trade by hand', { type: 'POSITION_', symbol: pair }, since);
    exchange.byHand({ symbol: pair, side: back, amount: part, type: 'market' });
  }
  await desk.agrees('trading at random: it is undone');
  day.leaveAlone(null);
}
