import type { AccountConfig } from '../../config/config.js';
import { OBSERVATION_WEIGHT } from '../../exchange/observation-weight.js';
import { profileOf } from '../../exchange/exchanges.js';
import { isLoopback } from '../../net/hosts.js';

/** What the accounts of one exchange take of its limit, as one address (all workers behind it) may spend it. */
export interface Capacity {
  exchange: string;
  baseUrl: string | null;
  /** Enabled accounts of the configuration. */
  accounts: number;
  /** How many accounts like these one address carries. */
  carries: number;
  /** Share of the rate that the schedule takes, where every run takes one observation: 1 is all of it. */
  share: number;
}

/** Above this share runs come late: what differs is observed again, people force runs, markets are loaded. */
const FULL = 0.9;

/**
 * Per exchange and address what the schedule asks for. `weights`: what an observation of an account was seen to take;
 * of others it is estimated. Exchanges without an estimate are left out. Pure.
 */
export function capacityOf(
  accounts: readonly AccountConfig[],
  weights: ReadonlyMap<string, number> = new Map(),
): Capacity[] {
  const groups = new Map<string, AccountConfig[]>();
  for (const account of accounts) {
    if (!account.enabled || isThisMachine(account.exchange.baseUrl, account.exchange.weightPerMinute)) continue;
    const key = `${account.exchange.id} ${account.exchange.baseUrl ?? ''}`;
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

/** Weight a minute in the long run. The least that an account asks for counts, as it does for the worker. */
function rateOf(group: readonly AccountConfig[]): number {
  const { perMinute, burst } = profileOf(group[0]?.exchange.id ?? '').budget;
  const asked = group.flatMap(({ exchange }) => exchange.weightPerMinute ?? []);
  return asked.length === 0 ? perMinute : (Math.min(...asked) * perMinute) / (perMinute + burst);
}

/** A server on this machine is a simulator, or a proxy with limits of its own; the worker does not spare it either. */
function isThisMachine(baseUrl: string | null, weightPerMinute: number | null): boolean {
  if (baseUrl === null || weightPerMinute !== null) return false;
  return isLoopback(new URL(baseUrl).host);
}

/** One line for people. */
export function capacityText({ exchange, accounts, carries, share }: Capacity): string {
  const percent = Math.round(share * 100);
  return `${exchange}: ${accounts === 1 ? '1 account takes' : `${accounts} accounts take`} ${percent} % of what one address may ask; it carries ${carries} like these`;
}

/** What to do where the accounts ask for more than there is; null where it suffices. */
export function capacityRemedy({ accounts, carries, share }: Capacity): string | null {
  if (share <= FULL) return null;
  const addresses = Math.ceil(accounts / Math.max(1, Math.floor(carries * FULL)));
  const longer = Math.ceil((share / FULL) * 10) / 10;
  return (
    `runs will be late: make interval_minutes ${longer} times as long, or spread the accounts over ${addresses} addresses ` +
    '(a Plumbline with its own task queue and outgoing address for each)'
  );
}
