import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { Logger } from '../logging/logger.js';
import { httpCall, readUpTo } from '../net/http-client.js';
import type { GateAnswer, GateCache } from './gate-cache.js';

/** Where changes of trading gates are sent. */
export interface GateWebhook {
  /** Its place in the configuration, from 1: the address may be a secret. */
  number: number;
  url: string;
  /** Of Standard Webhooks: "whsec_" and base64. */
  secret: string;
  /** Null: all. */
  accounts: readonly string[] | null;
}

export interface GateWebhookCounts {
  number: number;
  sentTotal: number;
  failureTotal: number;
  /** Accounts whose newest state is not delivered yet. */
  pending: number;
}

export interface GateWebhookLimits {
  requestMs: number;
  /** The pause after a failure; doubles up to `maxRetryMs`. Also the longest Retry-After that is respected. */
  retryMs: number;
  maxRetryMs: number;
  /** Simultaneous requests to one address. */
  concurrency: number;
}

const LIMITS: GateWebhookLimits = { requestMs: 10_000, retryMs: 1_000, maxRetryMs: 60_000, concurrency: 4 };
const MAX_ANSWER_BYTES = 65_536;
/** How often all accounts are checked for gates that changed only because time passed. */
const LOOK_EVERY_MS = 5_000;
const LOOK_AT_ONCE = 200;

/** The newest undelivered state of one account. Each attempt sends the same id and the same body. */
interface Change {
  id: string;
  body: string;
}

/**
 * Sends each change of the trading gates to one address. When the process starts, it sends the state of every gate, because
 * earlier changes may not have been sent.
 *
 * Delivery is at least once, and in order per account: an account has one request at a time. Only the newest state is kept,
 * so an address that was unreachable for any time gets one message per account. A failure pauses the whole address.
 */
export class GateWebhookSender {
  readonly #limits: GateWebhookLimits;
  readonly #webhook: Webhook;
  /** The tag of the last state that was sent or is to be sent. */
  readonly #seen = new Map<string, string>();
  /** In the order in which they wait. */
  readonly #pending = new Map<string, Change>();
  readonly #sending = new Set<string>();
  readonly #ending = new AbortController();
  #toLook: string[] = [];
  #lookDueMs = Number.NEGATIVE_INFINITY;
  #restUntil = Number.NEGATIVE_INFINITY;
  #failuresInARow = 0;
  #timer: NodeJS.Timeout | null = null;
  #sentTotal = 0;
  #failureTotal = 0;

  /** @throws Error if the secret cannot be decoded */
  constructor(
    private readonly webhook: GateWebhook,
    private readonly cache: Pick<GateCache, 'accounts' | 'answer' | 'onChange'>,
    private readonly log: Pick<Logger, 'info' | 'warn'>,
    limits: Partial<GateWebhookLimits> = {},
  ) {
    this.#limits = { ...LIMITS, ...limits };
    this.#webhook = new Webhook(webhook.secret);
    const covered = webhook.accounts === null ? null : new Set(webhook.accounts);
    cache.onChange((changed) => {
      if (changed === null) return this.#lookAtAll();
      for (const account of changed) if (covered?.has(account) !== false) this.#look(account);
      this.#pump();
    });
  }

  get counts(): GateWebhookCounts {
    const waiting = new Set([...this.#pending.keys(), ...this.#sending]);
    return {
      number: this.webhook.number,
      sentTotal: this.#sentTotal,
      failureTotal: this.#failureTotal,
      pending: waiting.size,
    };
  }

  /** Sends nothing more. The next process sends the current states when it starts. */
  close(): void {
    this.#ending.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Finds gates that changed only because time passed. In parts, so that thousands of accounts do not delay the gate. */
  #lookAtAll(): void {
    if (this.#toLook.length > 0 || performance.now() < this.#lookDueMs) return;
    this.#lookDueMs = performance.now() + LOOK_EVERY_MS;
    this.#toLook = [...(this.webhook.accounts ?? this.cache.accounts())];
    const lookAtSome = (): void => {
      if (this.#ending.signal.aborted) return;
      for (const account of this.#toLook.splice(0, LOOK_AT_ONCE)) this.#look(account);
      this.#pump();
      if (this.#toLook.length > 0) setImmediate(lookAtSome);
    };
    lookAtSome();
  }

  #look(account: string): void {
    const answer = this.cache.answer(account);
    if (this.#seen.get(account) === answer.tag) return;
    // An account of the configuration that is not registered yet has no gate.
    if (answer.status === 404 && !this.#seen.has(account)) return;
    this.#seen.set(account, answer.tag);
    this.#pending.set(account, { id: `gate_${randomUUID()}`, body: bodyOf(answer) });
  }

  #pump(): void {
    if (this.#ending.signal.aborted) return;
    const restMs = this.#restUntil - performance.now();
    if (restMs > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        this.#pump();
      }, restMs).unref();
      return;
    }
    // After a failure, one request tests whether the address can be reached again.
    const allowed = this.#failuresInARow > 0 ? 1 : this.#limits.concurrency;
    for (const [account, change] of this.#pending) {
      if (this.#sending.size >= allowed) return;
      if (this.#sending.has(account)) continue;
      this.#pending.delete(account);
      this.#sending.add(account);
      void this.#send(account, change);
    }
  }

  async #send(account: string, change: Change): Promise<void> {
    const failure = await this.#attempt(change);
    this.#sending.delete(account);
    if (this.#ending.signal.aborted) return;
    if (failure === null) this.#succeeded();
    else {
      // A newer state replaces this one.
      if (!this.#pending.has(account)) this.#pending.set(account, change);
      this.#failed(account, change, failure);
    }
    this.#pump();
  }

  async #attempt({ id, body }: Change): Promise<Failed | null> {
    const at = new Date();
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(this.#limits.requestMs)]);
    try {
      const answer = await httpCall(this.webhook.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'plumbline',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
          'webhook-signature': this.#webhook.sign(id, at, body),
        },
        body,
        signal,
      });
      const { isWhole } = await readUpTo(answer.body, MAX_ANSWER_BYTES);
      if (!isWhole) answer.body.destroy();
      if (answer.status >= 200 && answer.status < 300) return null;
      const seconds = Number(answer.headers.get('retry-after') ?? 'none');
      return { text: `it answered ${answer.status}`, retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : 0 };
    } catch (error) {
      return { text: error instanceof Error ? error.message : String(error), retryAfterMs: 0 };
    }
  }

  #succeeded(): void {
    const { number } = this.webhook;
    if (this.#failuresInARow > 0) this.log.info({ webhook: number }, `Gate webhook ${number} accepts messages again`);
    this.#failuresInARow = 0;
    this.#sentTotal++;
  }

  #failed(account: string, { id }: Change, { text, retryAfterMs }: Failed): void {
    const { retryMs, maxRetryMs } = this.#limits;
    this.#failureTotal++;
    const restMs = Math.min(maxRetryMs, Math.max(retryAfterMs, retryMs * 2 ** Math.min(this.#failuresInARow, 20)));
    this.#restUntil = performance.now() + restMs;
    this.#failuresInARow++;
    const { number } = this.webhook;
    const then = `tried again in ${Math.ceil(restMs / 1_000)} s`;
    this.log.warn(
      { webhook: number, account, id },
      `Gate webhook ${number} did not accept a message: ${text}; ${then}`,
    );
  }
}

interface Failed {
  text: string;
  retryAfterMs: number;
}

/** As Standard Webhooks recommends: type, time and the document, which is that of the trading gate. */
function bodyOf({ document }: GateAnswer): string {
  return JSON.stringify({ type: 'gate.changed', timestamp: new Date().toISOString(), data: document });
}
