import { Bans } from './transport/bans.js';
import { guardTransport, type TransportRules } from './transport/guarded-transport.js';
import type { CcxtExchange } from './transport/ccxt-exchange.js';
import { createTemplate, enterEnvironment, loadCcxtClass } from './transport/load-ccxt.js';
import type { Environment } from '../config/environments.js';
import { HeldPrices } from './held-prices.js';
import type { Profile } from './profile/profile.js';
import type { EndpointLimits } from './budget/endpoint-windows.js';
import type { Budget, Usage } from './budget/request-budget.js';
import { RequestThrottle } from './budget/request-throttle.js';
import type { SpendingRecord } from './budget/shared-budget.js';
import { untilAborted } from './transport/until-aborted.js';
import { isLoopback } from '@plumbline/primitives/hosts';

const MARKETS_MAX_AGE_MS = 24 * 60 * 60 * 1000;
/** An unknown symbol reloads the markets, at most this often. */
const MARKETS_MIN_AGE_MS = 60 * 1000;
const SPOT_PRICES_MAX_AGE_MS = 60 * 60 * 1000;
/** Drifts are valued by them, so they are newer than those that only tell dust from a holding. */
const CONTRACT_PRICES_MAX_AGE_MS = 5 * 60 * 1000;
/** Deadline of one load of all markets, including waits for the budget. Several times what the largest exchange takes. */
const MARKETS_DEADLINE_MS = 5 * 60 * 1000;

/** Loads the markets through the template, until the signal aborts. */
export type MarketLoad = (template: CcxtExchange, signal: AbortSignal) => Promise<void>;

/** What all accounts of one exchange in this process share: the ccxt instance with its markets, the budget and the bans. */
export class SharedExchange {
  readonly bans = new Bans();
  readonly throttle: RequestThrottle;
  readonly spotPrices = new HeldPrices(SPOT_PRICES_MAX_AGE_MS);
  readonly contractPrices = new HeldPrices(CONTRACT_PRICES_MAX_AGE_MS);
  private marketsLoadedAt = Number.NEGATIVE_INFINITY;
  private guarded = false;
  private loading: Promise<void> | null = null;
  /** The lowest `weight_per_minute` that an account configures. */
  private weightPerMinute: number | null = null;
  private readonly marketsDeadlineMs: number;

  constructor(
    readonly template: CcxtExchange,
    private readonly name: string,
    /** Well below the exchange's documented limit. */
    private readonly documented: Budget,
    private readonly local: boolean,
    {
      endpointLimits,
      marketsDeadlineMs = MARKETS_DEADLINE_MS,
    }: { endpointLimits?: EndpointLimits | undefined; marketsDeadlineMs?: number } = {},
  ) {
    this.marketsDeadlineMs = marketsDeadlineMs;
    const budget = local ? unbounded(documented) : documented;
    this.throttle = new RequestThrottle(budget, { endpointLimits });
    template.throttler = this.throttle;
  }

  /**
   * Applies one account's configured budget; the lowest of all accounts counts. The spending is shared between workers, except
   * for a server on this machine without a configured budget.
   */
  spendAtMost(weightPerMinute: number | null, spending: SpendingRecord | undefined): void {
    if (weightPerMinute !== null && weightPerMinute < (this.weightPerMinute ?? Number.POSITIVE_INFINITY)) {
      this.weightPerMinute = weightPerMinute;
      this.throttle.spendBy(this.budget, this.raised);
    }
    if (spending !== undefined && (!this.local || this.weightPerMinute !== null)) {
      this.throttle.shareBy(spending, this.name);
    }
  }

  /** What all its accounts may spend. Burst and rate together are the maximum of any minute. */
  get budget(): Budget {
    const { documented, weightPerMinute } = this;
    return weightPerMinute === null ? documented : scaled(documented, weightPerMinute / mostOf(documented));
  }

  /** The exchange's own count of our use. */
  report(usage: Usage): void {
    this.throttle.report({ ...usage, limit: usage.limit * this.raised });
  }

  /** How many times the documented limits the user has: a configured budget above the documented one says so. */
  private get raised(): number {
    return this.weightPerMinute === null ? 1 : Math.max(1, this.weightPerMinute / mostOf(this.documented));
  }

  /**
   * Markets are public. They are loaded through the template with the rules of the first account, without its key, so only bans
   * of the address apply.
   */
  guardTemplate(rules: TransportRules): void {
    if (this.guarded) return;
    guardTransport(this.template, { ...rules, key: null });
    this.guarded = true;
  }

  /**
   * Loads markets if there are none or they are old. Concurrent callers share one load; a failed load is not kept. If a caller
   * aborts, the load continues for the others and for the next attempt, up to its own deadline.
   */
  async loadMarkets(load: MarketLoad, signal?: AbortSignal): Promise<void> {
    if (this.ageMs() > MARKETS_MAX_AGE_MS) await this.reload(load, signal);
  }

  /** Reloads markets for an unknown symbol. Returns false, without a reload, where they were loaded just now. */
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

/** The address and environment at which an exchange is asked. */
export interface ExchangePlace {
  baseUrl: string | null;
  /** Absent: live. */
  environment?: Exclude<Environment, 'live'>;
}

/**
 * One per exchange, environment and base URL, because a demo, a proxy or a simulator has its own markets and limits. Throws
 * FailureError `unsupported` for an id that ccxt does not have.
 */
export async function sharedExchange(profile: Profile, place: ExchangePlace): Promise<SharedExchange> {
  const { baseUrl, environment } = place;
  const key = [profile.id, baseUrl ?? '', ...(environment === undefined ? [] : [environment])].join(' ');
  const known = processWide.get(key);
  if (known !== undefined) return known;
  const made = makeShared(profile, place, key);
  processWide.set(key, made);
  made.catch(() => processWide.delete(key));
  return made;
}

async function makeShared(
  profile: Profile,
  { baseUrl, environment }: ExchangePlace,
  name: string,
): Promise<SharedExchange> {
  const template = createTemplate(await loadCcxtClass(profile.id), profile.options);
  // Before the addresses are replaced: ccxt puts those of the environment in their place.
  if (environment !== undefined) enterEnvironment(template, environment);
  template.headers = { ...template.headers, ...profile.headers };
  if (profile.loadsCurrencies === true) template.has['fetchCurrencies'] = true;
  if (baseUrl !== null) template.urls.api = rebased(template.urls.api, baseUrl);
  return new SharedExchange(template, name, profile.budget, isLocal(baseUrl), {
    endpointLimits: profile.endpointLimits,
  });
}

/** Replaces scheme and host of every address: a base of "http://h:1/x" makes "https://a.b/fapi/v1" "http://h:1/x/fapi/v1". */
function rebased(address: unknown, baseUrl: string): unknown {
  if (typeof address === 'string') return address.replace(/^[a-z]+:\/\/[^/]+/i, baseUrl.replace(/\/+$/, ''));
  if (typeof address !== 'object' || address === null) return address;
  return Object.fromEntries(Object.entries(address).map(([name, inner]) => [name, rebased(inner, baseUrl)]));
}

/**
 * A server on this machine is a simulator or a proxy with its own limits. Requests to it do not spend the exchange's budget, so
 * a demo or a test does not wait. Limits of single endpoints and those that the server itself reports are still honoured.
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
