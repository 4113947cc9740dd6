import { describe, expect, it } from '@jest/globals';
import { PLAIN, visibleWidth } from '../../src/cli/render/style.js';
import { renderStatus, statusDocument } from '../../src/cli/render/status.js';
import type { LedgerSays, StatusSources, WorkflowSays } from '../../src/cli/status-view.js';
import { gatherStatus, mergeStatus } from '../../src/cli/status-view.js';
import type { Inspection, KnownKey } from '../../src/domain/inspection.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { RecordedRun } from '../../src/domain/run.js';
import type { DiscrepancyRow, InterventionRow, RunRow } from '../../src/ledger/ledger.js';
import type { ReconciliationStatus } from '../../src/workflows/messages.js';
import { OPENED } from '../http/ledger-story.js';
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
    ...changes,
  };
  return { kind: 'running', status };
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
  description: 'BTC/USDT:USDT: the exchange holds 0.5 BTC long, the bot believes in none',
  remedy: 'the bot should take over 0.5 BTC long',
  difference: OPENED,
  openedAt: minutesAgo(35),
  lastSeenAt: minutesAgo(5),
  timesSeen: 2,
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
  notifiedTimes: 2,
  snoozedUntil: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  note: null,
};

function inspection(powers: Partial<KnownKey> = {}): Inspection {
  const key = { canTrade: false, canWithdraw: false, ipRestricted: true, note: 'the key', ...powers };
  return {
    exchange: 'binanceusdm',
    verifiedProfile: true,
    key: { exchange: 'binanceusdm', at: inMinutes(-60), ...key },
  };
}

function ledger(changes: Partial<LedgerSays> = {}): LedgerSays {
  return { totals: totals(), lastRun: null, intervention: null, discrepancies: [], ...changes };
}

function render(
  says: { ledger?: LedgerSays | null; workflow?: WorkflowSays | null },
  options: { width?: number; detail?: boolean } = {},
): string[] {
  const status = mergeStatus(
    'main',
    says.ledger === undefined ? ledger() : says.ledger,
    says.workflow === undefined ? workflow({ lastRun: lastRun() }) : says.workflow,
    NOW,
  );
  const view = { at: NOW, accounts: [status], ledger: null, temporal: null };
  return renderStatus(view, { style: PLAIN, width: options.width ?? 100, detail: options.detail ?? false });
}

describe('the table of status', () => {
  it('shows a healthy account in one line', () => {
    expect(render({})).toEqual([
      'ACCOUNT  EXCHANGE     VERDICT    LAST SUCCESS  FAILED  OPEN  GATE  NEXT RUN',
      'main     binanceusdm  ✓ matched  5m ago        0/3     0     open  in 25m',
    ]);
  });

  it('keeps quiet of a key that only reads, and notes a missing IP limit with the details only', () => {
    const says = (powers: Partial<KnownKey>) => ({
      ledger: ledger({ totals: totals({ inspection: inspection(powers) }) }),
    });
    expect(render(says({}), { detail: true })).toHaveLength(2);
    expect(render(says({ ipRestricted: false }))).toHaveLength(2);
    expect(render(says({ ipRestricted: false }), { detail: true })[2]).toMatch(/^ {2}key: the key has no IP limit/);
    // What was known of another exchange's key says nothing of this one.
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
      /closed[^]*a human is called for 35m: ORDER_FILL_MISSED \(2\), POSITION_OPENED_EXTERNALLY\n +what to do: plumbline acknowledge main/,
    ],
    [
      'a call that the ledger does not know of yet',
      { workflow: workflow({ interventionOpen: true }) },
      /a human is called; the ledger does not know of it yet/,
    ],
    [
      'why else the gate is closed',
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
      'that it is paused, without Temporal',
      { ledger: ledger({ totals: totals({ paused: true }) }), workflow: null },
      /\n {2}paused; plumbline resume main/,
    ],
    [
      'what is not compared',
      {
        ledger: ledger({
          lastRun: {
            notCompared: [{ scope: 'orders:conditional', reason: 'not told', missing: 'internal' }],
            failure: null,
          } as unknown as RunRow,
        }),
      },
      /not compared: orders:conditional: the internal side did not answer \(not told\)/,
    ],
    [
      'a key that can do more than read',
      { ledger: ledger({ totals: totals({ inspection: inspection({ canTrade: true, canWithdraw: true }) }) }) },
      /\n {2}the key can trade and withdraw: Plumbline only reads: give it a key that can only read$/,
    ],
    [
      'an unverified profile',
      { ledger: ledger({ totals: totals({ inspection: { ...inspection(), verifiedProfile: false } }) }) },
      /\n {2}unverified profile: of binanceusdm only what it shows is believed and compared$/,
    ],
    ['a run under way', { workflow: workflow({ phase: 'settling' }) }, /settling…/],
    ['a run that is late', { workflow: workflow({ nextRunAt: inMinutes(-3) }) }, /3m late/],
    ['runs that wait for the ledger', { workflow: workflow({ unrecordedRuns: 2 }) }, /2 runs wait to be recorded/],
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
      /5m ago[^]*workflow silent: no worker polls: start one/,
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

  it('says "?" for what is not known, never "none"', () => {
    expect(render({ ledger: null, workflow: null })[1]).toBe(
      'main     ?         ?        ?             ?       ?     ?     ?',
    );
  });

  it('adds open discrepancies with their remedy when one account is asked for', () => {
    const open = { ...zeroCounts(), POSITION_OPENED_EXTERNALLY: 3 };
    const says = { ledger: ledger({ totals: totals({ openDiscrepancies: open }), discrepancies: [discrepancy] }) };
    expect(render(says, { detail: true }).join('\n')).toMatch(
      /POSITION_OPENED_EXTERNALLY[^]*to mend it: the bot should take over 0.5 BTC long[^]*and 2 more: plumbline discrepancies main/,
    );
    expect(render(says).join('\n')).not.toContain('to mend it');
  });

  it('says of one that an ignore rule hides by now that it is open all the same', () => {
    const hidden = { ...discrepancy, ignoredBy: 'symbol BTC/USDT:USDT' };
    const says = { ledger: ledger({ discrepancies: [hidden] }) };
    expect(render(says, { detail: true }).join('\n')).toMatch(
      /^open {2}POSITION_OPENED_EXTERNALLY[^]*now ignored by a rule \(symbol BTC\/USDT:USDT\): open all the same/m,
    );
  });

  it('fits a narrow terminal', () => {
    const says = { ledger: ledger({ totals: totals({ openInterventions: 1 }), intervention }) };
    const lines = render(says, { width: 44 });
    expect(Math.max(...lines.map(visibleWidth))).toBeLessThanOrEqual(44);
    expect(lines).toContain('main');
    expect(lines).toContain('  LAST SUCCESS  5m ago');
  });
});

describe('status, asked of ledger and Temporal', () => {
  function sources(changes: Partial<StatusSources> = {}): StatusSources {
    return {
      configured: async () => ['main', 'planned'],
      ledger: async () => ({
        accounts: async () => [totals(), totals({ account: 'retired', active: false })],
        runs: async () => [],
        interventions: async () => [],
        discrepancies: async () => [],
      }),
      client: async () => ({
        accounts: async () => ['main'],
        status: async () => {
          const says = workflow();
          if (says.kind !== 'running') throw new Error('unreachable');
          return says.status;
        },
      }),
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

  it('shows accounts of the file, of the ledger and of Temporal; stopped ones only when asked for', async () => {
    expect(await phases(sources())).toEqual({ main: 'waiting', planned: 'not_started' });
    expect(await phases(sources(), 'retired')).toEqual({ retired: 'not_started' });
    expect(await phases(sources(), 'nobody')).toEqual({});
  });

  it('names the ledger when it is away, and still shows the workflows', async () => {
    const view = await gatherStatus(sources({ ledger: away }), null);
    expect(view.temporal).toBeNull();
    expect(view.accounts[0]).toMatchObject({ account: 'main', phase: 'waiting', gate: null, openDiscrepancies: null });
    const lines = renderStatus(view, { style: PLAIN, width: 100, detail: false });
    expect(lines[0]).toMatch(/^the ledger cannot be reached, so discrepancies and gate are not known: away/);
    expect(statusDocument(view)).toMatchObject({ ledger: { reachable: false, error: { remedy: 'start it' } } });
  });

  it('names Temporal when it is away, and still shows the ledger', async () => {
    const view = await gatherStatus(sources({ client: away }), null);
    expect(view.ledger).toBeNull();
    expect(view.accounts[0]).toMatchObject({ account: 'main', phase: null, outcome: 'matched', gate: { open: true } });
    expect(renderStatus(view, { style: PLAIN, width: 100, detail: false })[0]).toMatch(/^Temporal cannot be reached/);
  });

  it('does not lose an account whose workflow is silent', async () => {
    const view = await gatherStatus(
      sources({ client: async () => ({ accounts: async () => ['main'], status: away }) }),
      null,
    );
    expect(view.temporal).toBeNull();
    expect(view.accounts[0]).toMatchObject({ account: 'main', phase: null, silent: { message: 'away' } });
  });
});
