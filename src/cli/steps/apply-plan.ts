import { isDeepStrictEqual } from 'node:util';
import type { AccountConfig } from '../../config/config.js';
import type { Policy } from '../../domain/policy/policy.js';

export type ApplyAction = 'created' | 'configured' | 'unchanged' | 'stopped';

export interface PlannedStep {
  account: string;
  action: ApplyAction;
  /** What changes, in one line; null if there is nothing to say. */
  detail: string | null;
}

/** The settings of a running workflow, as registered in the ledger. */
export interface RunningAccount {
  exchange: string;
  policy: Policy;
}

/**
 * The steps that make the running workflows match the file, ordered by account name. A null value in `running` means
 * that the workflow runs but the ledger does not know its settings. Pure.
 *
 * An account that is not in the file, or is disabled there, is stopped; its history in the ledger stays.
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

/** The ledger stores its side as JSON, so the other side is compared as JSON too. */
function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function keysOf(policy: Policy): (keyof Policy)[] {
  return Object.keys(policy) as (keyof Policy)[];
}
