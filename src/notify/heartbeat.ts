import { setTimeout as delay } from 'node:timers/promises';
import { isLoopback } from '@plumbline/primitives/hosts';
import type { AccountConfig, HeartbeatConfig, SecretSource } from '../config/config.js';
import { FailureError } from '../domain/failure/failure.js';
import { Deadline } from '../net/deadline.js';
import { httpCall, readUpTo } from '../net/http-client.js';
import type { Redactor } from '../redaction/redactor.js';
import { errorCode, isError } from '../runtime/error-shape.js';
import { channelFailure } from './channel-failure.js';

// A dead man's switch: another service expects a ping after each verdict and calls a person when none comes. It notices what
// Plumbline cannot report itself: that its machine, its network or all of its channels are gone.
//
// Healthchecks.io: https://healthchecks.io/docs/http_api/. Uptime Kuma: the push monitor, GET /api/push/<token>.

export type HeartbeatState = 'verdict' | 'failed';

export const HEARTBEAT_LIMITS = {
  /** One request, the answer included. */
  deadlineMs: 5_000,
  /** Pauses before the second and the third attempt. Healthchecks.io recommends a few quick retries. */
  retryMs: [1_000, 4_000],
  answerBytes: 1_000,
  /** How long a worker that ends waits for its last pings. */
  lastMs: 1_000,
};

export interface Heartbeats {
  /** `verdict`: the run is recorded as matched or drifted. Never throws and waits for nothing. */
  ping(account: string, state: HeartbeatState): void;
  /** Resolves when no ping is pending. */
  idle(): Promise<void>;
  /** Waits at most `lastMs` for pending pings, then aborts them. */
  close(): Promise<void>;
}

export interface HeartbeatDependencies {
  /** Reads a secret's value; throws FailureError (configuration) if it is missing. */
  resolveSecret: (source: SecretSource, what: string) => string;
  redactor: Redactor;
  log: { warn(fields: object, message: string): void };
  /** Called for each ping that the service did not accept. */
  onFailure: (account: string) => void;
  limits?: Partial<typeof HEARTBEAT_LIMITS>;
}

/** The heartbeats of all accounts that have one. An account has one request at a time; if several pings wait, only the newest is sent. */
export function createHeartbeats(
  accounts: readonly Pick<AccountConfig, 'name' | 'heartbeat'>[],
  deps: HeartbeatDependencies,
): Heartbeats {
  const stopped = new AbortController();
  const limits = { ...HEARTBEAT_LIMITS, ...deps.limits };
  const configs = new Map(
    accounts.flatMap(({ name, heartbeat }) => (heartbeat === undefined ? [] : [[name, heartbeat]])),
  );
  const waiting = new Map<string, HeartbeatState>();
  const working = new Map<string, Promise<void>>();

  async function work(account: string, config: HeartbeatConfig): Promise<void> {
    for (;;) {
      const state = waiting.get(account);
      if (state === undefined) break;
      waiting.delete(account);
      const problem = await send(account, config, state);
      if (problem === null || stopped.signal.aborted) continue;
      deps.onFailure(account);
      deps.log.warn(
        { account, kind: config.kind, problem: deps.redactor.text(problem) },
        'The service did not accept the heartbeat',
      );
    }
    working.delete(account);
  }

  async function send(account: string, config: HeartbeatConfig, state: HeartbeatState): Promise<string | null> {
    for (const pauseMs of [...limits.retryMs, null]) {
      const { problem, mayRetry } = await attempt(account, config, state);
      if (problem === null || !mayRetry || pauseMs === null) return problem;
      await delay(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return problem;
    }
    return null;
  }

  async function attempt(account: string, config: HeartbeatConfig, state: HeartbeatState): Promise<Attempt> {
    const deadline = new Deadline(limits.deadlineMs, stopped.signal);
    try {
      const url = heartbeatUrl(account, config, state, deps);
      const answer = await httpCall(url, { method: 'GET', headers: {}, body: null, signal: deadline.signal });
      try {
        const { bytes } = await readUpTo(answer.body, limits.answerBytes);
        return verdictOf(config, answer.status, bytes.toString('utf8'));
      } finally {
        answer.body.destroy();
      }
    } catch (error) {
      if (error instanceof FailureError) return { problem: error.message, mayRetry: false };
      if (deadline.hasPassed) return { problem: `no answer within ${limits.deadlineMs / 1000} s`, mayRetry: true };
      return { problem: errorCode(error) ?? (isError(error) ? error.message : String(error)), mayRetry: true };
    } finally {
      deadline.end();
    }
  }

  const idle = async (): Promise<void> => {
    while (working.size > 0) await Promise.all(working.values());
  };
  return {
    ping(account, state) {
      const config = configs.get(account);
      if (config === undefined || stopped.signal.aborted) return;
      if (state === 'failed' && !config.reportFailures) return;
      waiting.set(account, state);
      if (!working.has(account)) working.set(account, work(account, config));
    },
    idle,
    async close() {
      const timer = setTimeout(() => stopped.abort(), limits.lastMs);
      await idle();
      clearTimeout(timer);
      stopped.abort();
    },
  };
}

/**
 * The address to ping. `{account}` in the configured address is replaced, so that each account can have its own check.
 *
 * @throws FailureError (configuration)
 */
export function heartbeatUrl(
  account: string,
  config: HeartbeatConfig,
  state: HeartbeatState,
  { resolveSecret, redactor }: Pick<HeartbeatDependencies, 'resolveSecret' | 'redactor'>,
): URL {
  const what = `accounts.${account}.reconciliation.heartbeat.url`;
  const secret = resolveSecret(config.url, what).trim();
  const text = secret.replaceAll('{account}', account);
  for (const each of [secret, text]) redactor.add(each);
  const unusable = (problem: string, remedy: string): FailureError =>
    channelFailure('configuration', `${what}: ${problem}`, remedy, { where: what });
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw unusable('it is no http:// or https:// address', 'copy the ping URL from the service');
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !config.allowPlainHttp) {
    throw unusable(
      `it would go to ${url.hostname} unencrypted (http://), so others on the network could read it`,
      'use https://, or set allow_plain_http: true if only you can see the traffic',
    );
  }
  if (config.kind === 'healthchecks' && state === 'failed') url.pathname = `${url.pathname.replace(/\/$/, '')}/fail`;
  if (config.kind === 'uptime_kuma') {
    url.searchParams.set('status', state === 'failed' ? 'down' : 'up');
    url.searchParams.set('msg', state === 'failed' ? 'the run failed' : 'OK');
  }
  return url;
}

interface Attempt {
  /** Null if the service accepted the ping. */
  problem: string | null;
  mayRetry: boolean;
}

/** Quotes only known words of the service, because an error page may repeat the secret address. */
function verdictOf({ kind }: HeartbeatConfig, status: number, body: string): Attempt {
  const text = body.trim();
  // For a UUID that it does not know, Healthchecks.io answers 200.
  const [, refusal] = /^OK \((not found|rate limited)\)$/.exec(text) ?? [];
  if (kind === 'healthchecks' && refusal !== undefined) {
    return { problem: `it answered "OK (${refusal})"`, mayRetry: refusal !== 'not found' };
  }
  if (status < 200 || status > 299) {
    // Uptime Kuma answers 404 or 500 with this text for an unknown token.
    const isUnknown = kind === 'uptime_kuma' && text.includes('Monitor not found or not active');
    const mayRetry = !isUnknown && (status >= 500 || status === 408 || status === 429);
    return { problem: `it answered HTTP ${status}${isUnknown ? ': monitor not found or not active' : ''}`, mayRetry };
  }
  if (kind === 'uptime_kuma' && !/"ok"\s*:\s*true/.test(text)) {
    return { problem: 'it did not answer {"ok": true}', mayRetry: true };
  }
  return { problem: null, mayRetry: false };
}
