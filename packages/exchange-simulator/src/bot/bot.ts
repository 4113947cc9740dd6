import { z } from 'zod';
import { BelievedState, savedStateSchema, type OrderEvent, type StateDocument } from './believed-state.js';
import { Feed, feedStateSchema, type FeedSettings } from './feed.js';
import { Random } from './random.js';
import type { Account } from '../engine/account.js';
import type { Amendment, Engine } from '../engine/engine.js';
import type { Order, OrderRequest } from '../engine/order.js';
import { Rejection } from '../engine/rejection.js';

export const botStateSchema = z.object({
  account: z.string(),
  books: savedStateSchema,
  feed: feedStateSchema,
  frozenSince: z.number().nullable(),
  withBalances: z.boolean(),
  nextOrder: z.number(),
  random: z.number(),
});
export type BotState = z.infer<typeof botStateSchema>;

/**
 * A trading bot with its own internal state.
 *
 * It receives messages about its own orders only, and only about what it or the market did to them. It does not notice
 * a person who cancels, amends or closes manually, nor a liquidation. These events, lost messages and a frozen process
 * make its state differ from the exchange's; `resync` makes them equal again.
 */
export class Bot {
  readonly books = new BelievedState();
  readonly feed: Feed;
  random: Random;
  private frozenSince: number | null = null;
  private withBalances = false;
  private nextOrder = 1;
  private readonly stopHearing: () => void;

  constructor(
    private readonly engine: Engine,
    readonly account: string,
    seed: number,
  ) {
    this.random = new Random(seed);
    this.feed = new Feed(() => this.random);
    this.stopHearing = engine.subscribe((event) => {
      if (event.kind === 'order' && event.order.account === account) this.hear(event);
    });
    this.books.resync(this.exchangeAccount());
  }

  /** Places an order as the bot: in its state at once, with the exchange's id when the acknowledgement arrives. */
  place(request: OrderRequest): Order {
    const clientOrderId = request.clientOrderId ?? `bot-${this.nextOrder}`;
    this.books.submit({
      clientOrderId,
      symbol: request.symbol,
      side: request.side,
      type: request.type,
      price: request.price ?? null,
      triggerPrice: request.triggerPrice ?? null,
      amount: request.amount ?? null,
    });
    try {
      const order = this.engine.place(this.account, 'bot', { ...request, clientOrderId });
      this.nextOrder += 1;
      return order;
    } catch (error) {
      if (error instanceof Rejection) this.books.withdraw(clientOrderId);
      throw error;
    }
  }

  cancel(id: string): Order {
    return this.engine.cancel({ account: this.account, id }, 'bot');
  }

  amend(id: string, change: Amendment): Order {
    return this.engine.amend({ account: this.account, id }, change, 'bot');
  }

  /** The document that the bot serves. A frozen bot serves its last one, with its old time. */
  state(): StateDocument {
    this.advance();
    return this.books.toDocument(this.frozenSince ?? this.engine.now(), { withBalances: this.withBalances });
  }

  /** Reads the messages that have arrived by now; a frozen bot reads none. */
  advance(): void {
    if (this.frozenSince !== null) return;
    for (const event of this.feed.takeDue(this.engine.now())) {
      this.books.apply(event, this.engine.market(event.order.symbol));
    }
  }

  configure(settings: Partial<FeedSettings>): void {
    this.feed.settings = { ...this.feed.settings, ...settings };
  }

  setFrozen(frozen: boolean): void {
    if (frozen) this.advance();
    this.frozenSince = frozen ? (this.frozenSince ?? this.engine.now()) : null;
  }

  setWithBalances(withBalances: boolean): void {
    this.withBalances = withBalances;
  }

  /** As after a restart with a full read of the account: copies the exchange's state and drops pending messages. */
  resync(): void {
    this.feed.discard();
    this.books.resync(this.exchangeAccount());
  }

  /** Replaces the bot with a new one: no pending messages, no faults, a new seed. */
  reset(seed: number): void {
    this.random = new Random(seed);
    this.frozenSince = null;
    this.withBalances = false;
    this.feed.restore({ settings: { drop: false, dropRate: 0, delayMs: 0 }, pending: [], delivered: 0, dropped: 0 });
    this.books.resync(this.exchangeAccount());
  }

  report(): Record<string, unknown> {
    const { settings } = this.feed;
    return {
      frozen: this.frozenSince !== null,
      feed: { ...this.feed.report(), drop: settings.drop, drop_rate: settings.dropRate, delay_ms: settings.delayMs },
    };
  }

  toState(): BotState {
    return {
      account: this.account,
      books: this.books.toState(),
      feed: this.feed.toState(),
      frozenSince: this.frozenSince,
      withBalances: this.withBalances,
      nextOrder: this.nextOrder,
      random: this.random.toState(),
    };
  }

  restore(state: BotState): void {
    this.books.restore(state.books);
    this.feed.restore(state.feed);
    this.frozenSince = state.frozenSince;
    this.withBalances = state.withBalances;
    this.nextOrder = state.nextOrder;
    this.random = new Random(state.random);
  }

  /** The account is gone; the bot receives no further messages. */
  close(): void {
    this.stopHearing();
  }

  private hear(event: OrderEvent): void {
    const isForBot = this.books.owns(event.order) && (event.actor === 'bot' || event.actor === 'market');
    if (!isForBot) return;
    this.feed.send(event, this.engine.now());
    // Without delay, the message reaches the internal state before the exchange has answered the request that caused
    // it.
    this.advance();
  }

  private exchangeAccount(): Account {
    return this.engine.account(this.account);
  }
}
