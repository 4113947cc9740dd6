import { Bans } from './transport/bans.js';
import { guardTransport, type TransportRules } from './transport/guarded-transport.js';
import type { CcxtExchange } from './transport/ccxt-exchange.js';
import { createTemplate, loadCcxtClass } from './transport/load-ccxt.js';
import type { Profile } from './profile/profile.js';
import type { Budget, Usage } from './budget/request-budget.js';
import { RequestThrottle } from './budget/request-throttle.js';
import type { SpendingRecord } from './budget/shared-budget.js';
import { untilAborted } from './transport/until-aborted.js';
import { isLoopback } from '@plumbline/primitives/hosts';

const MARKETS_MAX_AGE_MS = 24 * 60 * 60 * 1000;
/** An unknown symbol makes markets load again, but not more often than this. */
const MARKETS_MIN_AGE_MS = 60 * 1000;
/** One load of all markets, with its waits for the budget. Several times what the largest exchange takes. */
const MARKETS_DEADLINE_MS = 5 * 60 * 1000;

/** Asks for the markets through the template, until the signal aborts. */
export type MarketLoad = (template: CcxtExchange, signal: AbortSignal) => Promise<void>;

/** What all accounts of one exchange in this process have in common: the ccxt instance with its markets, budget, bans. */
export class SharedExchange {
  readonly bans = new Bans();
  readonly throttle: RequestThrottle;
  private marketsLoadedAt = Number.NEGATIVE_INFINITY;
  private guarded = false;
  private loading: Promise<void> | null = null;
  /** The least that an account of it asked for. */
  private weightPerMinute: number | null = null;

  constructor(
    readonly template: CcxtExchange,
    private readonly name: string,
    /** Well below the exchange's documented limit. */
    private readonly documented: Budget,
    private readonly local: boolean,
    private readonly marketsDeadlineMs: number = MARKETS_DEADLINE_MS,
  ) {
    this.throttle = new RequestThrottle(local ? unbounded(documented) : documented);
    template.throttler = this.throttle;
  }

  /**
   * The budget of all its accounts, as one of them has it; the least of them counts. Written in the workers' common
   * budget, but for a server on this machine that nobody set a limit for.
   */
  spendAtMost(weightPerMinute: number | null, spending: SpendingRecord | undefined): void {
    if (weightPerMinute !== null && weightPerMinute < (this.weightPerMinute ?? Number.POSITIVE_INFINITY)) {
      this.weightPerMinute = weightPerMinute;
      this.throttle.spendBy(this.budget);
    }
    if (spending !== undefined && (!this.local || this.weightPerMinute !== null)) {
      this.throttle.shareBy(spending, this.name);
    }
  }

  /** What all its accounts may spend: burst and rate together are the most of any minute. */
  get budget(): Budget {
    const { documented, weightPerMinute } = this;
    return weightPerMinute === null ? documented : scaled(documented, weightPerMinute / mostOf(documented));
  }

  /** What the exchange says of our use. Who sets a budget above the documented limit has a limit of his own. */
  report(usage: Usage): void {
    const { documented, weightPerMinute } = this;
    const raised = weightPerMinute === null ? 1 : Math.max(1, weightPerMinute / mostOf(documented));
    this.throttle.report({ ...usage, limit: usage.limit * raised });
  }

  /**
   * Markets are public and loaded through the template, by the rules of the account that came first, but for its key: only
   * bans of the address concern them.
   */
  guardTemplate(rules: TransportRules): void {
    if (this.guarded) return;
    guardTransport(this.template, { ...rules, key: null });
    this.guarded = true;
  }

  /**
   * Loads markets if there are none, or old ones. Callers at the same time share one load; a failed one is forgotten. A caller
   * that aborts leaves, and the load goes on for the others and for the next attempt, up to a deadline of its own.
   */
  async loadMarkets(load: MarketLoad, signal?: AbortSignal): Promise<void> {
    if (this.ageMs() > MARKETS_MAX_AGE_MS) await this.reload(load, signal);
  }

  /** Loads markets again for a symbol that is not among them; false where they are too young to be worth it. */
  async refreshMarkets(load: MarketLoad, signal?: AbortSignal): Promise<boolean> {
    if (this.ageMs() < MARKETS_MIN_AGE_MS) return false;
    await this.reload(load, signal);
    return true;
  }

  private ageMs(): number {
    return performance.now() - this.marketsLoadedAt;
  }

  private async reload(load: MarketLoad, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.loading ??= this.loadOnce(load).finally(() => {
      this.loading = null;
    });
    await untilAborted(this.loading, signal);
  }

  private async loadOnce(load: MarketLoad): Promise<void> {
    await load(this.template, AbortSignal.timeout(this.marketsDeadlineMs));
    this.marketsLoadedAt = performance.now();
  }
}

const processWide = new Map<string, Promise<SharedExchange>>();

/**
 * One per exchange and address: a proxy or a simulator has its own markets and limits. Throws FailureError `unsupported`
 * for an id that ccxt does not have.
 */
export async function sharedExchange(profile: Profile, baseUrl: string | null): Promise<SharedExchange> {
  const key = `${profile.id} ${baseUrl ?? ''}`;
  const known = processWide.get(key);
  if (known !== undefined) return known;
  const made = makeShared(profile, baseUrl, key);
  processWide.set(key, made);
  made.catch(() => processWide.delete(key));
  return made;
}

async function makeShared(profile: Profile, baseUrl: string | null, name: string): Promise<SharedExchange> {
  const template = createTemplate(await loadCcxtClass(profile.id), profile.options);
  if (profile.loadsCurrencies === true) template.has['fetchCurrencies'] = true;
  if (baseUrl !== null) template.urls.api = rebased(template.urls.api, baseUrl);
  return new SharedExchange(template, name, profile.budget, isLocal(baseUrl));
}

/** Replaces scheme and host of every address: a base of "http://h:1/x" makes "https://a.b/fapi/v1" "http://h:1/x/fapi/v1". */
function rebased(address: unknown, baseUrl: string): unknown {
  if (typeof address === 'string') return address.replace(/^[a-z]+:\/\/[^/]+/i, baseUrl.replace(/\/+$/, ''));
  if (typeof address !== 'object' || address === null) return address;
  return Object.fromEntries(Object.entries(address).map(([name, inner]) => [name, rebased(inner, baseUrl)]));
}

/**
 * A server on this machine is a simulator, or a proxy with limits of its own: the exchange's budget is not spent by asking
 * it, and a demo or a test must not wait for it. What such a server itself says of limits is honoured like anywhere.
 */
function isLocal(baseUrl: string | null): boolean {
  return baseUrl !== null && isLoopback(new URL(baseUrl).host);
}

function unbounded(budget: Budget): Budget {
  return scaled(budget, 1_000);
}

function mostOf({ perMinute, burst }: Budget): number {
  return perMinute + burst;
}

function scaled({ perMinute, burst }: Budget, by: number): Budget {
  return { perMinute: perMinute * by, burst: burst * by };
}
