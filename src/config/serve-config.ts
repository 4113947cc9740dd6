import { gateWebhooksOf, type GateWebhookConfig } from './gate-webhooks.js';
import type { SecretSource } from './secret-source.js';
import {
  DEFAULT_HOST,
  DEFAULT_SERVE_PORT,
  type ServeFields,
  type TokenFields,
  type TokenRole,
} from './serve-schema.js';

/** A token of the HTTP API, as configured: its hash. The token itself is not stored. */
export interface TokenConfig {
  /** Recorded as the author of each act. */
  name: string;
  role: TokenRole;
  /** Null: all. */
  accounts: readonly string[] | null;
  /** SHA-256 of the token, hexadecimal, or the source that holds it. */
  sha256: string | SecretSource;
}

export interface ServeConfig {
  host: string;
  port: number;
  /** Host names that `serve` accepts besides its address. */
  allowedHosts: string[];
  tokens: TokenConfig[];
  metricsWithoutToken: boolean;
  /** Everyone who reaches `serve` may read without a token; only on loopback. */
  readWithoutToken: boolean;
  /** Where people reach it; null if messages hold no links. */
  publicUrl: string | null;
  /** Signs one-time links; null if and only if `publicUrl` is null. */
  linkSecret: SecretSource | null;
  /** Where each change of a trading gate is sent. */
  gateWebhooks: GateWebhookConfig[];
}

/** @param sourceOf the source under `<name>_env` or `<name>_file` of these fields */
export function serveOf(
  fields: ServeFields,
  sourceOf: (fields: Readonly<Record<string, unknown>>, name: string) => SecretSource | null,
): ServeConfig {
  return {
    host: fields.host ?? DEFAULT_HOST,
    port: fields.port ?? DEFAULT_SERVE_PORT,
    allowedHosts: fields.allowed_hosts ?? [],
    tokens: (fields.tokens ?? []).map((token) => ({
      name: token.name,
      role: token.role,
      accounts: token.accounts ?? null,
      sha256: token.sha256?.toLowerCase() ?? hashSource(token, sourceOf(token, 'sha256')),
    })),
    metricsWithoutToken: fields.metrics_without_token ?? false,
    readWithoutToken: fields.read_without_token ?? false,
    publicUrl: fields.public_url?.replace(/\/+$/, '') ?? null,
    linkSecret: sourceOf(fields, 'link_secret'),
    gateWebhooks: gateWebhooksOf(fields.gate_webhooks ?? [], sourceOf),
  };
}

function hashSource(token: TokenFields, source: SecretSource | null): SecretSource {
  // `checkServe` refuses a token without one.
  if (source === null) throw new TypeError(`the token ${token.name} has no hash`);
  return source;
}
