import { isDeepStrictEqual } from 'node:util';
import type { AccountConfig } from '../../config/config.js';
import type { Policy } from '../../domain/policy/policy.js';

export type ApplyAction = 'created' | 'configured' | 'unchanged' | 'stopped';

export interface PlannedStep {
  account: string;
  action: ApplyAction;
  /** What is new or gone, one line; null where there is nothing to say. */
  detail: string | null;
}

/** What a running workflow works with, as the ledger has registered it. */
export interface RunningAccount {
  exchange: string;
  policy: Policy;
}

/**
 * What would make the running workflows match the file, in order of names. Null: it runs, and the ledger does not say
 * with what. Pure.
 *
 * An account that is not in the file, or not enabled there, is stopped; its history in the ledger stays.
 */
export function planOf(
  accounts: readonly AccountConfig[],
  running: ReadonlyMap<string, RunningAccount | null>,
): PlannedStep[] {
  const wanted = new Map(accounts.filter(({ enabled }) => enabled).map((account) => [account.name, account]));
  const disabled = new Set(accounts.filter(({ enabled }) => !enabled).map(({ name }) => name));
  return [...new Set([...wanted.keys(), ...running.keys()])].toSorted().map((account) => {
    const config = wanted.get(account);
    const now = running.get(account);
    if (config === undefined) {
      return { account, action: 'stopped', detail: disabled.has(account) ? 'not enabled' : 'not in the file' };
    }
    if (now === undefined) return { account, action: 'created', detail: config.exchange.id };
    if (now === null) return { account, action: 'configured', detail: 'the ledger does not say what it runs with' };
    const changes = changesOf(now, { exchange: config.exchange.id, policy: config.policy });
    if (changes.length === 0) return { account, action: 'unchanged', detail: null };
    return { account, action: 'configured', detail: changes.join(', ') };
  });
}

function changesOf(now: RunningAccount, wanted: RunningAccount): string[] {
  const changes = now.exchange === wanted.exchange ? [] : [`exchange ${now.exchange} -> ${wanted.exchange}`];
  const names = new Set([...keysOf(now.policy), ...keysOf(wanted.policy)]);
  for (const name of [...names].toSorted()) {
    const [before, after] = [now.policy[name], wanted.policy[name]];
    if (!isDeepStrictEqual(throughJson(before), throughJson(after)))
      changes.push(`${name} ${JSON.stringify(before)} -> ${JSON.stringify(after)}`);
  }
  return changes;
}

/** The ledger keeps the one side as JSON; the other must not differ by what JSON does not carry. */
function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function keysOf(policy: Policy): (keyof Policy)[] {
  return Object.keys(policy) as (keyof Policy)[];
}
