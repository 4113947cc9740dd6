import { DEMO_BOT_TOKEN } from '../../packages/exchange-simulator/src/simulator.js';
import { staggerMs } from '../../src/workflows/schedule.js';

/** Exchanges by ccxt's id; accounts are assigned to them in turn. All of them list the symbols below. */
const EXCHANGES = ['binanceusdm', 'bybit', 'okx'] as const;

/** Amounts that every one of the exchanges can trade. */
export const SYMBOLS: Readonly<Record<string, { amounts: readonly string[]; farPrice: string }>> = {
  'BTC/USDT:USDT': { amounts: ['0.02', '0.05', '0.1'], farPrice: '40000' },
  'ETH/USDT:USDT': { amounts: ['0.2', '0.5', '1.1'], farPrice: '2000' },
  'SOL/USDT:USDT': { amounts: ['2', '5', '11'], farPrice: '100' },
};

export interface ChaosAccount {
  name: string;
  exchange: string;
  /** Its runs are never forced and it is never paused, so that all its runs are scheduled. */
  quiet: boolean;
  /** Due in the same second as the others of the herd. */
  herd: boolean;
}

/**
 * The accounts of a deployment. Two thirds of them are due in the same second, `herdSeconds` after their start and then
 * in every interval. This tests timers that fire at the same time while no worker is running.
 */
export function accountsOf(count: number, herdSeconds: number): ChaosAccount[] {
  return Array.from({ length: count }, (_, index) => {
    const herd = index % 3 !== 2;
    const base = `chaos-${String(index + 1).padStart(2, '0')}`;
    return {
      name: herd ? dueAfter(base, herdSeconds) : base,
      exchange: EXCHANGES[(index + Math.floor(index / 3)) % EXCHANGES.length] ?? EXCHANGES[0],
      quiet: count >= 10 && index % 5 === 4,
      herd,
    };
  });
}

/** The name with a suffix that moves its runs to this offset in the interval. */
function dueAfter(base: string, seconds: number): string {
  for (let suffix = 0; ; suffix++) {
    const name = `${base}-${suffix.toString(36)}`;
    if (staggerMs(name, POLICY.intervalMinutes) === seconds * 1_000) return name;
  }
}

const keyOf = (name: string): string => `key-that-only-reads-of-${name}`;
const secretOf = (name: string): string => `secret-of-${name}`;
const PASSPHRASE = 'passphrase-of-chaos';
const variable = (name: string, what: string): string => `${name.toUpperCase().replaceAll('-', '_')}_${what}`;

/** The body that creates the account in the simulator. */
export function simulatorAccount({ name }: ChaosAccount): Record<string, unknown> {
  const balances = { USDT: '1000000' };
  return { id: name, api_key: keyOf(name), secret: secretOf(name), passphrase: PASSPHRASE, balances };
}

/** The variables that the configuration names: secrets and the ledger. */
export function environmentOf(accounts: readonly ChaosAccount[], ledgerUrl: string): Record<string, string> {
  const secrets = accounts.flatMap(({ name }) => [
    [variable(name, 'KEY'), keyOf(name)],
    [variable(name, 'SECRET'), secretOf(name)],
  ]);
  return {
    ...Object.fromEntries(secrets),
    CHAOS_PASSPHRASE: PASSPHRASE,
    CHAOS_BOT_TOKEN: DEMO_BOT_TOKEN,
    CHAOS_LEDGER_URL: ledgerUrl,
  };
}

export const POLICY = { confirmations: 2, failureThreshold: 3, retrySeconds: 5, intervalMinutes: 5 } as const;

/**
 * A configuration file. It confirms and fails quickly, so that much happens in a minute. `variant` changes rules that
 * no check depends on, so that `apply` has something to change.
 */
export function configurationOf(
  accounts: readonly ChaosAccount[],
  { simulatorUrl, metricsPort, variant }: { simulatorUrl: string; metricsPort: number; variant: number },
): string {
  // Far above the simulator's load: chaos tests the product's faults, not its rate limits.
  const common = { deadline_seconds: 4, weight_per_minute: 200_000 };
  const entries = accounts.map(({ name, exchange }) => [
    name,
    {
      exchange: {
        id: exchange,
        base_url: `${simulatorUrl}/${exchange}`,
        api_key_env: variable(name, 'KEY'),
        secret_env: variable(name, 'SECRET'),
        ...(exchange === 'okx' ? { password_env: 'CHAOS_PASSPHRASE' } : {}),
        ...common,
      },
      internal: {
        kind: 'http',
        url: `${simulatorUrl}/bot/${name}/state?exchange=${exchange}`,
        token_env: 'CHAOS_BOT_TOKEN',
        deadline_seconds: 4,
      },
    },
  ]);
  // JSON is YAML.
  return JSON.stringify({
    reconciliation: {
      interval_minutes: POLICY.intervalMinutes,
      confirmations: POLICY.confirmations,
      confirm_interval_seconds: 1,
      grace_seconds: 0,
      max_observations: 6 + variant,
      max_internal_age_seconds: 10,
      retry_seconds: POLICY.retrySeconds,
      failure_threshold: POLICY.failureThreshold,
      // A bot that is frozen during a drift leaves it unconfirmed in many runs; no human is to be called for that.
      unconfirmed_threshold: 1_000,
      reminder_minutes: [5, 10 + variant],
    },
    accounts: Object.fromEntries(entries),
    ledger: { url_env: 'CHAOS_LEDGER_URL' },
    worker: { task_queue: 'chaos', metrics_port: metricsPort },
  });
}
