import type { AccountConfig } from '../../config/config.js';
import { OBSERVATION_WEIGHT } from '../../exchange/observation-weight.js';
import { profileOf } from '../../exchange/exchanges.js';
import { isLoopback } from '@plumbline/primitives/hosts';

/** How much of one exchange's rate limit the accounts use. The limit counts per IP address, which all workers share. */
export interface Capacity {
  exchange: string;
  baseUrl: string | null;
  /** Enabled accounts of the configuration. */
  accounts: number;
  /** How many accounts like these one address can serve. */
  carries: number;
  /** Share of the limit that the schedule uses if every run takes one observation; 1 is the whole limit. */
  share: number;
}

/** Above this share runs come late: differences are observed again, people force runs, and markets are loaded. */
const FULL = 0.9;

/**
 * The load of the schedule per exchange and address. `weights` holds the measured weight of an observation per account;
 * other accounts are estimated. Exchanges without an estimate are left out. Pure.
 */
export function capacityOf(
  accounts: readonly AccountConfig[],
  weights: ReadonlyMap<string, number> = new Map(),
): Capacity[] {
  const groups = new Map<string, AccountConfig[]>();
  for (const account of accounts) {
    if (!account.enabled || isThisMachine(account.exchange.baseUrl, account.exchange.weightPerMinute)) continue;
    const { id, baseUrl, environment = 'live' } = account.exchange;
    const key = `${id} ${environment} ${baseUrl ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), account]);
  }
  return [...groups.values()].flatMap((group) => {
    const capacity = capacityOfGroup(group, weights);
    return capacity === null ? [] : [capacity];
  });
}

function capacityOfGroup(group: readonly AccountConfig[], weights: ReadonlyMap<string, number>): Capacity | null {
  const [first] = group;
  if (first === undefined) return null;
  const { id, baseUrl } = first.exchange;
  const seen = group.flatMap(({ name }) => weights.get(name) ?? []);
  const typical =
    seen.length === 0 ? OBSERVATION_WEIGHT[id] : seen.reduce((sum, weight) => sum + weight, 0) / seen.length;
  if (typical === undefined) return null;
  const perMinute = group.reduce(
    (sum, { name, policy }) => sum + (weights.get(name) ?? typical) / policy.intervalMinutes,
    0,
  );
  if (!(perMinute > 0)) return null;
  const share = perMinute / rateOf(group);
  return { exchange: id, baseUrl, accounts: group.length, carries: Math.floor(group.length / share), share };
}

/**
 * Weight per minute in the long run. If the accounts set different rates, the lowest counts, as it does in the worker.
 */
function rateOf(group: readonly AccountConfig[]): number {
  const { perMinute, burst } = profileOf(group[0]?.exchange.id ?? '').budget;
  const asked = group.flatMap(({ exchange }) => exchange.weightPerMinute ?? []);
  return asked.length === 0 ? perMinute : (Math.min(...asked) * perMinute) / (perMinute + burst);
}

/**
 * A server on this machine is a simulator, or a proxy with its own limits; the worker does not limit its requests to it
 * either.
 */
function isThisMachine(baseUrl: string | null, weightPerMinute: number | null): boolean {
  if (baseUrl === null || weightPerMinute !== null) return false;
  return isLoopback(new URL(baseUrl).host);
}

/** One line for people. */
export function capacityText({ exchange, accounts, carries, share }: Capacity): string {
  const percent = Math.round(share * 100);
  return `${exchange}: ${accounts === 1 ? '1 account takes' : `${accounts} accounts take`} ${percent} % of the rate limit of one address, which can serve ${carries} like these`;
}

/** What to do if the accounts need more than the limit; null if the limit suffices. */
export function capacityRemedy({ accounts, carries, share }: Capacity): string | null {
  if (share <= FULL) return null;
  const addresses = Math.ceil(accounts / Math.max(1, Math.floor(carries * FULL)));
  const longer = Math.ceil((share / FULL) * 10) / 10;
  return (
    `runs will be late: make interval_minutes ${longer} times as long, or spread the accounts over ${addresses} addresses ` +
    '(a Plumbline with its own task queue and outgoing address for each)'
  );
}
