import { DEMO_BOT_TOKEN } from '../../src/simulator/simulator.js';
import { staggerMs } from '../../src/workflows/schedule.js';

/** Exchanges by ccxt's id; accounts are spread over them in turn. All of them list the symbols below. */
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
  /** Nobody forces its runs or pauses it, so that its schedule alone makes them. */
  quiet: boolean;
  /** Due in the same second as the others of the herd. */
  herd: boolean;
}

/**
 * The accounts of a deployment. Two thirds of them are due in the same second, `herdSeconds` after their start and then in
 * every interval: what happens to timers that fire at once, with nobody there, happens to all of these.
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

/** The name with a suffix that moves its runs to this place in the interval. */
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

/** The body that makes the account at the simulator. */
export function simulatorAccount({ name }: ChaosAccount): Record<string, unknown> {
  const balances = { USDT: '1000000' };
  return { id: name, api_key: keyOf(name), secret: secretOf(name), passphrase: PASSPHRASE, balances };
}

/** What the configuration names: secrets and the ledger. */
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
 * A configuration file. Quick to confirm and quick to fail, so that much happens in a minute; `variant` changes rules that no
 * check depends on, so that `apply` has something to change.
 */
export function configurationOf(
  accounts: readonly ChaosAccount[],
  { simulatorUrl, metricsPort, variant }: { simulatorUrl: string; metricsPort: number; variant: number },
): string {
  // Far above what the simulator is asked for: it is the product's faults that are looked for, not its patience.
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
      // A bot that is frozen while a drift stands leaves it unconfirmed in many runs; nobody is to be called for it.
      unconfirmed_threshold: 1_000,
      reminder_minutes: [5, 10 + variant],
    },
    accounts: Object.fromEntries(entries),
    ledger: { url_env: 'CHAOS_LEDGER_URL' },
    worker: { task_queue: 'chaos', metrics_port: metricsPort },
  });
}
