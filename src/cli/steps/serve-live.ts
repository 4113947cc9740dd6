import type { PlumblineConfig, SecretSource } from '../../config/config.js';
import { largestPush, type PushedAccount } from '../../http/push-route.js';
import type { KnownToken } from '../../http/tokens.js';
import { proofOf, type Proof } from '../../internal/proof.js';
import { pushesOf } from './pushes.js';
import { knownTokens } from './serve-tokens.js';

/** What a running `serve` takes over from a new configuration. The server holds these objects, so they are changed in place. */
export interface ServeLive {
  tokens: KnownToken[];
  pushes: Map<string, PushedAccount>;
  proofs: Map<string, Proof>;
}

type Secret = (source: SecretSource, what: string) => string;

/** @throws FailureError or CommandError if the hash of a token cannot be used */
export function liveOf(config: PlumblineConfig, secret: Secret): ServeLive {
  return {
    tokens: knownTokens(config.serve.tokens, secret),
    pushes: pushesOf(config),
    proofs: new Map(config.accounts.map(({ name, internal }) => [name, proofOf(internal)])),
  };
}

/**
 * Puts the new parts into the place of the old ones. From tokens to none is a restart: without tokens everybody may read.
 *
 * @returns whether the tokens have changed
 */
export function replaceLive(live: ServeLive, next: ServeLive): boolean {
  replaceMap(live.pushes, next.pushes);
  replaceMap(live.proofs, next.proofs);
  if (live.tokens.length === 0 || next.tokens.length === 0) return false;
  const isChanged = describe(live.tokens) !== describe(next.tokens);
  live.tokens.splice(0, live.tokens.length, ...next.tokens);
  return isChanged;
}

/** What `serve` cannot change while it runs, by the name of the setting. */
export function fixedInServe(config: PlumblineConfig, startedWith: number) {
  const { serve, worker, ledger, encryption, watch } = config;
  return {
    'serve.host, serve.port, serve.allowed_hosts': [serve.host, serve.port, serve.allowedHosts],
    'serve.tokens (from none to some, or from some to none)': serve.tokens.length > 0,
    'serve.metrics_without_token': serve.metricsWithoutToken,
    'serve.read_without_token': serve.readWithoutToken,
    'serve.public_url, serve.link_secret': [serve.publicUrl, serve.linkSecret],
    'serve.gate_webhooks': serve.gateWebhooks,
    'worker.task_queue': worker.taskQueue,
    'ledger.url': ledger.url,
    'temporal.encryption': encryption,
    'watch.command': watch.command,
    'max_bytes of pushed states': Math.max(startedWith, largestPush(pushesOf(config))),
  };
}

function describe(tokens: readonly KnownToken[]): string {
  return JSON.stringify(tokens.map(({ accounts, ...rest }) => ({ ...rest, accounts: accounts && [...accounts] })));
}

function replaceMap<V>(map: Map<string, V>, next: ReadonlyMap<string, V>): void {
  for (const key of map.keys()) if (!next.has(key)) map.delete(key);
  for (const [key, value] of next) map.set(key, value);
}
