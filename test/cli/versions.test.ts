import { describe, expect, it } from '@jest/globals';
import { Client, type ConnectionLike } from '@temporalio/client';
import { PlumblineClient } from '../../src/client.js';
import { reportOf } from '../../src/cli/context/errors.js';
import { renderVersions, versionsDocument } from '../../src/cli/render/versions.js';
import { PLAIN } from '../../src/cli/terminal/style.js';
import { promote } from '../../src/cli/versions/promote.js';
import { livingWorkers, withoutIdle, type VersionRow } from '../../src/cli/versions/worker-versions.js';
import { minutesAgo, NOW } from '../http/totals.js';

const old = { deployment: 'd', buildId: 'old' };
const young = { deployment: 'd', buildId: 'young' };
const row = (changes: Partial<VersionRow>): VersionRow => ({
  version: old,
  state: 'drained',
  workers: 1,
  currentAt: minutesAgo(5),
  ...changes,
});
const current = row({ version: young, state: 'current' });

describe('versions', () => {
  it.each<[string, VersionRow[], boolean]>([
    ['drained, and the current one runs', [row({}), current], true],
    ['drained, and no worker of the current one runs', [row({}), { ...current, workers: 0 }], false],
    ['draining', [row({ state: 'draining' }), current], false],
    ['waiting', [row({ state: 'waiting', currentAt: null }), current], false],
    ['drained and stopped', [row({ workers: 0 }), current], false],
  ])('says that workers may be stopped only if nothing needs them: %s', (_, rows, expected) => {
    expect(versionsDocument('d', { rows, previous: old }).versions[0]?.may_be_stopped).toBe(expected);
    const text = renderVersions('d', { rows, previous: old }, { style: PLAIN, width: 120, now: NOW }).join('\n');
    expect(text.includes('may be stopped')).toBe(expected);
  });

  it('says what to do if nothing is checked', () => {
    const rows = [row({ state: 'waiting', currentAt: null }), { ...current, workers: 0 }];
    const text = renderVersions('d', { rows, previous: undefined }, { style: PLAIN, width: 120, now: NOW }).join('\n');
    expect(text).toMatch(/No worker of the current version runs, so nothing is checked/);
    expect(text).toContain('1 worker of old waits: plumbline versions promote old');
  });
});

describe('a promotion', () => {
  const UNAVAILABLE = 14;
  const PERMISSION_DENIED = 7;
  /** As gRPC reports a status. */
  const refusal = (code: number, details: string) =>
    Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: new Map() });
  const answers = {
    describeTaskQueue: async () => ({}),
    describeWorkerDeployment: async () => ({}),
    setWorkerDeploymentCurrentVersion: async () => ({}),
  };
  const promoteWith = async (service: Partial<Record<keyof typeof answers, () => Promise<object>>>) => {
    const deadlines: unknown[] = [];
    const connection = {
      workflowService: { ...answers, ...service },
      plugins: [],
      withDeadline: async (deadline: unknown, work: () => Promise<unknown>) => {
        deadlines.push(deadline);
        return work();
      },
    } as unknown as ConnectionLike;
    const client = new PlumblineClient(new Client({ connection }));
    const parts = { client, deployment: 'd', reports: async () => null, by: 'ada', waitMs: 0, onWaiting: () => {} };
    const error = await promote(young, parts).catch((thrown: unknown) => thrown);
    return { report: reportOf(error), deadlines };
  };
  const fails = (code: number, details: string) => async () => Promise.reject(refusal(code, details));

  it.each([
    ['the task queue, without Temporal', { describeTaskQueue: fails(UNAVAILABLE, 'no connection') }, /no connection/],
    [
      'the versions, without permission',
      { describeWorkerDeployment: fails(PERMISSION_DENIED, 'Request unauthorized.') },
      /worker deployment "d": Request unauthorized/,
    ],
  ])('that cannot ask for %s is refused with a remedy, and is no fault of Plumbline', async (_, service, message) => {
    const { report, deadlines } = await promoteWith(service);
    expect(report).toMatchObject({ kind: 'refused', message: expect.stringMatching(message), stack: null });
    expect(deadlines.length).toBeGreaterThan(0);
  });
});

describe('workers that run', () => {
  const at = NOW.getTime();
  const polling = (name: string, version: typeof old | null, msAgo: number) => ({
    identity: `plumbline/00000000-0000-0000-0000-000000000000/${name}`,
    version,
    lastPoll: new Date(at - msAgo),
  });
  const pollers = [polling('1@a', old, 1_000), polling('2@a', young, 1_000), polling('3@a', old, 80_000)];

  it('are those that poll and report', () => {
    const names = (reports: { worker: string }[] | null) =>
      livingWorkers({ pollers }, reports, at).map(({ identity }) => identity.slice(-3));
    expect(names([{ worker: '1@a 00ff' }])).toEqual(['1@a']);
    expect(names([])).toEqual([]);
    expect(names(null)).toEqual(['1@a', '2@a']);
  });

  it('without a version need no report, because older releases do not report', () => {
    expect(livingWorkers({ pollers: [polling('4@a', null, 1_000)] }, [], at)).toHaveLength(1);
  });

  it('of a process that was replaced under the same name count once, with its last version', () => {
    const replaced = { pollers: [polling('1@a', old, 20_000), polling('1@a', young, 1_000)] };
    expect(livingWorkers(replaced, null, at).map(({ version }) => version)).toEqual([young]);
  });

  it('and get no work are not asked which accounts they know', () => {
    const now = Date.now();
    const fresh = pollers.map((poller) => ({ ...poller, lastPoll: new Date(now) }));
    const reports = [{ worker: '1@a 00' }, { worker: '2@a 00' }, { worker: '9@a 00' }];
    const unversioned = { ...polling('4@a', null, 0), lastPoll: new Date(now) };
    const workers = { current: young, ramping: null, pollers: [...fresh, unversioned] };
    const working = withoutIdle([...reports, { worker: '4@a 00' }], workers);
    expect(working.map(({ worker }) => worker)).toEqual(['2@a 00', '9@a 00']);
  });
});
