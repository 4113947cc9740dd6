import { expect, it } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import type { PlumblineClient } from '../../src/client.js';
import type { AccountTotals } from '../../src/ledger/contract/ledger.js';
import { viewFleet } from '../../src/watch/temporal-view.js';
import { minutesAgo, totals } from '../http/totals.js';

/** Of "foreign-..." another deployment's, of "old-..." none, else the own. */
function memoOf(name: string) {
  if (name.startsWith('old-')) return {};
  return { deployment: defaultPayloadConverter.toPayload(name.startsWith('foreign-') ? 'other' : 'own') };
}

/** A Temporal with these running accounts, of which it counts what it is asked. */
function temporalWith(running: readonly string[], pageSize = 1_000) {
  const asked = { lists: 0, described: [] as string[] };
  const workflowService = {
    listWorkflowExecutions: async ({ nextPageToken }: { nextPageToken: Uint8Array }) => {
      asked.lists++;
      const from = nextPageToken[0] ?? 0;
      const names = running.slice(from * pageSize, (from + 1) * pageSize);
      const more = running.length > (from + 1) * pageSize;
      return {
        executions: names.map((name) => ({
          execution: { workflowId: `reconciliation/${name}`, runId: name },
          memo: { fields: memoOf(name) },
        })),
        nextPageToken: more ? Uint8Array.of(from + 1) : new Uint8Array(),
      };
    },
  };
  const getHandle = (id: string) => ({
    describe: async () => {
      asked.described.push(id.slice('reconciliation/'.length));
      const raw = { pendingWorkflowTask: null, pendingActivities: [] };
      return { runId: 'r', taskQueue: 'q', status: { name: 'RUNNING' }, raw };
    },
  });
  const client = {
    taskQueue: 'q',
    ownDeployment: async () => 'own',
    workers: async () => ({ current: null, ramping: null, pollers: [] }),
    within: async <T>(_ms: number, work: () => Promise<T>): Promise<T> => work(),
    temporal: {
      connection: { workflowService },
      options: {
        namespace: 'default',
        loadedDataConverter: { payloadConverter: defaultPayloadConverter, payloadCodecs: [] },
      },
      workflow: { getHandle },
    },
  };
  return { client: client as unknown as PlumblineClient, asked };
}

function known(names: readonly string[]): Map<string, AccountTotals> {
  return new Map(names.map((account) => [account, totals({ account })]));
}
const named = (count: number): string[] => Array.from({ length: count }, (_, index) => `acc-${index}`);

it('describes each of a few accounts', async () => {
  const { client, asked } = temporalWith(named(3));
  const view = await viewFleet(client, new Set(['acc-0', 'planned']), known(named(3)));
  expect(asked.described.toSorted()).toEqual(['acc-0', 'acc-1', 'acc-2', 'planned']);
  expect(view.accounts.size).toBe(4);
});

it('takes many accounts from the list, and describes what the list and the ledger leave open', async () => {
  const names = named(250);
  const { client, asked } = temporalWith([...names, 'unregistered'], 100);
  const active = known([...names, 'ended']);
  active.set('acc-7', totals({ account: 'acc-7', expectedAt: minutesAgo(5) }));
  const view = await viewFleet(client, new Set([...names, 'ended']), active);
  expect(asked.lists).toBe(3);
  expect(asked.described.toSorted()).toEqual(['acc-7', 'ended', 'unregistered']);
  expect(view.accounts.size).toBe(252);
  expect(view.accounts.get('acc-8')?.workflow).toMatchObject({ kind: 'running', runId: 'acc-8', taskQueue: 'q' });
});

it('describes a bounded number if all are late', async () => {
  const names = named(500);
  const { client, asked } = temporalWith(names);
  const late = new Map(names.map((account) => [account, totals({ account, expectedAt: minutesAgo(5) })]));
  await viewFleet(client, new Set(names), late);
  expect(asked.described).toHaveLength(100);
});

it('leaves out what another deployment runs, and of what names none all that the ledger does not know', async () => {
  const { client } = temporalWith(['own-1', 'foreign-1', 'old-known', 'old-unknown']);
  const view = await viewFleet(client, new Set(), known(['old-known']));
  expect([...view.accounts.keys()].toSorted()).toEqual(['old-known', 'own-1']);
});
