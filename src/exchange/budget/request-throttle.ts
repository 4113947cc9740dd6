import { setTimeout as sleep } from 'node:timers/promises';
import { callContext, type ExchangeCallContext } from '../transport/call-context.js';
import { Places } from './places.js';
import { RequestBudget, type Budget, type Usage } from './request-budget.js';
import { SharedBudget, type SpendingRecord } from './shared-budget.js';

/** Requests of one process under way at once; with the hold of the budget, what bounds several workers on one address. */
const LANES = 4;

export type { SpendingRecord } from './shared-budget.js';

type Sleep = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

/**
 * Spends one exchange's request weight for all accounts of this process, in the order of asking. It takes the place of
 * ccxt's own throttler, which forgets the rest between two observations and so makes every one after the first wait.
 *
 * Three bounds. By our own count: in any minute at most `burst + perMinute`. By the shared budget that all workers keep
 * together, where there is one: the same bound for all of them. By the exchange's count where it reports one: nothing
 * is asked above three quarters of its limit. That count includes the bot on the same address: with four requests under
 * way each, workers cannot pass the limit together before all have seen it near. While the shared budget does not
 * answer (the ledger is away, and with it every verdict), the other two hold.
 *
 * A request takes a lane, then its turn, and waits until its weight may be spent; only then is it spent. A request that is
 * aborted leaves whatever it waits for, and has spent nothing.
 */
export class RequestThrottle {
  private readonly budget: RequestBudget;
  private readonly lanes = new Places(LANES);
  /** One request at a time waits for the budget: what it waits for cannot be spent by another meanwhile. */
  private readonly turn = new Places(1);
  private shared: SharedBudget | null = null;

  constructor(
    budget: Budget,
    private readonly now: () => number = () => performance.now(),
    private readonly wait: Sleep = sleepFor,
  ) {
    this.budget = new RequestBudget(budget);
  }

  /** Goes on by another budget. */
  spendBy(budget: Budget): void {
    this.budget.change(budget);
  }

  /**
   * From now on what is spent is also written in the shared budget that all workers keep, under this exchange's name.
   */
  shareBy(spending: SpendingRecord, name: string): void {
    this.shared ??= new SharedBudget(spending, name, this.now);
  }

  /** Takes note of the exchange's own count. */
  report(usage: Usage): void {
    this.budget.report(usage, this.now());
  }

  /**
   * Resolves when the weight may be spent. ccxt calls it before it signs, so that a signature is never old. Rejects when
   * the call's signal aborts.
   */
  async throttle(cost: number | string = 1): Promise<void> {
    const context = callContext.getStore();
    // ccxt, set to make texts of numbers, makes them of costs too.
    const weight = documentedWeight(context) ?? weightOf(cost);
    const release = await this.lanes.take(context?.signal);
    try {
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
      // Answers that came meanwhile may have reported that the exchange counts us near its limit.
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

/** Where a call asks a single question: of several, ccxt does not say here which one it is about to ask. */
function documentedWeight(context: ExchangeCallContext | undefined): number | undefined {
  return context?.allowed.length === 1 ? context.allowed[0]?.weight : undefined;
}

function weightOf(cost: number | string): number {
  const weight = Number(cost);
  return weight >= 0 && Number.isFinite(weight) ? weight : 1;
}

/** Timers count in 32 bits, and fire at once beyond. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

async function sleepFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(Math.min(ms, LONGEST_TIMER_MS), undefined, signal === undefined ? {} : { signal });
}
