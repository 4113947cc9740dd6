import { ageOf, closed, Doubt, GateClosed, readBody, readDocument, type GateAnswer } from './answer.js';

export interface GateOptions {
  /** Where `plumbline serve` listens, such as "http://127.0.0.1:9400". */
  url: string;
  /** The account's name in Plumbline's configuration. */
  account: string;
  /** A bearer token, if `serve` asks for one. */
  token?: string;
  /** How old an answer may be, in seconds, to count as open: at least 1. Default 30. */
  maxAge?: number;
  /** How long one request may take, in seconds. Default 2. */
  timeout?: number;
}

/** An answer with its age, which counts from when the request was sent, on both clocks. */
interface Known {
  answer: GateAnswer;
  tag: string | null;
  /** Age of the answer inside the server. */
  ageMs: number;
  sentMonotonicMs: number;
  sentWallMs: number;
}

/** The pause between two requests of the watcher, so that no server can make it spin. It doubles after a failure. */
const MIN_REST_MS = 100;
const MAX_REST_MS = 2_000;
/** How long the watcher asks without `wait` after a server refused to let it wait. */
const WITHOUT_WAIT_MS = 30_000;

/**
 * The trading gate of one account.
 *
 * Open means one thing only: Plumbline answered 200, about this account, with `"open": true` and no reason against it, and
 * the answer is not older than allowed. Anything else is closed: a timeout, an error, a redirect, a body that is not
 * understood.
 *
 * Without `watch()` each call asks the server. With it, the newest answer is kept, and the calls return at once.
 */
export class Gate {
  readonly account: string;
  readonly #address: URL;
  readonly #token: string | null;
  readonly #maxAgeMs: number;
  readonly #timeoutMs: number;
  #watcher: Watcher | null = null;

  /** @throws TypeError or RangeError for an invalid option */
  constructor({ url, account, token, maxAge = 30, timeout = 2 }: GateOptions) {
    const address = new URL(url);
    if (!/^https?:$/.test(address.protocol)) throw new TypeError('url must be an http:// or https:// address');
    if (!(Number.isFinite(maxAge) && maxAge >= 1)) {
      throw new RangeError('maxAge must be a number of seconds, at least 1');
    }
    if (!(Number.isFinite(timeout) && timeout > 0)) {
      throw new RangeError('timeout must be a number of seconds above 0');
    }
    address.pathname = `${address.pathname.replace(/\/$/, '')}/v1/accounts/${encodeURIComponent(account)}/gate`;
    this.account = account;
    this.#address = address;
    this.#token = token ?? null;
    this.#maxAgeMs = maxAge * 1_000;
    this.#timeoutMs = timeout * 1_000;
  }

  /** Returns the answer if the gate is open. @throws GateClosed otherwise, and nothing else */
  async check(): Promise<GateAnswer> {
    const answer = await this.answer();
    if (!answer.open) throw new GateClosed(this.account, answer.reasons);
    return answer;
  }

  /** Whether the bot may trade now. Never rejects. */
  async open(): Promise<boolean> {
    return (await this.answer()).open;
  }

  /** The answer, open or closed. Never rejects. */
  async answer(): Promise<GateAnswer> {
    return this.#judge(this.#watcher?.known ?? (await this.#ask(null, 0, null)));
  }

  /**
   * Calls the function and returns its result if the gate is open.
   *
   * @throws GateClosed without calling it otherwise; what the function throws
   */
  async hold<Result>(orderFunction: () => Result | Promise<Result>): Promise<Result> {
    await this.check();
    return orderFunction();
  }

  /**
   * Keeps the answer up to date in the background. `onChange` gets the first answer and each that differs from the previous one. The watcher
   * keeps the process alive until `close()`.
   */
  watch(onChange?: (answer: GateAnswer) => void): void {
    this.#watcher ??= new Watcher(async (known, waitSeconds, stopped) => this.#ask(known, waitSeconds, stopped), {
      maxAgeMs: this.#maxAgeMs,
      onChange: onChange ?? (() => {}),
    });
  }

  /** Ends the watcher; the gate then asks for each call again. */
  close(): void {
    this.#watcher?.stop();
    this.#watcher = null;
  }

  #judge(known: Known): GateAnswer {
    const passedMs = Math.max(0, performance.now() - known.sentMonotonicMs, Date.now() - known.sentWallMs);
    // Written so that NaN is too old.
    if (known.answer.open && !(known.ageMs + passedMs <= this.#maxAgeMs)) {
      return closed(`the answer is older than ${this.#maxAgeMs / 1_000} s`);
    }
    return known.answer;
  }

  /** One request. Closed if the answer is in doubt. */
  async #ask(known: Known | null, waitSeconds: number, stopped: AbortSignal | null): Promise<Known> {
    const sent = { sentMonotonicMs: performance.now(), sentWallMs: Date.now() };
    const milliseconds = this.#timeoutMs + waitSeconds * 1_000;
    // For the whole request, body included. Not AbortSignal.any, which the first versions of Node.js 20 do not have.
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const timer = setTimeout(end, milliseconds);
    stopped?.addEventListener('abort', end);
    try {
      const response = await fetch(this.#addressWith(known, waitSeconds), {
        headers: this.#headers(known),
        redirect: 'manual',
        signal: ending.signal,
      });
      const tag = response.headers.get('etag');
      if (response.status === 304) return { ...sent, ...unchanged(known, tag, response.headers) };
      const { answer, ageMs } = readDocument(response.status, await readBody(response), this.account);
      return { ...sent, answer, tag, ageMs };
    } catch (error) {
      const doubt = ending.signal.aborted
        ? `the gate did not answer within ${milliseconds / 1_000} s`
        : error instanceof Doubt
          ? error.message
          : `the gate cannot be asked (${messageOf(error)})`;
      return { ...sent, answer: closed(doubt), tag: null, ageMs: 0 };
    } finally {
      clearTimeout(timer);
      stopped?.removeEventListener('abort', end);
      // A body that was not read would keep its connection.
      end();
    }
  }

  #addressWith(known: Known | null, waitSeconds: number): URL {
    const address = new URL(this.#address);
    if (known !== null && known.tag !== null && waitSeconds > 0) address.searchParams.set('wait', String(waitSeconds));
    return address;
  }

  #headers(known: Known | null): Record<string, string> {
    return {
      accept: 'application/json',
      'user-agent': 'plumbline-bot',
      ...(this.#token !== null && { authorization: `Bearer ${this.#token}` }),
      ...(known !== null && known.tag !== null && { 'if-none-match': known.tag }),
    };
  }
}

type Ask = (known: Known | null, waitSeconds: number, stopped: AbortSignal) => Promise<Known>;

class Watcher {
  /** Null before the first answer; until then each call asks the server itself. */
  known: Known | null = null;
  readonly #stopped = new AbortController();

  constructor(
    private readonly ask: Ask,
    private readonly options: { maxAgeMs: number; onChange: (answer: GateAnswer) => void },
  ) {
    void this.#run();
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const maxAgeSeconds = this.options.maxAgeMs / 1_000;
    // An answer comes at least this often, so that a lost answer does not let the previous one expire.
    const waitSeconds = Math.max(1, Math.floor(Math.min(maxAgeSeconds / 3, 60)));
    let restMs = MIN_REST_MS;
    let withoutWaitUntil = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const waits = maxAgeSeconds >= 3 && performance.now() >= withoutWaitUntil;
      const askedToWait = waits && this.known !== null && this.known.tag !== null;
      const known = await this.ask(this.known, waits ? waitSeconds : 0, signal);
      if (signal.aborted) return;
      this.#take(known);
      if (known.tag === null) {
        restMs = Math.min(2 * restMs, MAX_REST_MS);
        if (askedToWait) withoutWaitUntil = performance.now() + WITHOUT_WAIT_MS;
      } else restMs = MIN_REST_MS;
      await this.#rest(waits || known.tag === null ? restMs : Math.min(this.options.maxAgeMs / 3, 1_000));
    }
  }

  #take(known: Known): void {
    const isChanged = JSON.stringify(known.answer) !== JSON.stringify(this.known?.answer);
    this.known = known;
    if (!isChanged) return;
    try {
      this.options.onChange(known.answer);
    } catch {
      // An error in the bot's callback must not end the watcher.
    }
  }

  async #rest(milliseconds: number): Promise<void> {
    const { signal } = this.#stopped;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end);
    });
  }
}

/** A 304 counts only if the known answer is open and has the same tag, and with an age. */
function unchanged(
  known: Known | null,
  tag: string | null,
  headers: Headers,
): { answer: GateAnswer; tag: string; ageMs: number } {
  if (known?.answer.open !== true || known.tag === null || tag !== known.tag) {
    throw new Doubt('the gate answered 304 to a request without this tag');
  }
  return { answer: known.answer, tag, ageMs: ageOf(headers) };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause: unknown = error.cause;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
