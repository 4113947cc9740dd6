import { describe, expect, it } from '@jest/globals';
import { PLAIN } from '../../src/cli/terminal/style.js';
import { visibleWidth } from '../../src/cli/terminal/width.js';
import { renderStatus, statusDocument } from '../../src/cli/render/status.js';
import type { LedgerSays, StatusClient, StatusSources } from '../../src/cli/status/status-view.js';
import { gatherStatus, mergeStatus } from '../../src/cli/status/status-view.js';
import type { WorkflowSays } from '../../src/cli/status/workflow-says.js';
import type { Inspection, KnownKey } from '../../src/domain/account/inspection.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { RecordedRun } from '../../src/domain/lifecycle/run.js';
import type { DiscrepancyRow, InterventionRow, RunRow } from '../../src/ledger/contract/ledger.js';
import type { NotificationRow } from '../../src/ledger/contract/notifications.js';
import type { ReconciliationStatus } from '../../src/workflows/messages.js';
import type { AccountView } from '../../src/watch/temporal-view.js';
import { OPENED } from '../http/ledger-scenario.js';
import { minutesAgo, NOW, totals, zeroCounts } from '../http/totals.js';

const inMinutes = (minutes: number): string => minutesAgo(-minutes).toISOString();

function workflow(changes: Partial<ReconciliationStatus> = {}): WorkflowSays {
  const status: ReconciliationStatus = {
    account: 'main',
    exchange: 'binanceusdm',
    phase: 'waiting',
    paused: null,
    policy: DEFAULT_POLICY,
    runNumber: 14,
    consecutiveFailures: 0,
    nextRunAt: inMinutes(25),
    lastRun: null,
    lastSuccessAt: inMinutes(-5),
    interventionOpen: false,
    unrecordedRuns: 0,
    setAside: 0,
    refused: null,
    ...changes,
  };
  return { kind: 'answered', status };
}

function lastRun(changes: Partial<RecordedRun> = {}): NonNullable<ReconciliationStatus['lastRun']> {
  return {
    outcome: 'matched',
    runNumber: 14,
    looks: 1,
    discrepancies: 0,
    byType: {},
    opened: [],
    resolved: 0,
    openDiscrepancies: 0,
    unsettled: 0,
    unsettledRunsInARow: 0,
    compared: 2,
    notCompared: [],
    failure: null,
    calls: [],
    lastEvent: null,
    ...changes,
    startedAt: inMinutes(-5),
    endedAt: inMinutes(-5),
  };
}

const failure = {
  kind: 'timeout',
  side: 'exchange',
  message: 'openOrders did not answer within 10 s',
  where: null,
  remedy: 'see whether the exchange is well',
  retryAfterMs: null,
} as const;

const discrepancy: DiscrepancyRow = {
  id: 'd1',
  identity: 'position|BTC/USDT:USDT',
  type: 'POSITION_OPENED_EXTERNALLY',
  symbol: 'BTC/USDT:USDT',
  description: 'BTC/USDT:USDT: the exchange holds 0.5 BTC long, the bot has none',
  remedy: "add 0.5 BTC long to the bot's state",
  difference: OPENED,
  openedAt: minutesAgo(35),
  lastSeenAt: minutesAgo(5),
  timesSeen: 2,
  decision: null,
  state: 'open',
  resolvedAt: null,
  ignoredBy: null,
  accepted: null,
};

const intervention: InterventionRow = {
  id: 'i1',
  account: 'main',
  state: 'open',
  openedAt: minutesAgo(35),
  reasons: [
    { action: 'ORDER_FILL_MISSED', text: 'a fill', at: inMinutes(-35) },
    { action: 'ORDER_FILL_MISSED', text: 'a fill', at: inMinutes(-5) },
    { action: 'POSITION_OPENED_EXTERNALLY', text: 'a position', at: inMinutes(-5) },
  ],
  now: [],
  notifiedTimes: 2,
  notifications: [],
  snoozedUntil: null,
  snoozedBy: null,
  snoozeNote: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  note: null,
};

function notification(fields: Partial<NotificationRow> = {}): NotificationRow {
  return {
    id: 'i1/chat/called/1',
    account: 'main',
    interventionId: 'i1',
    channel: 'chat',
    occasion: 'called',
    severity: 'page',
    state: 'delivered',
    wantedAt: minutesAgo(4),
    deliveredAt: null,
    attempts: 1,
    receipt: null,
    failure: null,
    ...fields,
  };
}

function inspection(powers: Partial<KnownKey> = {}): Inspection {
  const key = { canTrade: false, canWithdraw: false, ipRestricted: true, note: 'the key', ...powers };
  return {
    exchange: 'binanceusdm',
    verifiedProfile: true,
    key: { exchange: 'binanceusdm', at: inMinutes(-60), ...key },
  };
}

function ledger(changes: Partial<LedgerSays> = {}): LedgerSays {
  return { totals: totals(), lastRun: null, pause: null, intervention: null, discrepancies: [], ...changes };
}

function render(
  says: { ledger?: LedgerSays | null; workflow?: WorkflowSays | null },
  options: { width?: number; detail?: boolean } = {},
): string[] {
  const status = mergeStatus(
    'main',
    says.ledger === undefined ? ledger() : says.ledger,
    says.workflow === undefined ? workflow({ lastRun: lastRun() }) : says.workflow,
  );
  const view = { at: NOW, accounts: [status], ledger: null, temporal: null, routing: null };
  return renderStatus(view, { style: PLAIN, width: options.width ?? 100, detail: options.detail ?? false });
}

describe('the table of status', () => {
  it('shows a healthy account in one line', () => {
    expect(render({})).toEqual([
      'ACCOUNT  EXCHANGE     VERDICT    LAST SUCCESS  FAILED  OPEN  GATE  NEXT RUN',
      'main     binanceusdm  ✓ matched  5m ago        0/3     0     open  in 25m',
    ]);
  });

  it('does not mention a read-only key, and notes a missing IP limit in the details only', () => {
    const says = (powers: Partial<KnownKey>) => ({
      ledger: ledger({ totals: totals({ inspection: inspection(powers) }) }),
    });
    expect(render(says({}), { detail: true })).toHaveLength(2);
    expect(render(says({ ipRestricted: false }))).toHaveLength(2);
    expect(render(says({ ipRestricted: false }), { detail: true })[2]).toMatch(/^ {2}key: the key has no IP limit/);
    // Information about another exchange's key must not be shown for this one.
    expect(render(says({ canTrade: true, exchange: 'bybit' }), { detail: true })).toHaveLength(2);
  });

  it.each<[string, Parameters<typeof render>[0], RegExp]>([
    [
      'drift',
      {
        ledger: ledger({ totals: totals({ openDiscrepancies: { ...zeroCounts(), ORDER_FILL_MISSED: 2 } }) }),
        workflow: workflow({ lastRun: lastRun({ outcome: 'drifted' }) }),
      },
      /✗ drifted .* 2 +open/,
    ],
    [
      'a failed run with its reason',
      { workflow: workflow({ consecutiveFailures: 1, lastRun: lastRun({ outcome: 'failed', failure }) }) },
      /! failed .*1\/3[^]*timeout: openOrders did not answer[^]*what to do: see whether the exchange is well/,
    ],
    [
      'who is called, and why',
      { ledger: ledger({ totals: totals({ openInterventions: 1 }), intervention }) },
      /closed[^]*called for 35m: ORDER_FILL_MISSED \(2\), POSITION_OPENED_EXTERNALLY\n +what to do: look \(`plumbline diff main`\), fix [^]*, run \(`plumbline run main`\), then\s+acknowledge \(`plumbline acknowledge main/,
    ],
    [
      'whether its call reached anybody, by channel',
      {
        ledger: ledger({
          totals: totals({ openInterventions: 1, undeliveredSince: minutesAgo(4) }),
          intervention: {
            ...intervention,
            notifications: [
              notification({ channel: 'phone', state: 'waiting', attempts: 0 }),
              notification({ state: 'failed', attempts: 3, failure }),
              notification({ occasion: 'reminder', deliveredAt: minutesAgo(1) }),
              notification({ channel: 'mail', state: 'delivered', deliveredAt: minutesAgo(2), receipt: 'msg-1' }),
            ],
          },
        }),
      },
      /chat: called, failed 3 times, wanted 4m ago: timeout: openOrders did not answer [^]*mail: called, delivered 2m ago\s+phone: called, not delivered yet, wanted 4m ago[^]*gate closed: nobody has been reached since/,
    ],
    [
      'a call that the ledger does not know of yet',
      { workflow: workflow({ interventionOpen: true }) },
      /a human is called; the ledger does not know of it yet/,
    ],
    [
      'other reasons for a closed trading gate',
      { ledger: ledger({ totals: totals({ lastSuccessAt: minutesAgo(200) }) }) },
      /gate closed: the last success is 200 minutes old/,
    ],
    [
      'who paused it',
      {
        workflow: workflow({
          phase: 'paused',
          paused: { by: 'ann', reason: 'exchange upgrade', since: inMinutes(-10) },
        }),
      },
      /paused[^]*paused by ann 10m ago: exchange upgrade; plumbline resume main/,
    ],
    [
      'who paused it, from the ledger alone',
      {
        ledger: ledger({
          totals: totals({ paused: true }),
          pause: { by: 'ann', reason: 'exchange upgrade', since: minutesAgo(10) },
        }),
        workflow: { kind: 'running', phase: 'paused' },
      },
      / paused\n {2}paused by ann 10m ago: exchange upgrade; plumbline resume main/,
    ],
    ['the next run without an answer of the workflow', { workflow: { kind: 'running', phase: 'waiting' } }, / in 25m$/],
    ['a run under way without an answer', { workflow: { kind: 'running', phase: 'looking' } }, / observing…$/],
    [
      'that it is late, without Temporal',
      { ledger: ledger({ totals: totals({ expectedAt: minutesAgo(2) }) }), workflow: null },
      /silent: the account is silent: its next sign of life was due 120 s ago\n +what to do: see `plumbline status/,
    ],
    [
      'open discrepancies that close the trading gate',
      { ledger: ledger({ totals: totals({ blockingDiscrepancies: 2 }) }) },
      /gate closed: 2 discrepancies are open/,
    ],
    [
      'what was accepted',
      { ledger: ledger({ totals: totals({ acceptedDiscrepancies: 1 }) }) },
      / open .*\n {2}accepted for now: 1 discrepancy; plumbline discrepancies main/,
    ],
    [
      'what is held beside the bot',
      {
        ledger: ledger({
          totals: totals({ policy: { ...DEFAULT_POLICY, baseline: { positions: {}, balances: { XRP: '100' } } } }),
        }),
        workflow: null,
      },
      /\n {2}beside the bot's: 100 XRP/,
    ],
    [
      'a snooze',
      {
        ledger: ledger({
          totals: totals({ openInterventions: 1 }),
          intervention: {
            ...intervention,
            state: 'snoozed',
            snoozedUntil: new Date(inMinutes(60)),
            snoozedBy: 'ada',
            snoozeNote: 'on the train',
          },
        }),
      },
      /reminders snoozed\s+until 2026-11-22 16:00:00Z by\s+ada:\s+on\s+the\s+train/,
    ],
    [
      'what was refused and set aside',
      {
        workflow: workflow({
          lastRun: lastRun(),
          setAside: 2,
          refused: { message: 'pause', by: 'unknown (Web UI)', reason: 'reason is missing', at: inMinutes(-1) },
        }),
      },
      /2 records set aside[^]*refused: pause by unknown \(Web UI\) at 2026-11-22 14:59:00Z: reason is missing/,
    ],
    [
      'that it is paused, without Temporal',
      { ledger: ledger({ totals: totals({ paused: true }) }), workflow: null },
      /\n {2}paused; plumbline resume main/,
    ],
    [
      'what is not compared',
      {
        ledger: ledger({
          lastRun: {
            notCompared: [{ scope: 'orders:conditional', reason: 'not reported', missing: 'internal' }],
            failure: null,
          } as unknown as RunRow,
        }),
      },
      /not compared: orders:conditional: the internal side did not answer \(not reported\)/,
    ],
    [
      'a key that can do more than read',
      { ledger: ledger({ totals: totals({ inspection: inspection({ canTrade: true, canWithdraw: true }) }) }) },
      /\n {2}the key can trade and withdraw: Plumbline only reads: give it a key that can only read$/,
    ],
    [
      'an unverified profile',
      { ledger: ledger({ totals: totals({ inspection: { ...inspection(), verifiedProfile: false } }) }) },
      /\n {2}unverified profile: only what binanceusdm shows is used and compared$/,
    ],
    [
      'an account that is not live',
      { ledger: ledger({ totals: totals({ inspection: { ...inspection(), environment: 'testnet' } }) }) },
      /\n {2}testnet: not the live exchange$/,
    ],
    ['a run under way', { workflow: workflow({ phase: 'settling' }) }, /confirming…/],
    ['a run that is late', { workflow: workflow({ nextRunAt: inMinutes(-3) }) }, /3m late/],
    ['runs that wait for the ledger', { workflow: workflow({ unrecordedRuns: 2 }) }, /2 runs not recorded yet/],
    [
      'an account that was never started',
      { ledger: null, workflow: { kind: 'not_started' } },
      /not started +never[^]*plumbline apply/,
    ],
    [
      'a workflow that does not answer',
      {
        workflow: {
          kind: 'silent',
          error: { kind: 'refused', message: 'no worker polls', where: null, remedy: 'start one', stack: null },
        },
      },
      /5m ago[^]*silent: no worker polls\n +what to do: start one/,
    ],
    [
      'an account that has never succeeded',
      {
        ledger: ledger({ totals: totals({ lastSuccessAt: null, lastOutcome: null }) }),
        workflow: workflow({ lastSuccessAt: null }),
      },
      /no run yet +never/,
    ],
  ])('shows %s', (_, says, expected) => {
    expect(render(says).join('\n')).toMatch(expected);
  });

  it('shows "?" for unknown values, never "none"', () => {
    expect(render({ ledger: null, workflow: null })[1]).toBe(
      'main     ?         ?        ?             ?       ?     ?     ?',
    );
  });

  it('adds open discrepancies with their remedy when one account is asked for', () => {
    const open = { ...zeroCounts(), POSITION_OPENED_EXTERNALLY: 3 };
    const says = { ledger: ledger({ totals: totals({ openDiscrepancies: open }), discrepancies: [discrepancy] }) };
    expect(render(says, { detail: true }).join('\n')).toMatch(
      /POSITION_OPENED_EXTERNALLY[^]*to fix it: add 0.5 BTC long[^]*and 2 more: plumbline discrepancies main/,
    );
    expect(render(says).join('\n')).not.toContain('to fix it');
  });

  it('says who accepted a discrepancy, until when and why, and when that has ended', () => {
    const accepted = { by: 'ann', note: 'hedge by hand', until: new Date(inMinutes(60)), at: minutesAgo(5) };
    const shown = (until: Date): string =>
      render(
        { ledger: ledger({ discrepancies: [{ ...discrepancy, accepted: { ...accepted, until } }] }) },
        { detail: true },
      ).join('\n');
    expect(shown(accepted.until)).toMatch(/^ {2}accepted by ann until 2026-11-22 16:00:00Z: hedge by hand$/m);
    expect(shown(minutesAgo(1))).toMatch(/^ {2}no longer accepted by ann/m);
  });

  it('shows that a discrepancy which an ignore rule now hides is still open', () => {
    const hidden = { ...discrepancy, ignoredBy: 'symbol BTC/USDT:USDT' };
    const says = { ledger: ledger({ discrepancies: [hidden] }) };
    expect(render(says, { detail: true }).join('\n')).toMatch(
      /^open {2}POSITION_OPENED_EXTERNALLY[^]*now ignored by a rule \(symbol BTC\/USDT:USDT\): still open until/m,
    );
  });

  it('fits a narrow terminal', () => {
    const says = { ledger: ledger({ totals: totals({ openInterventions: 1 }), intervention }) };
    const table = render(says, { width: 44 });
    expect(Math.max(...table.map(visibleWidth))).toBeLessThanOrEqual(44);
    expect(table[0]).toMatch(/^ACCOUNT +VERDICT +OPEN +GATE +NEXT RUN$/);
    const lines = render(says, { width: 36 });
    expect(Math.max(...lines.map(visibleWidth))).toBeLessThanOrEqual(36);
    expect(lines).toContain('main');
    expect(lines).toContain('  LAST SUCCESS  5m ago');
  });
});

describe('status, read from ledger and Temporal', () => {
  const runs: AccountView = {
    workflow: {
      kind: 'running',
      runId: 'r',
      taskQueue: 'q',
      taskAttempt: 0,
      taskSince: null,
      activities: [],
      deployment: null,
    },
    intervention: null,
    taskFailure: null,
  };
  function client(
    changes: Partial<StatusClient> = {},
    views: Record<string, AccountView> = { main: runs },
  ): StatusClient {
    return {
      view: async (_active, names, alsoRunning) => {
        const asked = Object.entries(views).filter(([name]) => alsoRunning || names.has(name));
        const missing = [...names].filter((name) => !(name in views));
        const gone: AccountView = { ...runs, workflow: { kind: 'not_found' } };
        return {
          taskQueue: 'q',
          lastPoll: new Date(),
          routing: { current: null, idle: [] },
          accounts: new Map([...asked, ...missing.map((name): [string, AccountView] => [name, gone])]),
        };
      },
      status: async () => {
        const says = workflow();
        if (says.kind !== 'answered') throw new Error('unreachable');
        return says.status;
      },
      ...changes,
    };
  }
  const ledgerWith = (...says: LedgerSays[]) => ({
    overview: async (only: string | null) =>
      says.filter(({ totals: { account, active } }) => (only === null ? active : account === only)),
  });
  function sources(changes: Partial<StatusSources> = {}): StatusSources {
    return {
      configured: async () => ['main', 'planned'],
      ledger: async () => ledgerWith(ledger(), ledger({ totals: totals({ account: 'retired', active: false }) })),
      client: async () => client(),
      now: () => NOW,
      ...changes,
    };
  }
  const phases = async (from: StatusSources, only: string | null = null) => {
    const view = await gatherStatus(from, only);
    return Object.fromEntries(view.accounts.map(({ account, phase }) => [account, phase]));
  };
  const away = async (): Promise<never> => {
    throw Object.assign(new Error('away'), { remedy: 'start it' });
  };

  it('says what a match proves, of a mirror also in the list', async () => {
    const proofs = async () =>
      new Map([
        ['main', { record: 'own', text: 'its own record' } as const],
        ['planned', { record: 'mirror', text: 'a copy' } as const],
      ]);
    const shown = async (only: string | null): Promise<string> => {
      const view = await gatherStatus(sources({ proofs }), only);
      return renderStatus(view, { style: PLAIN, width: 120, detail: only !== null }).join('\n');
    };
    expect(await shown(null)).toMatch(/planned.*\n.*not started.*\n {2}bot's state: a copy/);
    expect(await shown(null)).not.toContain('its own record');
    expect(await shown('main')).toContain("bot's state: its own record");
    const { accounts } = statusDocument(await gatherStatus(sources({ proofs }), 'main'));
    expect(accounts).toMatchObject([{ account: 'main', proof: { record: 'own', text: 'its own record' } }]);
    const unknown = await gatherStatus(sources(), 'main');
    expect(unknown.accounts).toMatchObject([{ proof: null }]);
  });

  it('warns of position modes that differed in the last run', async () => {
    const run = {
      positions: { exchange: 0, internal: 0, modes: { exchange: 'hedge', internal: 'one-way' } },
      notCompared: [],
      failure: null,
    } as unknown as RunRow;
    const view = await gatherStatus(sources({ ledger: async () => ledgerWith(ledger({ lastRun: run })) }), null);
    expect(renderStatus(view, { style: PLAIN, width: 200, detail: false }).join('\n')).toContain(
      'position modes differ: the exchange is in hedge mode, internal state says one-way; set the bot to hedge mode (position_mode in its state), or the exchange to one-way mode',
    );
    const text = 'the exchange is in hedge mode, internal state says one-way';
    expect(statusDocument(view).accounts).toMatchObject([{ position_modes: text }, { position_modes: null }]);
  });

  it('shows accounts of the file, of the ledger and of Temporal; stopped ones only when asked for', async () => {
    expect(await phases(sources())).toEqual({ main: 'waiting', planned: 'not_started' });
    expect(await phases(sources(), 'retired')).toEqual({ retired: 'not_started' });
    expect(await phases(sources(), 'nobody')).toEqual({});
    const unregistered = sources({ client: async () => client({}, { main: runs, fresh: runs }) });
    expect(await phases(unregistered)).toMatchObject({ fresh: 'waiting' });
    expect(await phases(unregistered, 'fresh')).toEqual({ fresh: 'waiting' });
  });

  it('queries no workflow for all accounts, and for one account only its own', async () => {
    const asked: string[] = [];
    const from = sources({
      client: async () =>
        client({
          status: async (account) => {
            asked.push(account);
            return away();
          },
        }),
    });
    await gatherStatus(from, null);
    expect(asked).toEqual([]);
    await gatherStatus(from, 'main');
    expect(asked).toEqual(['main']);
  });

  it('queries no workflow that cannot answer', async () => {
    const failing: AccountView = {
      ...runs,
      workflow: {
        kind: 'running',
        runId: 'r',
        taskQueue: 'q',
        taskAttempt: 3,
        taskSince: NOW,
        activities: [],
        deployment: null,
      },
      taskFailure: '[TMPRL1100] nondeterminism',
    };
    const from = sources({
      client: async () => client({ status: async () => Promise.reject(new Error('asked')) }, { main: failing }),
    });
    expect((await gatherStatus(from, 'main')).accounts[0]).toMatchObject({
      phase: null,
      silent: { message: expect.stringContaining('[TMPRL1100] nondeterminism') },
    });
  });

  it('reports an unreachable ledger, and still shows the workflows', async () => {
    const view = await gatherStatus(sources({ ledger: away }), null);
    expect(view.temporal).toBeNull();
    expect(view.accounts[0]).toMatchObject({ account: 'main', phase: 'waiting', gate: null, openDiscrepancies: null });
    const lines = renderStatus(view, { style: PLAIN, width: 100, detail: false });
    expect(lines[0]).toMatch(/^the ledger cannot be reached, so discrepancies and gate are not known: away/);
    expect(statusDocument(view)).toMatchObject({ ledger: { reachable: false, error: { remedy: 'start it' } } });
  });

  it('reports an unreachable Temporal, and still shows the ledger', async () => {
    const view = await gatherStatus(sources({ client: away }), null);
    expect(view.ledger).toBeNull();
    expect(view.accounts[0]).toMatchObject({ account: 'main', phase: null, outcome: 'matched', gate: { open: true } });
    expect(renderStatus(view, { style: PLAIN, width: 100, detail: false })[0]).toMatch(/^Temporal cannot be reached/);
  });

  it('shows an account whose workflow does not answer, and the others', async () => {
    const view = await gatherStatus(sources({ client: async () => client({ status: away }) }), 'main');
    expect(view.temporal).toBeNull();
    expect(view.accounts[0]).toMatchObject({ account: 'main', phase: null, silent: { message: 'away' } });
    const terminated: AccountView = {
      ...runs,
      workflow: { kind: 'ended', runId: 'r', taskQueue: 'q', status: 'terminated', at: NOW, deployment: null },
    };
    const all = await gatherStatus(
      sources({
        ledger: async () => ledgerWith(ledger(), ledger({ totals: totals({ account: 'other' }) })),
        client: async () => client({}, { main: terminated, other: runs }),
      }),
      null,
    );
    expect(all.accounts).toMatchObject([
      { account: 'main', silent: { message: expect.stringContaining('was terminated') } },
      { account: 'other', silent: null, phase: 'waiting' },
      { account: 'planned', phase: 'not_started' },
    ]);
    expect(statusDocument(all).accounts[0]?.silent).toMatchObject({ remedy: expect.stringContaining('repair main') });
  });
});
