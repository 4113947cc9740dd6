import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { DeliverRequest } from '../../src/domain/lifecycle/deliver-request.js';
import { createActivities, type Activities } from '../../src/activities/activities.js';
import { FAILURE_TYPE } from '../../src/domain/failure/failure-type.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { onlySource } from '../../src/internal/account-source.js';

/** Whatever an activity asks of the outside comes here, by its name. */
function activitiesThatReach(reached: string[]): Activities {
  const reach = (what: string) => async (): Promise<never> => {
    reached.push(what);
    throw new Error(`${what} was reached`);
  };
  return createActivities({
    ledger: new Proxy({}, { get: (_, name) => reach(String(name)) }) as Ledger,
    sides: () => ({
      exchange: reach('exchange'),
      internal: onlySource({ description: 'bot', readState: reach('bot') }),
      aliases: { symbols: {}, currencies: {} },
    }),
    notify: reach('notify'),
    channel: () => undefined,
    compose: reach('compose'),
    redact: (text) => text,
    observe: () => {},
    now: Date.now,
  });
}

const account = 'main';
const key = { account, workflowRunId: 'run', runNumber: 1 };
const at = new Date(0).toISOString();
const reason = { at, action: 'POSITION_CHANGED', text: 'changed' };
const failure = { kind: 'bug', side: 'plumbline', message: '', where: null, remedy: '', retryAfterMs: null } as const;
const common = { key, trigger: 'forced', startedAt: at } as const;
const fact = { account, interventionId: 'call', requestId: 'request' } as const;
const call = { account, interventionId: 'call', exchange: 'binanceusdm', count: 1, reasons: [reason] };
const message: DeliverRequest = {
  account,
  interventionId: 'call',
  exchange: 'binanceusdm',
  reasons: [reason],
  openedAt: at,
  channel: 'chat',
  occasion: 'called',
  number: 1,
  severity: 'page',
};
const streak = { looks: 1, consecutiveFailures: 1, threshold: 3, thresholdReached: false };

type Deliver = (activities: Activities) => Promise<unknown>;
/** Every activity, and every kind of record, with a request for the account; and what it reaches first. */
const requests: [name: string, first: string | undefined, deliver: Deliver][] = [
  [
    'fetchExchangeState',
    'exchange',
    async (to) => to.fetchExchangeState({ key, look: 1, retryBudgetMs: 0, balances: false }),
  ],
  [
    'fetchInternalState',
    'bot',
    async (to) => to.fetchInternalState({ key, look: 1, retryBudgetMs: 0, maxInternalAgeSeconds: 1 }),
  ],
  ['observe', 'exchange', async (to) => to.observe({ ...common, look: 1, policy: DEFAULT_POLICY, retryBudgetMs: 0 })],
  [
    'judge',
    'loadRun',
    async (to) => to.judge({ ...common, look: 1, policy: DEFAULT_POLICY, explain: false, retryBudgetMs: 0 }),
  ],
  [
    'record register',
    'registerAccount',
    async (to) => to.record({ kind: 'register', account, exchange: 'binanceusdm', policy: DEFAULT_POLICY }),
  ],
  ['record deactivate', 'deactivateAccount', async (to) => to.record({ kind: 'deactivate', account })],
  [
    'record pause',
    'recordPause',
    async (to) => to.record({ kind: 'pause', account, paused: true, by: 'ada', reason: null, requestId: '1' }),
  ],
  ['record cancelled', 'recordCancellation', async (to) => to.record({ kind: 'cancelled', account, requestId: '1' })],
  [
    'record refused',
    'recordRefusal',
    async (to) =>
      to.record({
        kind: 'refused',
        account,
        requestId: '1',
        message: 'pause',
        by: 'ada',
        reason: 'it is paused',
        count: 1,
        firstAt: at,
        lastAt: at,
      }),
  ],
  [
    'record failure',
    'recordFailure',
    async (to) => to.record({ kind: 'failure', ...common, ...streak, endedAt: at, failure }),
  ],
  ['notifyHuman', 'acknowledgedBy', async (to) => to.notifyHuman(call)],
  ['deliver', 'acknowledgedBy', async (to) => to.deliver(message)],
  // It asks only Temporal's server.
  ['servesIntervention', undefined, async (to) => to.servesIntervention({ account })],
  [
    'recordIntervention opened',
    'openIntervention',
    async (to) => to.recordIntervention({ kind: 'opened', ...fact, reasons: [reason] }),
  ],
  [
    'recordIntervention reason',
    'addInterventionReason',
    async (to) => to.recordIntervention({ kind: 'reason', ...fact, reason }),
  ],
  [
    'recordIntervention notified',
    'recordNotification',
    async (to) => to.recordIntervention({ kind: 'notified', ...fact }),
  ],
  [
    'recordIntervention receipt',
    'recordDelivery',
    async (to) =>
      to.recordIntervention({
        kind: 'receipt',
        account,
        interventionId: 'call',
        batch: { key: 'k', members: [], previousThread: null },
        receipt: { id: null, thread: null },
      }),
  ],
  [
    'recordIntervention snoozed',
    'snoozeIntervention',
    async (to) => to.recordIntervention({ kind: 'snoozed', ...fact, by: 'ada', until: at, note: 'later' }),
  ],
  [
    'recordIntervention acknowledged',
    'acknowledgeIntervention',
    async (to) => to.recordIntervention({ kind: 'acknowledged', ...fact, by: 'ada', note: 'done' }),
  ],
];

/** Delivers the request as Temporal does for a workflow of this id; what it threw, and what it reached. */
async function deliverFor(workflowId: string, deliver: Deliver): Promise<{ thrown: unknown; reached: string[] }> {
  const reached: string[] = [];
  const environment = new MockActivityEnvironment({ workflowExecution: { workflowId, runId: 'any' } });
  const activity = async (): Promise<unknown> => deliver(activitiesThatReach(reached)).catch((error: unknown) => error);
  return { thrown: await environment.run(activity), reached };
}

describe('a request for an account', () => {
  it('has a case for every activity', () => {
    const tested = new Set(requests.map(([name]) => name.split(' ')[0]));
    expect(tested).toEqual(new Set(Object.keys(activitiesThatReach([]))));
  });

  describe.each(requests)('%s', (_name, first, deliver) => {
    it.each(['reconciliation/other', 'manual-intervention/zz-main-1', 'reconciliation/main/2', 'main', ''])(
      'is refused for good, with both names, where it comes from the workflow "%s"',
      async (workflowId) => {
        const { thrown, reached } = await deliverFor(workflowId, deliver);
        expect(reached).toEqual([]);
        expect(thrown).toBeInstanceOf(ApplicationFailure);
        expect(thrown).toMatchObject({ type: FAILURE_TYPE, nonRetryable: true, details: [{ kind: 'bug' }] });
        expect((thrown as Error).message).toContain(`"${workflowId}" sent a request for account "main"`);
      },
    );

    it.each(['reconciliation/main', 'manual-intervention/main'])(
      'is served for the workflow %s',
      async (workflowId) => {
        const { reached } = await deliverFor(workflowId, deliver);
        expect(reached[0]).toBe(first);
      },
    );
  });
});

describe('a record of an intervention that names no account', () => {
  it('counts for the account of its workflow, as an older version meant it', async () => {
    const { reached } = await deliverFor('manual-intervention/main', async (to) =>
      to.recordIntervention({ kind: 'notified', interventionId: 'call', requestId: 'request' }),
    );
    expect(reached).toEqual(['recordNotification']);
  });
});
