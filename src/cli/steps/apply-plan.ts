import { isDeepStrictEqual } from 'node:util';
import type { AccountConfig } from '../../config/config.js';
import { changesInYaml, type ChangeInYaml } from '../../config/policy-in-yaml.js';
import type { Policy } from '../../domain/policy/policy.js';

export type ApplyAction = 'created' | 'configured' | 'unchanged' | 'stopped';

export interface PlannedStep {
  account: string;
  action: ApplyAction;
  /** What changes, in one line; null if there is nothing to say. */
  detail: string | null;
  /** The changed fields of a running account, in the words of the file. */
  changes: ChangeInYaml[];
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
    const step = (action: ApplyAction, detail: string | null, changes: ChangeInYaml[] = []): PlannedStep => ({
      account,
      action,
      detail,
      changes,
    });
    if (config === undefined) {
      return step('stopped', disabled.has(account) ? 'not enabled' : 'not in the file');
    }
    if (now === undefined) return step('created', config.exchange.id);
    if (now === null) return step('configured', 'the ledger does not say what it runs with');
    const changes = changesOf(now, { exchange: config.exchange.id, policy: config.policy });
    if (changes.length === 0) return step('unchanged', null);
    const detail = changes.map(({ field, before, after }) => `${field}: ${before} -> ${after}`).join(', ');
    return step('configured', detail, changes);
  });
}

function changesOf(now: RunningAccount, wanted: RunningAccount): ChangeInYaml[] {
  const { exchange } = wanted;
  return [
    ...(now.exchange === exchange ? [] : [{ field: 'exchange.id', before: now.exchange, after: exchange }]),
    ...policyChanges(now.policy, wanted.policy),
  ];
}

function policyChanges(now: Policy, wanted: Policy): ChangeInYaml[] {
  // The ledger stores its side as JSON, so the other side is compared as JSON too.
  if (isDeepStrictEqual(throughJson(now), throughJson(wanted))) return [];
  const rewritten = [
    { field: 'reconciliation', before: 'written by another version', after: 'written by this version' },
  ];
  try {
    const changes = changesInYaml(now, wanted);
    return changes.length === 0 ? rewritten : changes;
  } catch {
    // An altered policy may have any form. Applying the file repairs it.
    return rewritten;
  }
}

function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
