import { Bans } from './bans.js';
import type { CcxtExchange } from './load-ccxt.js';
import { RequestThrottle, type Budget } from './request-throttle.js';

const MARKETS_MAX_AGE_MS = 24 * 60 * 60 * 1000;
/** An unknown symbol makes markets load again, but not more often than this. */
const MARKETS_MIN_AGE_MS = 60 * 1000;

/** What all accounts of one exchange in this process have in common: markets, request budget, bans. */
export class SharedExchange {
  readonly bans = new Bans();
  readonly throttle: RequestThrottle;
  /** The instance that holds the markets; the others refer to its maps. */
  private source: CcxtExchange | null = null;
  private loadedAt = Number.NEGATIVE_INFINITY;
  private loading: Promise<void> | null = null;

  constructor(budget: Budget) {
    this.throttle = new RequestThrottle(budget);
  }

  /**
   * Gives `exchange` the markets, loading them with it if there are none, or old ones. Callers at the same time share one load.
   * `loadMarkets(true)` because ccxt keeps a failed first load and would throw it for ever.
   */
  async giveMarkets(exchange: CcxtExchange, load: (exchange: CcxtExchange) => Promise<void>): Promise<void> {
    if (this.ageMs() > MARKETS_MAX_AGE_MS) await this.reload(exchange, load);
    this.refer(exchange);
  }

  /** Loads markets again for a symbol that is not among them; false where they are too young to be worth it. */
  async refreshMarkets(exchange: CcxtExchange, load: (exchange: CcxtExchange) => Promise<void>): Promise<boolean> {
    if (this.ageMs() < MARKETS_MIN_AGE_MS) return false;
    await this.reload(exchange, load);
    this.refer(exchange);
    return true;
  }

  private ageMs(): number {
    return performance.now() - this.loadedAt;
  }

  private async reload(exchange: CcxtExchange, load: (exchange: CcxtExchange) => Promise<void>): Promise<void> {
    this.loading ??= this.load(exchange, load).finally(() => {
      this.loading = null;
    });
    await this.loading;
  }

  private async load(exchange: CcxtExchange, load: (exchange: CcxtExchange) => Promise<void>): Promise<void> {
    await load(exchange);
    this.source = exchange;
    this.loadedAt = performance.now();
  }

  private refer(exchange: CcxtExchange): void {
    if (this.source !== null && this.source !== exchange && exchange.markets !== this.source.markets) {
      exchange.setMarketsFromExchange(this.source);
    }
  }
}

const processWide = new Map<string, SharedExchange>();

/** One per exchange and address: a proxy or a simulator has its own markets and limits. */
export function sharedExchange(id: string, baseUrl: string | null, budget: Budget): SharedExchange {
  const key = `${id} ${baseUrl ?? ''}`;
  let shared = processWide.get(key);
  if (shared === undefined) processWide.set(key, (shared = new SharedExchange(budgetAt(baseUrl, budget))));
  return shared;
}

/**
 * A server on this machine is a simulator, or a proxy with limits of its own: the exchange's budget is not spent by asking
 * it, and a demo or a test must not wait for it. What such a server itself says of limits is honoured like anywhere.
 */
function budgetAt(baseUrl: string | null, budget: Budget): Budget {
  const host = baseUrl === null ? '' : new URL(baseUrl).hostname;
  const local = host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host);
  return local ? { perMinute: budget.perMinute * 1_000, burst: budget.burst * 1_000 } : budget;
}
