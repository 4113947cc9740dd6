import type { Policy } from '../domain/policy/policy.js';

/** The place of a secret. Its value is read only in the worker, in `diff` and in `check`. */
export type SecretSource = { env: string } | { file: string };

export interface ExchangeConfig {
  /** ccxt's exchange id. */
  id: string;
  /** By ccxt's credential name (apiKey, secret, password, uid, walletAddress, privateKey). */
  credentials: Record<string, SecretSource>;
  /** Replaces scheme and host (and path prefix) of all the exchange's URLs; for a proxy or a test. */
  baseUrl: string | null;
  /** Deadline of one request, body included. */
  deadlineSeconds: number;
  /** Weight that all accounts of this exchange may use in a minute, on all workers; null: well below the documented limit. */
  weightPerMinute: number | null;
}

export type InternalConfig =
  | { kind: 'http'; url: string; token: SecretSource | null; deadlineSeconds: number; maxBytes: number }
  | { kind: 'file'; path: string; maxBytes: number };

export interface AccountConfig {
  name: string;
  enabled: boolean;
  exchange: ExchangeConfig;
  internal: InternalConfig;
  policy: Policy;
}

/** A configuration that passed every check, with defaults filled in. Holds names of secrets, never their values. */
export interface PlumblineConfig {
  /** The file that it was read from. */
  path: string;
  accounts: AccountConfig[];
  ledger: { url: SecretSource; keepCleanEvidenceDays: number };
  /** `allowedHosts`: names that `serve` answers besides its address. */
  serve: { host: string; port: number; allowedHosts: string[] };
  /** Program and arguments that `serve` runs when an account becomes silent or is checked again; null: none. */
  watch: { command: string[] | null };
  worker: { taskQueue: string; metricsHost: string; metricsPort: number; metricsAllowedHosts: string[] };
}
