/** Number of requests kept to compute the peaks; older ones count only in the totals. */
const RECENT_LIMIT = 50_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** The sender: an account's id, or a marker that no valid key was sent. */
export type Requester = string;
export const ANONYMOUS: Requester = 'anonymous';

interface Counted {
  at: number;
  endpoint: string;
  weight: number;
}

interface Tally {
  requests: number;
  weight: number;
  by_endpoint: Record<string, number>;
}

/** The answer of `GET /sim/requests`. Weights are those of the exchange's own rate limit. */
export interface RequestReport {
  since: string;
  requests: number;
  weight: number;
  /** The maximum within any 60 s and any one second. */
  peak: { requests_per_second: number; weight_per_minute: number };
  by_status: Record<string, number>;
  by_endpoint: Record<string, number>;
  by_account: Record<Requester, Tally>;
}

/**
 * Counts the requests that reach the exchange's wires: an independent measure of how much a client really asked.
 *
 * A request counts when it arrives, even if a fault answers it; account and weight are added when the wire knows them.
 */
export class RequestLog {
  private since: number;
  private recent: Counted[] = [];
  private arrived = new WeakMap<object, Counted>();
  private total: Tally = emptyTally();
  private byAccount = new Map<Requester, Tally>();
  private byStatus = new Map<number, number>();

  constructor(private readonly now: () => number) {
    this.since = now();
  }

  /** `endpoint` is method and path, "GET /binanceusdm/fapi/v1/openOrders". */
  arrive(request: object, endpoint: string): void {
    const counted: Counted = { at: this.now(), endpoint, weight: 0 };
    this.arrived.set(request, counted);
    this.recent.push(counted);
    if (this.recent.length > RECENT_LIMIT) this.recent.shift();
    count(this.total, counted);
  }

  /** Sets a request's account and weight; must be called once per request. */
  attribute(request: object, requester: Requester, weight: number): void {
    const counted = this.arrived.get(request);
    if (counted === undefined) return;
    counted.weight = weight;
    this.total.weight += weight;
    const tally = this.byAccount.get(requester) ?? emptyTally();
    this.byAccount.set(requester, tally);
    count(tally, counted);
    tally.weight += weight;
  }

  countStatus(status: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
  }

  report(): RequestReport {
    return {
      since: new Date(this.since).toISOString(),
      requests: this.total.requests,
      weight: this.total.weight,
      peak: {
        requests_per_second: peakOf(this.recent, SECOND_MS, () => 1),
        weight_per_minute: peakOf(this.recent, MINUTE_MS, ({ weight }) => weight),
      },
      by_status: Object.fromEntries(this.byStatus),
      by_endpoint: this.total.by_endpoint,
      by_account: Object.fromEntries(this.byAccount),
    };
  }

  clear(): void {
    this.since = this.now();
    this.recent = [];
    this.total = emptyTally();
    this.byAccount = new Map();
    this.byStatus = new Map();
  }
}

function count(tally: Tally, { endpoint }: Counted): void {
  tally.requests += 1;
  tally.by_endpoint[endpoint] = (tally.by_endpoint[endpoint] ?? 0) + 1;
}

function emptyTally(): Tally {
  return { requests: 0, weight: 0, by_endpoint: {} };
}

/** The largest sum over a window that slides along the requests, oldest first. */
function peakOf(counted: readonly Counted[], windowMs: number, valueOf: (one: Counted) => number): number {
  let [start, sum, peak] = [0, 0, 0];
  for (const one of counted) {
    sum += valueOf(one);
    for (let oldest = counted[start]; oldest !== undefined && oldest.at <= one.at - windowMs; oldest = counted[start]) {
      sum -= valueOf(oldest);
      start += 1;
    }
    peak = Math.max(peak, sum);
  }
  return peak;
}
