import { describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../src/activities/activities.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { Outcome, RecordedRun } from '../../src/domain/lifecycle/run.js';
import { onlySource } from '../../src/internal/account-source.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { recordedRun } from '../workflows/support/answers.js';

const account = 'main';
const at = new Date(0).toISOString();
const key = { account, workflowRunId: 'run', runNumber: 1 };
const failure = {
  kind: 'network',
  side: 'exchange',
  message: 'm',
  where: null,
  remedy: 'r',
  retryAfterMs: null,
} as const;

const run = (outcome: Outcome): RecordedRun => recordedRun(1, { outcome });

function activitiesWith(ledger: Partial<Record<keyof Ledger, () => unknown>>) {
  const pings: string[] = [];
  const never = async (): Promise<never> => Promise.reject(new Error('unreachable'));
  const activities = createActivities({
    ledger: new Proxy({}, { get: (_, name) => ledger[name as keyof Ledger] ?? never }) as Ledger,
    sides: () => ({
      exchange: never,
      internal: onlySource({ description: 'bot', readState: never }),
      aliases: { symbols: {}, currencies: {} },
    }),
    notify: never,
    channel: () => undefined,
    compose: never,
    redact: (text) => text,
    observe: () => {},
    now: Date.now,
    heartbeat: (name, state) => void pings.push(`${name} ${state}`),
  });
  const deliver = async (work: (to: typeof activities) => Promise<unknown>): Promise<string[]> => {
    const environment = new MockActivityEnvironment({
      workflowExecution: { workflowId: `reconciliation/${account}`, runId: 'run' },
    });
    await environment.run(async () => work(activities)).catch(() => undefined);
    return pings;
  };
  return deliver;
}

const judge = {
  key,
  trigger: 'forced',
  startedAt: at,
  look: 1,
  policy: DEFAULT_POLICY,
  explain: false,
  retryBudgetMs: 0,
} as const;
const streak = { looks: 1, consecutiveFailures: 1, threshold: 3, thresholdReached: false };

describe("an account's dead man's switch", () => {
  it.each(['matched', 'drifted'] as const)('is pinged after a verdict of %s', async (outcome) => {
    const deliver = activitiesWith({ loadRun: async () => ({ recorded: run(outcome), observations: [], open: [] }) });
    expect(await deliver(async (to) => to.judge(judge))).toEqual(['main verdict']);
  });

  it('is not pinged while there is no verdict', async () => {
    const deliver = activitiesWith({ loadRun: async () => ({ recorded: null, observations: [], open: [] }) });
    expect(await deliver(async (to) => to.judge(judge))).toEqual([]);
  });

  it('is not pinged when the ledger does not record the verdict', async () => {
    expect(await activitiesWith({})(async (to) => to.judge(judge))).toEqual([]);
  });

  it('gets a failed run as a failure', async () => {
    const deliver = activitiesWith({ recordFailure: async () => run('failed') });
    expect(
      await deliver(async (to) =>
        to.record({ kind: 'failure', key, trigger: 'forced', startedAt: at, endedAt: at, ...streak, failure }),
      ),
    ).toEqual(['main failed']);
  });
});
