import { setTimeout as sleep } from 'node:timers/promises';
import { callContext, type ExchangeCallContext } from '../transport/call-context.js';
import { nameOf, type Endpoint } from '../transport/endpoint.js';
import type { CcxtExchange } from '../transport/ccxt-exchange.js';
import { ExchangeFailure } from '../transport/error-kinds.js';
import { EndpointWindows, type EndpointLimits } from './endpoint-windows.js';
import { Places } from './places.js';
import { RequestBudget, type Budget, type Usage } from './request-budget.js';
import { SharedBudget, type SpendingRecord } from './shared-budget.js';

/** Concurrent requests of one process. With the hold of the budget it bounds several workers on one address. */
const LANES = 4;
/** Requests in a row without an answer after which the exchange counts as silent: every lane, twice. */
const SILENT_AFTER = 2 * LANES;
/** Requests that may wait for a lane while the exchange is silent. They find out when it answers again. */
const MAX_WAITING_WHILE_SILENT = 2 * LANES;
/** Wait before a request that was refused here is tried again. Each attempt costs Temporal as much as a read. */
const TURNED_AWAY_MS = 20_000;

export type { SpendingRecord } from './shared-budget.js';

export interface ThrottleOptions {
  /** A monotonic clock, milliseconds. */
  now?: () => number;
  wait?: Sleep;
  /** Absent where the exchange limits no single endpoint. */
  endpointLimits?: EndpointLimits | undefined;
}

type Sleep = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

/**
 * Spends one exchange's request weight for all accounts of this process, in the order of the requests. Replaces ccxt's own
 * throttler, which ignores the idle time between two observations, so every observation after the first would wait.
 *
 * Three bounds. Our own count: at most `burst + perMinute` in any minute. The budget that all workers share, where there is one:
 * the same bound for all of them. The exchange's count, where it reports one: no request above three quarters of its limit.
 * That count includes the bot on the same address; with four concurrent requests each, workers cannot pass the limit together
 * before all have seen it near. While the shared budget does not answer (the ledger is down, so there are no verdicts either),
 * the other two hold.
 *
 * While the exchange is silent (it answered none of the last requests), most requests fail at once instead of waiting for a
 * lane: every lane is then held until a deadline, and waiting readers would hold all activity slots of the worker. A few
 * still wait, so the first answer is noticed, and a process with a few accounts never meets this bound.
 *
 * If the exchange limits single endpoints, a request first takes a place in its endpoint's window. Then it takes a lane, then its
 * turn, then it waits until its weight may be spent. A request that aborts leaves whatever it waits for and spends nothing.
 */
export class RequestThrottle {
  private readonly budget: RequestBudget;
  private readonly lanes = new Places(LANES);
  /** Only one request at a time waits for the budget, so no other can spend the weight that it waits for. */
  private readonly turn = new Places(1);
  /** By account, because the exchange counts these limits for each account. */
  private readonly windows = new WeakMap<CcxtExchange, EndpointWindows>();
  private raised = 1;
  private shared: SharedBudget | null = null;
  private readonly now: () => number;
  private readonly wait: Sleep;
  private readonly endpointLimits: EndpointLimits | undefined;
  /** Requests in a row that the exchange did not answer. */
  private unanswered = 0;

  constructor(
    budget: Budget,
    { now = () => performance.now(), wait = sleepFor, endpointLimits }: ThrottleOptions = {},
  ) {
    this.now = now;
    this.wait = wait;
    this.endpointLimits = endpointLimits;
    this.budget = new RequestBudget(budget);
  }

  /** Replaces the budget. Accounts whose first request follows have `raised` times the documented limits of endpoints. */
  spendBy(budget: Budget, raised = 1): void {
    this.budget.change(budget);
    this.raised = raised;
  }

  /** From now on spending is also recorded in the budget that all workers share, under this exchange's name. */
  shareBy(spending: SpendingRecord, name: string): void {
    this.shared ??= new SharedBudget(spending, name, this.now);
  }

  /** Applies the exchange's own count. */
  report(usage: Usage): void {
    this.budget.report(usage, this.now());
  }

  /** A request was answered, whatever the answer was. */
  answered(): void {
    this.unanswered = 0;
  }

  /** A request was not answered before its deadline. */
  timedOut(): void {
    this.unanswered += 1;
  }

  /**
   * Resolves when the weight may be spent. ccxt calls it before it signs, so that a signature is never old. Rejects when the
   * call's signal aborts, and with an ExchangeFailure of kind `timeout` where the exchange is silent and enough requests wait
   * for it.
   */
  async throttle(cost: number | string = 1): Promise<void> {
    const context = callContext.getStore();
    // ccxt is set to return numbers as text, and so returns costs as text too.
    const weight = onlyEndpoint(context)?.weight ?? weightOf(cost);
    const endWindow = await this.takeWindow(context);
    let release = endWindow;
    try {
      if (this.lanes.waitingCount >= MAX_WAITING_WHILE_SILENT) this.refuseWhileSilent(context);
      const freeLane = await this.lanes.take(context?.signal);
      release = () => {
        freeLane();
        endWindow();
      };
      // Those that came before the exchange fell silent.
      if (this.lanes.waitingCount > MAX_WAITING_WHILE_SILENT) this.refuseWhileSilent(context);
      await this.spend(weight, context?.signal);
    } catch (error) {
      release();
      throw error;
    }
    if (context === undefined) release();
    else {
      context.lanes.push(release);
      context.weights.push(weight);
    }
  }

  /** A place in the window of the request's endpoint. */
  private async takeWindow(context: ExchangeCallContext | undefined): Promise<() => void> {
    const endpoint = onlyEndpoint(context);
    if (context === undefined || endpoint === undefined || this.endpointLimits === undefined) return () => {};
    const windows = this.windows.get(context.exchange) ?? new EndpointWindows(this.endpointLimits, this.raised);
    this.windows.set(context.exchange, windows);
    return windows.take(endpoint.path, context.signal);
  }

  private refuseWhileSilent(context: ExchangeCallContext | undefined): void {
    if (this.unanswered < SILENT_AFTER) return;
    const where = context?.allowed.map(nameOf).join(', ') ?? null;
    const failure = new ExchangeFailure({
      kind: 'timeout',
      message: `${where ?? 'a request'} was not asked: the exchange left the last ${this.unanswered} requests without an answer, and ${this.lanes.waitingCount} others wait for it`,
      where,
      remedy: "check the network from this machine to the exchange, and the exchange's status page",
      retryAfterMs: TURNED_AWAY_MS,
    });
    // Also noted in the call, because ccxt may swallow the thrown error.
    context?.failures.push(failure);
    throw failure;
  }

  private async spend(weight: number, signal: AbortSignal | undefined): Promise<void> {
    const endTurn = await this.turn.take(signal);
    try {
      await this.waitForBudget(weight, signal);
      const costMs = this.budget.costMs(weight);
      const place = await this.shared?.take(costMs, signal);
      if (place !== undefined) await this.waitForPlace(place, weight, signal);
      this.budget.spend(weight, this.now());
    } finally {
      endTurn();
    }
  }

  private async waitForPlace(
    { aheadMs, giveBack }: { aheadMs: number; giveBack: () => void },
    weight: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      const waitMs = this.budget.beyondBurst(aheadMs, this.budget.costMs(weight));
      if (waitMs > 0) await this.wait(waitMs, signal);
      // An answer may meanwhile have reported that the exchange's count is near its limit.
      await this.waitForBudget(weight, signal);
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  private async waitForBudget(weight: number, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const waitMs = this.budget.waitMs(weight, this.now());
      if (!(waitMs > 0)) return;
      await this.wait(waitMs, signal);
    }
  }
}

/** The endpoint of a call with a single one. With several, ccxt does not say here which one it requests. */
function onlyEndpoint(context: ExchangeCallContext | undefined): Endpoint<unknown> | undefined {
  return context?.allowed.length === 1 ? context.allowed[0] : undefined;
}

function weightOf(cost: number | string): number {
  const weight = Number(cost);
  return weight >= 0 && Number.isFinite(weight) ? weight : 1;
}

/** Node's timers have 32 bits; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

async function sleepFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(Math.min(ms, LONGEST_TIMER_MS), undefined, signal === undefined ? {} : { signal });
}
