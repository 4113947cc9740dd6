import type { Policy } from '../domain/policy/policy.js';
import type { ChannelConfig } from './channel-config.js';
import type { Environment } from './environments.js';
import type { HummingbotConfig } from './hummingbot-config.js';
import type { NautilusConfig } from './nautilus-config.js';
import type { SecretSource } from './secret-source.js';
import type { ServeConfig } from './serve-config.js';
import type { BotDatabaseConfig, SqlConfig } from './sql-config.js';
import type { EncryptionConfig, VersioningConfig } from './temporal-config.js';
import type { TracingConfig } from './tracing-config.js';

export type { SecretSource } from './secret-source.js';

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
  /** Absent: live. */
  environment?: Exclude<Environment, 'live'>;
  /** Absent: none. */
  ccxt?: CcxtSettings;
}

/** Settings that are passed to ccxt unchanged. They hold no secret. */
export interface CcxtSettings {
  /** ccxt's `options` of the account. */
  options: Readonly<Record<string, unknown>>;
  /** Headers of every request of the account. */
  headers: Readonly<Record<string, string>>;
}

/** The bot sends its state to `serve`. */
export interface PushConfig {
  kind: 'push';
  /** Each account has at most one. */
  account: string;
  /** After so long without a push the state is stale. */
  maxSilenceSeconds: number;
  /** A push requests a run, at most one in so many seconds; null: it does not. */
  runEverySeconds: number | null;
  maxBytes: number;
}

/** Where internal state is read. */
export type InternalConfig =
  | { kind: 'http'; url: string; token: SecretSource | null; deadlineSeconds: number; maxBytes: number }
  | { kind: 'file'; path: string; maxBytes: number }
  | FreqtradeConfig
  | PushConfig
  | SqlConfig
  | NautilusConfig
  | HummingbotConfig;

export interface FreqtradeConfig {
  kind: 'freqtrade';
  url: string;
  username: SecretSource;
  password: SecretSource;
  bot: FreqtradeBot;
  /** Read beside the API for exact prices. Absent: prices and trigger prices are those that the API shows. */
  database?: BotDatabaseConfig;
  /** The policy's `atLeast`: of these currencies a spot bot's trades are compared with the balance. */
  atLeast: readonly string[];
  deadlineSeconds: number;
  maxBytes: number;
}

/** The bot that must answer. A field that is null is not compared. */
export interface FreqtradeBot {
  botName: string | null;
  /** The account's exchange, ccxt's id. */
  exchange: string;
  tradingMode: 'spot' | 'futures' | null;
  stakeCurrency: string | null;
}

/** One source of an account's internal state, and how its rows are read. */
export interface InternalSourceConfig {
  /** Its name among several sources; null for the only one. */
  name: string | null;
  source: InternalConfig;
  /** `contracts`: amounts of positions and orders count contracts of the exchange. */
  amounts: 'base' | 'contracts';
  /** `trades`: several rows of one position are summed. */
  rows: 'positions' | 'trades';
  /** Whose numbers it has: the bot's own record, or what it last read from the exchange. Absent: its own. */
  record?: 'own' | 'mirror';
  /**
   * Digits after the point that the amounts of its positions have; finer ones were cut off. A symbol whose amount step is finer is
   * not compared. Absent: the amounts are exact.
   */
  positionDigits?: number;
  /** The maximal age of its state; null: the account's `maxInternalAgeSeconds`, which it never exceeds. */
  maxAgeSeconds: number | null;
}

/** Names of internal state that mean another symbol or currency. */
export interface Aliases {
  symbols: Record<string, string>;
  currencies: Record<string, string>;
}

export interface AccountConfig {
  name: string;
  enabled: boolean;
  exchange: ExchangeConfig;
  /** At least one. Their states are summed. */
  internal: InternalSourceConfig[];
  aliases: Aliases;
  policy: Policy;
  /** Absent: none. */
  heartbeat?: HeartbeatConfig;
}

/** A service that is pinged after each verdict and calls a person when no ping comes. */
export interface HeartbeatConfig {
  kind: 'healthchecks' | 'uptime_kuma' | 'plain';
  /** `{account}` in it is replaced by the account's name. */
  url: SecretSource;
  reportFailures: boolean;
  allowPlainHttp: boolean;
}

/** A configuration that passed every check, with defaults filled in. Holds names of secrets, never their values. */
export interface PlumblineConfig {
  /** The file that it was read from. */
  path: string;
  accounts: AccountConfig[];
  ledger: { url: SecretSource; keepCleanEvidenceDays: number };
  /** Null: what Temporal stores is not encrypted. */
  encryption: EncryptionConfig | null;
  /** Null: workers have no version. */
  versioning: VersioningConfig | null;
  /** Null: runs are not traced. */
  tracing: TracingConfig | null;
  serve: ServeConfig;
  /** Program and arguments that `serve` runs when an account becomes silent or is checked again; null: none. */
  watch: { command: string[] | null };
  /** Ways to reach people, besides the log. */
  notify: { channels: ChannelConfig[] };
  worker: { taskQueue: string; metricsHost: string; metricsPort: number; metricsAllowedHosts: string[] };
}
