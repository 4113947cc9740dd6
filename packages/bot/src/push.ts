import { Doubt, readBody } from './answer.js';
import { Clock, completed, stateText, type State } from './watch/state.js';

export interface PusherOptions {
  /** Where `plumbline serve` listens, such as "http://127.0.0.1:9400". */
  url: string;
  /** The account's name in Plumbline's configuration, where it has `internal: {kind: push}`. */
  account: string;
  /** A token with the role `push`. */
  token: string;
  /** How long a push may take, in seconds, whatever the network does. Default 2. */
  timeout?: number;
}

/** The state was taken. */
export interface Pushed {
  as_of: string;
  /** The rows that could not be read: they are not compared. */
  unread: readonly { scope: string; symbol: string | null; reason: string }[];
}

/** The state was not taken, or nobody knows whether it was. The next push replaces it either way. */
export class PushFailed extends Error {
  override readonly name = 'PushFailed';
  /** The HTTP status; null without an answer. */
  readonly status: number | null;
  /** The wrong fields of the state. */
  readonly fields: readonly { path: string; problem: string }[];
  /** Seconds that the server asks to wait; null if it does not. */
  readonly retryAfter: number | null;

  constructor(
    readonly account: string,
    /** One line. */
    readonly reason: string,
    told: Partial<Pick<PushFailed, 'status' | 'fields' | 'retryAfter'>> = {},
  ) {
    super(`the state of ${account} was not pushed: ${reason}`);
    this.status = told.status ?? null;
    this.fields = told.fields ?? [];
    this.retryAfter = told.retryAfter ?? null;
  }
}

const MAX_TEXT = 1_000;

/**
 * Pushes the state of one account.
 *
 * A push has one content: the state that the bot has now. It is sent at the end of each loop, also when nothing changed, because a
 * bot that is silent counts as one that does not run.
 */
export class Pusher {
  readonly account: string;
  readonly #address: URL;
  readonly #token: string;
  readonly #timeoutMs: number;
  readonly #clock = new Clock();
  #before: Promise<unknown> = Promise.resolve();

  /** @throws TypeError or RangeError if an option is none */
  constructor({ url, account, token, timeout = 2 }: PusherOptions) {
    const address = new URL(url);
    if (!/^https?:$/.test(address.protocol)) throw new TypeError('url must be an http:// or https:// address');
    if (!(Number.isFinite(timeout) && timeout > 0)) {
      throw new RangeError('timeout must be a number of seconds above 0');
    }
    address.pathname = `${address.pathname.replace(/\/$/, '')}/v1/accounts/${encodeURIComponent(account)}/state`;
    this.account = account;
    this.#address = address;
    this.#token = token;
    this.#timeoutMs = timeout * 1_000;
  }

  /** Sends the state as it is now. @throws PushFailed, and nothing else */
  async push(state: State): Promise<Pushed> {
    const { asOf, body } = this.#documentOf(state);
    const before = this.#before;
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), this.#timeoutMs);
    // One at a time, so that a newer state never overtakes an older one.
    const sent = (async () => {
      await before.catch(() => {});
      return this.#send(asOf, body, ending.signal);
    })();
    this.#before = sent;
    try {
      return await sent;
    } catch (error) {
      if (error instanceof PushFailed) throw error;
      const reason = ending.signal.aborted
        ? `there was no answer within ${this.#timeoutMs / 1_000} s`
        : error instanceof Doubt
          ? error.message
          : messageOf(error);
      throw new PushFailed(this.account, reason);
    } finally {
      clearTimeout(timer);
      // A body that was not read would keep its connection.
      ending.abort();
    }
  }

  async #send(asOf: string, body: string, signal: AbortSignal): Promise<Pushed> {
    const response = await fetch(this.#address, {
      method: 'PUT',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'user-agent': 'plumbline-bot',
        authorization: `Bearer ${this.#token}`,
      },
      body,
      redirect: 'manual',
      signal,
    });
    const text = await readBody(response);
    if (response.status === 204) return { as_of: asOf, unread: [] };
    const document = mapOf(text);
    const unread = mapsOf(document['unread']) as unknown as Pushed['unread'];
    if (response.status === 200 && document['account'] === this.account && unread.length > 0) {
      return { as_of: asOf, unread };
    }
    const { message, remedy, fields } = asMap(document['error']);
    const reason = typeof message === 'string' ? `${message} (${String(remedy)})` : 'an answer that is not understood';
    throw new PushFailed(this.account, `HTTP ${response.status}: ${reason}`.slice(0, MAX_TEXT), {
      status: response.status,
      fields: mapsOf(fields) as unknown as PushFailed['fields'],
      retryAfter: secondsOf(response.headers.get('retry-after')),
    });
  }

  /** @throws PushFailed if it cannot be written as JSON */
  #documentOf(state: State): { asOf: string; body: string } {
    try {
      const document = completed(state, this.#clock);
      return { asOf: document.as_of, body: stateText(document) };
    } catch (error) {
      throw new PushFailed(this.account, `the state cannot be written as JSON: ${messageOf(error)}`);
    }
  }
}

function mapOf(text: string): Record<string, unknown> {
  try {
    return asMap(JSON.parse(text));
  } catch {
    return {};
  }
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function mapsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as unknown[]).filter((each) => each === asMap(each)).map(asMap) : [];
}

function secondsOf(value: string | null): number | null {
  return value !== null && /^\d{1,9}(?:\.\d+)?$/.test(value) ? Number(value) : null;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause: unknown = error.cause;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
