import { Places } from './places.js';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** An exchange's limits of single endpoints, which it counts for each account. */
export interface EndpointLimits {
  windowMs: number;
  /** Requests in one window to each endpoint. */
  requests: number;
  /** Endpoints with another limit, by path. */
  byPath?: Readonly<Record<string, number>>;
}

/**
 * Keeps one account's requests below the limit of each endpoint. The exchange counts a request when it arrives, which is
 * between its start and its answer, so a place is free again one window after the answer: then no window of the exchange
 * holds more than the limit, however long a request was on its way.
 */
export class EndpointWindows {
  private readonly places = new Map<string, Places>();

  /** @param raised how many times the documented limits the account may use */
  constructor(
    private readonly limits: EndpointLimits,
    private readonly raised = 1,
  ) {}

  /** Resolves with a function to call when the request has ended. Rejects with the signal's reason. */
  async take(path: string, signal: AbortSignal | undefined): Promise<() => void> {
    // The timers of the windows let a process end, but not while somebody waits for one of them.
    const awake = setInterval(() => {}, LONGEST_TIMER_MS);
    const free = await this.placesOf(path)
      .take(signal)
      .finally(() => clearInterval(awake));
    return () => {
      setTimeout(free, this.limits.windowMs).unref();
    };
  }

  private placesOf(path: string): Places {
    const known = this.places.get(path);
    if (known !== undefined) return known;
    const { byPath = {}, requests } = this.limits;
    const documented = Object.hasOwn(byPath, path) ? (byPath[path] ?? requests) : requests;
    const made = new Places(Math.floor(documented * this.raised));
    this.places.set(path, made);
    return made;
  }
}
