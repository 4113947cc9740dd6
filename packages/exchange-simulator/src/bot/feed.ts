import { z } from 'zod';
import type { OrderEvent } from './believed-state.js';
import type { Random } from './random.js';
import { ACTORS, orderSchema, tradeSchema } from '../engine/order.js';

const orderEventSchema = z.object({
  kind: z.literal('order'),
  change: z.enum(['new', 'fill', 'amended', 'canceled', 'expired', 'triggered']),
  order: orderSchema,
  trade: tradeSchema.nullable(),
  actor: z.enum(ACTORS),
  at: z.number(),
}) satisfies z.ZodType<OrderEvent>;

const feedSettingsSchema = z.object({
  /** True loses every message, a number the next so many messages. */
  drop: z.union([z.boolean(), z.number()]),
  /** Share of messages lost at random, 0 to 1. */
  dropRate: z.number(),
  delayMs: z.number(),
});
export type FeedSettings = z.infer<typeof feedSettingsSchema>;

export const feedStateSchema = z.object({
  settings: feedSettingsSchema,
  pending: z.array(z.object({ due: z.number(), event: orderEventSchema })),
  delivered: z.number(),
  dropped: z.number(),
});
export type FeedState = z.infer<typeof feedStateSchema>;

/**
 * The channel from the exchange to the bot: messages may be lost or delayed, but are never reordered or duplicated.
 *
 * It has no timer: due messages are delivered when the bot is asked, at the time of the clock that it is given.
 */
export class Feed {
  settings: FeedSettings = { drop: false, dropRate: 0, delayMs: 0 };
  private pending: { due: number; event: OrderEvent }[] = [];
  private delivered = 0;
  private dropped = 0;

  constructor(private readonly random: () => Random) {}

  send(event: OrderEvent, now: number): void {
    if (this.loses()) {
      this.dropped += 1;
      return;
    }
    const due = Math.max(now + this.settings.delayMs, this.pending.at(-1)?.due ?? 0);
    this.pending.push({ due, event });
  }

  /** Removes and returns the messages that have arrived by now, oldest first. */
  takeDue(now: number): OrderEvent[] {
    const waiting = this.pending.findIndex(({ due }) => due > now);
    const arrived = this.pending.splice(0, waiting === -1 ? this.pending.length : waiting);
    this.delivered += arrived.length;
    return arrived.map(({ event }) => event);
  }

  /** Drops the messages in transit, as when a bot restarts. */
  discard(): void {
    this.dropped += this.pending.length;
    this.pending = [];
  }

  report(): { pending: number; delivered: number; dropped: number } {
    return { pending: this.pending.length, delivered: this.delivered, dropped: this.dropped };
  }

  toState(): FeedState {
    return { settings: this.settings, pending: this.pending, delivered: this.delivered, dropped: this.dropped };
  }

  restore(state: FeedState): void {
    this.settings = state.settings;
    this.pending = [...state.pending];
    this.delivered = state.delivered;
    this.dropped = state.dropped;
  }

  private loses(): boolean {
    const { drop, dropRate } = this.settings;
    if (drop === true) return true;
    if (typeof drop === 'number' && drop > 0) {
      this.settings = { ...this.settings, drop: drop > 1 ? drop - 1 : false };
      return true;
    }
    return dropRate > 0 && this.random().next() < dropRate;
  }
}
