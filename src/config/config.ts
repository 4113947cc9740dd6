import type { Policy } from '../domain/policy/policy.js';

/** Where a secret comes from. Its value is read only in the worker (and in `diff` and `check`). */
export type SecretSource = { env: string } | { file: string };

export interface ExchangeConfig {
  /** ccxt's exchange id. */
  id: string;
  /** ccxt's credential names (apiKey, secret, password, uid, walletAddress, privateKey) to their sources. */
  credentials: Record<string, SecretSource>;
  /** Replaces scheme and host (and prefix path) of all the exchange's URLs; for a proxy or a test. */
  baseUrl: string | null;
  /** Deadline for one request, body included. */
  deadlineSeconds: number;
  /** The most that all accounts of this exchange ask together in a minute, on all workers; null: well below its documented limit. */
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

/** A configuration that passed every check, defaults filled in. Holds names of secrets, never their values. */
export interface PlumblineConfig {
  /** The file it came from. */
  path: string;
  accounts: AccountConfig[];
  ledger: { url: SecretSource; keepCleanEvidenceDays: number };
  /** `allowedHosts`: names besides the address under which `serve` answers. */
  serve: { host: string; port: number; allowedHosts: string[] };
  /** Program and arguments that `serve` runs when an account becomes silent or is checked again; null: none. */
  watch: { command: string[] | null };
  worker: { taskQueue: string; metricsHost: string; metricsPort: number; metricsAllowedHosts: string[] };
}
