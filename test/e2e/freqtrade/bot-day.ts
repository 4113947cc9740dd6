import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../packages/exchange-simulator/src/bot/random.js';
import type { Desk } from './desk.js';
import type { TradedPair } from './wires.js';

/** The bot, or the market, does something every few seconds. */
const PAUSE_MS = { shortest: 2_000, longest: 8_000 };
/** By how much a price moves at once at most, and orders lie beside it, in tenths of a percent. */
const LARGEST_MOVE = 4;

/** Random but ordinary trading: entries and exits by the API, partial fills, prices that move and trigger stops. */
export class BotDay {
  private readonly counts = new Map<string, number>();
  private running = true;
  private quietPair: string | null = null;

  constructor(
    private readonly desk: Desk,
    private readonly random: Random,
  ) {}

  stop(): void {
    this.running = false;
  }

  /** Nothing happens in this pair until it is null again. */
  leaveAlone(pair: string | null): void {
    this.quietPair = pair;
  }

  summary(): string {
    return [...this.counts].map(([act, count]) => `${count} ${act}`).join(', ');
  }

  /** Resolves after `stop`. */
  async trade(): Promise<void> {
    while (this.running) {
      await sleep(this.random.between(PAUSE_MS.shortest, PAUSE_MS.longest));
      const pair = this.random.pick(this.desk.wire.pairs);
      if (!this.running || pair === undefined || pair.pair === this.quietPair) continue;
      const act = await this.act(pair).catch((error: unknown) => {
        // The bot refuses what does not fit its state any more, such as an exit of a trade that a stop has closed.
        this.desk.print(`refused: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`);
        return 'refused requests';
      });
      if (act !== null) this.counts.set(act, (this.counts.get(act) ?? 0) + 1);
    }
  }

  /** What happened; null for nothing. */
  private async act({ pair, part, price }: TradedPair): Promise<string | null> {
    const { exchange, bot, wire } = this.desk;
    const open = exchange.entryOf(pair);
    if (this.random.next() < 0.3) {
      // Back from where a stop triggered, so that the price does not wander off in an hour.
      exchange.setPrice(pair, exchange.near(pair, this.beside(), price));
      return 'price moves';
    }
    if (open !== null) {
      const remaining = Number(open.amount) - Number(open.filled);
      const isPart = this.random.next() < 0.5 && remaining > Number(part);
      exchange.fill(open, isPart ? part : undefined);
      return isPart ? 'partial fills' : 'fills';
    }
    const trade = (await bot.trades()).find((each) => each.pair === pair);
    if (trade === undefined) {
      const side = wire.mode === 'futures' && this.random.next() < 0.5 ? 'short' : 'long';
      await bot.enter(pair, side, exchange.near(pair, this.beside()));
      return 'entries';
    }
    const stop = exchange.stopOf(pair);
    if (stop?.triggerPrice !== undefined && stop.triggerPrice !== null && this.random.next() < 0.15) {
      exchange.setPrice(pair, stop.triggerPrice);
      return 'stops triggered';
    }
    await bot.exit(trade.trade_id, exchange.near(pair, this.beside()));
    return 'exits';
  }

  private beside(): string {
    return String(1 + this.random.between(-LARGEST_MOVE, LARGEST_MOVE) / 1_000);
  }
}
