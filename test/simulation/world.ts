import { Engine } from '../../packages/exchange-simulator/src/engine/engine.js';
import type { Account } from '../../packages/exchange-simulator/src/engine/account.js';
import { Rejection } from '../../packages/exchange-simulator/src/engine/rejection.js';
import type { Order, OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import { EXPIRY, KINDS, type AccountKind } from './account-kind.js';
import { Agenda } from './agenda.js';
import { BelievedState, rowOf, type FullRead, type Message } from './believed-state.js';
import { happen } from './happenings.js';
import { Random } from './random.js';
import { rowsOfFirst, rowsOfSecond, together, withOwners, type Served } from './shared-account.js';
import { driftsBetween, type Drifts, type Rows, type TruthRules } from './rows.js';
import { ACCOUNT, type Script } from './script.js';
import { truthRulesOf } from './truth-rules.js';

/** Maximum time until restarted bots have read the account. */
export const SLOWEST_START_MS = 60_000;

export interface OddRow {
  side: 'exchange' | 'internal';
  list: 'positions' | 'orders' | 'balances';
  /** Symbol or currency. */
  symbol: string;
  until: number;
}

/** The differences from one moment until the next. */
export interface Moment {
  at: number;
  /** Between the exchange and what the bots will know after all pending messages have arrived: the truth. */
  true: Drifts;
  /** Between the exchange and the internal state that the bots serve at this moment. */
  served: Drifts;
}

/**
 * An exchange, several bots with one internal state, a human with the same account, and a network between them that
 * delays, reorders, repeats and loses messages. All randomness comes from the script.
 */
export class World {
  readonly agenda: Agenda;
  readonly engine: Engine;
  readonly account: Account;
  readonly moments: Moment[] = [];
  readonly told: { at: number; text: string }[] = [];
  /** Until when the exchange omits conditional orders from its answers. */
  gapUntil = 0;
  /** The next messages are lost, regardless of the script's rate. */
  losingAll = false;
  fate: Random;
  /** Added to prices of requests that will be refused, so that no two are equal. */
  nextVainPrice = 1;
  frozenSpans: { from: number; until: number }[] = [];
  /** When the bots restarted. */
  readonly restarts: number[] = [];
  /** Rows of one list and symbol that have an unknown word on one side, until then. */
  readonly oddRows: OddRow[] = [];
  readonly kind: AccountKind;
  readonly rules: TruthRules;
  private state: BelievedState;
  /** The internal state after all pending messages have arrived. */
  private finalState: BelievedState;
  private page: { rows: Rows; asOf: number };
  private saved: { at: number; state: BelievedState }[] = [];
  /** Counts the connections of the bots; messages of an earlier connection never arrive. */
  private connection = 1;
  private restartedFrom: number | null = null;
  /** Counts the starts of the bots; a read from before a start is not applied after it. */
  private starts = 1;
  private sequence = 0;
  private nextClientId = 1;
  private nextSubmission = 1;
  private spentMs = 0;
  private dirty = true;
  /** Grows with every change, so that unchanged rows are not copied again. */
  private changes = 0;
  private savedChanges = -1;
  private writtenChanges = -1;

  constructor(
    readonly script: Script,
    private readonly traces: boolean,
  ) {
    const begin = Math.min(...script.ticks, ...script.events.map(({ at }) => at)) - 1000;
    this.kind = KINDS[script.kind];
    this.rules = truthRulesOf(script);
    this.state = new BelievedState(this.kind, script.books);
    this.finalState = new BelievedState(this.kind, script.books);
    this.fate = new Random(script.seed);
    this.agenda = new Agenda(begin, () => this.note());
    this.engine = new Engine({ now: () => this.agenda.now + script.skew.exchange, markets: this.kind.markets });
    const positionMode = script.hedge ? 'hedge' : 'one-way';
    this.account = this.engine.createAccount({
      id: ACCOUNT,
      keys: [],
      positionMode,
      balances: { ...this.kind.opening },
    });
    for (const [currency, amount] of Object.entries(script.books.ownersCoins)) {
      this.account.book(currency, amount, begin);
    }
    for (const [symbol, amount] of Object.entries(script.books.ownersPositions)) {
      const slot = script.hedge ? ('long' as const) : ('net' as const);
      const entryPrice = this.engine.price(symbol);
      this.account.setPosition({ symbol, slot, amount, entryPrice, updatedAt: begin });
    }
    if (script.kind === 'dated') {
      this.agenda.at(EXPIRY - script.skew.exchange, () => this.change(() => this.engine.expireDue()));
    }
    this.page = { rows: this.state.toRows(), asOf: begin };
    this.engine.subscribe((event) => {
      if (event.kind !== 'order') return;
      this.dirty = true;
      this.sequence += 1;
      this.send({ sequence: this.sequence, order: event.order, trade: event.trade });
      this.trace(() => `exchange: ${event.actor} ${event.change} ${orderText(event.order)}`);
    });
    for (const event of script.events) {
      this.agenda.at(event.at, () => {
        this.trace(() => `-- ${event.kind}`);
        this.fate = new Random(event.seed);
        happen(this, event.kind);
        this.losingAll = false;
      });
    }
    this.keepSaving(begin);
    if (script.pageEveryMs !== null)
      this.keepWriting(begin + Math.floor(script.pagePhase * script.pageEveryMs), script.pageEveryMs);
    this.note();
  }

  /** The account at the exchange now. */
  exchangeRows(): Rows {
    return {
      positions: this.account.positions().filter(({ amount }) => amount !== '0'),
      orders: this.account.open().map(rowOf),
      balances: this.wallet(),
    };
  }

  private wallet(): Record<string, string> {
    const { wallet } = this.account;
    return Object.fromEntries(this.kind.currencies.map((currency) => [currency, wallet.get(currency)?.balance ?? '0']));
  }

  /** Symbols that can be traded now. */
  symbols(): string[] {
    return this.engine.markets().map(({ symbol }) => symbol);
  }

  /** Something happens to the account without a message to the bots. */
  change(action: () => void): void {
    action();
    this.dirty = true;
  }

  /** What the bots answer now, with its time by their own clock. */
  served(): Served[] {
    const { books, pageEveryMs, skew } = this.script;
    const { second } = books;
    const state = pageEveryMs === null ? this.stateNow() : this.page;
    if (second === null) return [{ name: 'bots', ...state }];
    const now = this.stateNow();
    return [
      { name: 'first', asOf: now.asOf, rows: rowsOfFirst(now.rows, second) },
      { name: 'second', asOf: state.asOf - skew.bot + skew.second, rows: rowsOfSecond(state.rows, second) },
    ];
  }

  /** The bots' rows as they are compared: with what the owner holds beside them. */
  compared(rows: Rows): Rows {
    const { baseline } = this.script.policy;
    const slot = this.script.hedge ? 'long' : 'net';
    return withOwners(rows, baseline?.positions ?? {}, baseline?.balances ?? {}, slot);
  }

  openBotOrderIds(): string[] {
    return this.state.openIds();
  }

  /** Sends an order as one of the bots. The request takes time; the internal state contains the order at once. */
  submit(request: Omit<OrderRequest, 'clientOrderId'>): void {
    const clientOrderId = `bot${this.fate.between(1, 3)}-${this.nextClientId++}`;
    const { symbol, side, type, price = null, triggerPrice = null, amount = null } = request;
    const row = {
      id: null,
      clientOrderId,
      symbol,
      side,
      type,
      price,
      triggerPrice,
      amount,
      filled: '0',
      changedAt: null,
    };
    const [there, back] = this.bothWays();
    const isLost = this.isLost();
    const submission = this.nextSubmission++;
    this.state.submit(row, submission);
    if (isLost) this.finalState.submit(row, submission);
    this.dirty = true;
    this.trace(() => `bot sends ${clientOrderId} ${side} ${amount} ${symbol}${isLost ? ', which is lost' : ''}`);
    if (isLost) return;
    this.agenda.at(this.agenda.now + there, () => {
      // Bots that have forgotten it meanwhile learn of it only from the message.
      if (this.state.awaits(clientOrderId)) this.finalState.submit(row, submission);
      const place = (): unknown => this.engine.place(ACCOUNT, 'bot', { ...request, clientOrderId });
      if (!this.asAnswer(there, place)) return;
      this.finalState.withdraw(clientOrderId);
      this.whenAwake(this.agenda.now + back, () => this.state.withdraw(clientOrderId));
    });
  }

  /** Another request of a bot; the order may be gone when it arrives. */
  request(action: () => void): void {
    const [there] = this.bothWays();
    if (this.isLost()) return;
    this.agenda.at(this.agenda.now + there, () => void this.asAnswer(there, action));
  }

  /** Whether the exchange refused. */
  attempt(action: () => void): boolean {
    try {
      action();
      return false;
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      this.trace(() => `refused: ${error.message}`);
      return true;
    }
  }

  /** The bots read the whole account and replace their state. */
  resync(delay = this.fate.longTail(this.script.mostDelayMs)): void {
    const read: FullRead = {
      sequence: this.sequence,
      submissions: this.nextSubmission - 1,
      orders: this.account.open(),
      positions: this.account.positions(),
      balances: this.wallet(),
    };
    this.finalState.takeOver(read);
    this.dirty = true;
    this.trace(() => `bots read the account, which takes ${delay / 1000} s`);
    this.deliver(read, this.agenda.now + delay);
  }

  /** The bots restart from their saved state, and then read the account again, unless they omit it. */
  restart(lostMs: number, readsAnew: boolean): void {
    const { now } = this.agenda;
    const from = this.saved.findLast(({ at }) => at <= now - lostMs) ?? this.saved[0];
    if (from === undefined) return;
    this.saved = this.saved.filter(({ at }) => at <= from.at);
    this.state = from.state.clone();
    this.restartedFrom = readsAnew ? from.at : null;
    this.dirty = true;
    this.trace(() => `bots restart from what they had saved ${(now - from.at) / 1000} s ago`);
    this.starts += 1;
    this.restarts.push(now);
    if (!readsAnew) {
      this.connection += 1;
      this.finalState = this.state.clone();
      return;
    }
    const { starts } = this;
    const readMs = this.fate.longTail(this.script.mostDelayMs);
    const startMs = this.fate.between(0, SLOWEST_START_MS - this.script.mostDelayMs);
    this.whenAwake(now + startMs, () => {
      if (starts === this.starts) this.resync(readMs);
    });
  }

  /** The bots read and write nothing; messages wait for them. */
  freeze(durationMs: number): void {
    const from = this.agenda.now;
    if (this.frozenUntil(from) !== null) return;
    this.frozenSpans.push({ from, until: from + durationMs });
    this.trace(() => `bots freeze for ${durationMs / 1000} s`);
  }

  frozenUntil(at: number): number | null {
    return this.frozenSpans.find(({ from, until }) => at >= from && at < until)?.until ?? null;
  }

  frozenSince(at: number): number | null {
    return this.frozenSpans.find(({ from, until }) => at >= from && at < until)?.from ?? null;
  }

  /** A bot requests another price for an order; its state shows that price until the exchange has refused it. */
  askInVain(id: string, price: string, forMs: number): void {
    if (this.frozenUntil(this.agenda.now) !== null || this.frozenUntil(this.agenda.now + forMs) !== null) return;
    this.trace(() => `bot asks for ${price} in order ${id}, which will be refused`);
    this.state.asked = { id, price };
    this.dirty = true;
    this.agenda.at(this.agenda.now + forMs, () => {
      this.state.asked = null;
      this.dirty = true;
    });
  }

  transfer(currency: string, amount: string): void {
    this.sequence += 1;
    this.account.book(currency, amount, this.engine.now());
    this.dirty = true;
  }

  trace(text: () => string): void {
    if (this.traces) this.told.push({ at: this.agenda.now, text: text() });
  }

  /** The bots receive the answer within the remaining part of the maximum delay. */
  private asAnswer(spentMs: number, action: () => void): boolean {
    this.spentMs = spentMs;
    const refused = this.attempt(action);
    this.spentMs = 0;
    return refused;
  }

  private whenAwake(at: number, action: () => void, connection = this.connection): void {
    this.agenda.at(at, () => {
      const frozenUntil = this.frozenUntil(this.agenda.now);
      if (frozenUntil !== null) return this.whenAwake(frozenUntil, action, connection);
      if (connection !== this.connection) return;
      action();
      this.dirty = true;
    });
  }

  /** The delays of a request and its answer, together at most the world's maximum. */
  private bothWays(): [there: number, back: number] {
    const there = this.fate.longTail(Math.floor(this.script.mostDelayMs / 3));
    return [there, this.fate.longTail(this.script.mostDelayMs - there)];
  }

  private isLost(): boolean {
    return this.losingAll || this.fate.chance(this.script.lossRate);
  }

  /** A message from the exchange to the bots: delayed, lost, or duplicated. Later messages may overtake it. */
  private send(message: Message): void {
    const most = this.script.mostDelayMs - this.spentMs;
    const delay = this.fate.longTail(most);
    if (this.isLost()) return this.trace(() => `  lost: ${orderText(message.order)}`);
    take(this.finalState, message);
    this.deliver(message, this.agenda.now + delay);
    if (this.fate.chance(0.1)) this.deliver(message, this.agenda.now + this.fate.longTail(4 * most));
  }

  private deliver(message: Message | FullRead, at: number): void {
    const { starts } = this;
    this.whenAwake(at, () => {
      if ('orders' in message && starts !== this.starts) return;
      take(this.state, message);
      if ('orders' in message) this.haveRead();
      this.trace(() => `  bots hear ${'orders' in message ? 'of the whole account' : orderText(message.order)}`);
    });
  }

  /** The account was read: if state is written to a file, it is written at once. */
  private haveRead(): void {
    this.restartedFrom = null;
    this.changes += 1;
    // Only after everything else that waited for the bots to wake up has been received.
    if (this.script.pageEveryMs !== null) this.agenda.at(this.agenda.now, () => this.writePage());
  }

  private stateNow(): { rows: Rows; asOf: number } {
    const { now } = this.agenda;
    // A restarted bot reports the time at which it saved its state, until it has read the account.
    const asOf = this.restartedFrom ?? this.frozenSince(now) ?? now;
    return { rows: this.state.toRows(), asOf: asOf + this.script.skew.bot };
  }

  private keepSaving(at: number): void {
    this.agenda.at(at, () => {
      // After a restart nothing is saved before the account was read: it would carry a time at which it was not true.
      const isFrozen = this.frozenUntil(this.agenda.now) !== null;
      if (isFrozen || this.restartedFrom !== null) return this.keepSaving(this.agenda.now + 10_000);
      const state = this.changes === this.savedChanges ? this.saved.at(-1)?.state : undefined;
      this.savedChanges = this.changes;
      this.saved = [...this.saved.slice(-12), { at: this.agenda.now, state: state ?? this.state.clone() }];
      this.keepSaving(this.agenda.now + 10_000);
    });
  }

  private keepWriting(at: number, everyMs: number): void {
    this.agenda.at(at, () => {
      this.writePage();
      this.keepWriting(this.agenda.now + everyMs, everyMs);
    });
  }

  private writePage(): void {
    // After a restart no file is written before the account was read.
    if (this.frozenUntil(this.agenda.now) !== null || this.restartedFrom !== null) return;
    const rows = this.changes === this.writtenChanges ? this.page.rows : this.state.toRows();
    if (rows !== this.page.rows) this.dirty = true;
    this.writtenChanges = this.changes;
    this.page = { ...this.stateNow(), rows };
  }

  private note(): void {
    if (!this.dirty) return;
    this.dirty = false;
    this.changes += 1;
    const exchange = this.exchangeRows();
    this.moments.push({
      at: this.agenda.now,
      true: driftsBetween(exchange, this.compared(this.finalState.toRows()), this.rules),
      served: driftsBetween(exchange, this.compared(together(this.served())), this.rules),
    });
  }
}

function take(state: BelievedState, message: Message | FullRead): void {
  if ('orders' in message) state.takeOver(message);
  else state.hear(message);
}

function orderText({
  id,
  clientOrderId,
  symbol,
  side,
  type,
  amount,
  filled,
  price,
  triggerPrice,
  status,
}: Order): string {
  const at = price ?? triggerPrice ?? 'market';
  return `${clientOrderId} (${id}) ${status} ${side} ${amount} ${symbol} ${type} at ${at}, ${filled} filled`;
}
