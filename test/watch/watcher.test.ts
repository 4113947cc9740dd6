import { describe, expect, it } from '@jest/globals';
import type { AccountTotals } from '../../src/ledger/contract/ledger.js';
import type { Execution } from '../../src/watch/execution.js';
import { PollWatch } from '../../src/watch/poll-watch.js';
import type { AccountView, TemporalView } from '../../src/watch/temporal-view.js';
import { Watcher, type WatchChange } from '../../src/watch/watcher.js';
import { minutesAgo, NOW, totals } from '../http/totals.js';

const running = (taskAttempt = 0): Execution => ({
  kind: 'running',
  runId: 'r',
  taskQueue: 'q',
  taskAttempt,
  taskSince: minutesAgo(3),
  activities: [],
  deployment: null,
});
const terminated: Execution = {
  kind: 'ended',
  runId: 'r',
  taskQueue: 'q',
  status: 'terminated',
  at: minutesAgo(3),
  deployment: null,
};
const well: AccountView = { workflow: running(), intervention: null, taskFailure: null };

/** A watcher over a ledger and a Temporal that a test changes. */
function watching() {
  const world = {
    ledger: [totals()] as AccountTotals[] | null,
    temporal: { main: well } as Record<string, AccountView> | null,
    lastPoll: 1,
  };
  const changes: WatchChange[] = [];
  const errors: string[] = [];
  const watcher = new Watcher({
    ledger: {
      accounts: async () => {
        if (world.ledger === null) throw new Error('no ledger');
        return world.ledger;
      },
    },
    temporal: async (): Promise<TemporalView> => {
      if (world.temporal === null) throw new Error('no Temporal');
      world.lastPoll += 1;
      return {
        taskQueue: 'q',
        lastPoll: new Date(world.lastPoll),
        routing: { current: null, idle: [] },
        accounts: new Map(Object.entries(world.temporal)),
      };
    },
    log: {
      error: (_fields: unknown, text?: string) => void errors.push(String(text)),
      warn: () => {},
      info: () => {},
    },
    notify: (change) => void changes.push(change),
  });
  const passes = async (count: number): Promise<void> => {
    for (let pass = 0; pass < count; pass++) await watcher.pass();
  };
  return { world, watcher, changes, errors, passes };
}

const kinds = (changes: readonly WatchChange[]) => changes.map(({ finding }) => finding?.kind ?? null);

describe('the watcher', () => {
  it('finds nothing if all accounts are checked', async () => {
    const { watcher, changes, passes } = watching();
    expect(watcher.temporalUp()).toBeNull();
    await passes(3);
    expect(changes).toEqual([]);
    expect(watcher.temporalUp()).toBe(true);
  });

  it.each<[string, Partial<AccountView>, string, RegExp]>([
    ['a workflow that was terminated', { workflow: terminated }, 'no_workflow', /was terminated at 2026/],
    ['a workflow that does not exist', { workflow: { kind: 'not_found' } }, 'no_workflow', /does not exist/],
    [
      'a workflow that fails its task',
      { workflow: running(4), taskFailure: '[TMPRL1100] nondeterminism' },
      'task_failing',
      /attempt 4\): \[TMPRL1100\]/,
    ],
    ['an intervention that was lost', { intervention: terminated }, 'intervention_lost', /nobody is reminded/],
    ['an intervention that fails its task', { intervention: running(2) }, 'intervention_lost', /fails its task/],
  ])('finds %s in the second pass, and says it once', async (_, changed, kind, text) => {
    const { world, watcher, changes, errors, passes } = watching();
    world.temporal = { main: { ...well, ...changed } };
    await passes(1);
    expect(changes).toEqual([]);
    await passes(3);
    expect(kinds(changes)).toEqual([kind]);
    expect(watcher.findingOf('main')).toMatchObject({ kind, text: expect.stringMatching(text) });
    expect(errors).toHaveLength(1);
    world.temporal = { main: well };
    await passes(2);
    expect(kinds(changes)).toEqual([kind, null]);
    expect(watcher.findingOf('main')).toBeNull();
  });

  it('finds an account that is late at once, from the ledger alone', async () => {
    const { world, changes, passes } = watching();
    world.temporal = null;
    world.ledger = [totals({ expectedAt: minutesAgo(1.2) })];
    await passes(1);
    expect(kinds(changes)).toEqual(['overdue']);
    world.ledger = [totals({ expectedAt: minutesAgo(-5) })];
    await passes(1);
    expect(kinds(changes)).toEqual(['overdue', null]);
  });

  it('keeps its findings while Temporal cannot be reached, and logs that', async () => {
    const { world, watcher, changes, passes } = watching();
    world.temporal = { main: { ...well, workflow: terminated } };
    await passes(2);
    world.temporal = null;
    await passes(2);
    expect(watcher.temporalUp()).toBe(false);
    expect(kinds(changes)).toEqual(['no_workflow']);
  });

  it('keeps its findings while the ledger cannot be read', async () => {
    const { world, watcher, passes } = watching();
    world.temporal = { main: { ...well, workflow: terminated } };
    await passes(2);
    world.ledger = null;
    await passes(2);
    expect(watcher.findingOf('main')).not.toBeNull();
  });

  it('takes one pass of trouble for a restart, a start or a repair in progress', async () => {
    const { world, changes, passes } = watching();
    for (let round = 0; round < 3; round++) {
      world.temporal = { main: { ...well, workflow: terminated } };
      await passes(1);
      world.temporal = { main: well };
      await passes(1);
    }
    expect(changes).toEqual([]);
  });

  it('does not count passes in which Temporal was away', async () => {
    const { world, changes, passes } = watching();
    world.temporal = { main: { ...well, workflow: terminated } };
    await passes(1);
    world.temporal = null;
    await passes(1);
    expect(changes).toEqual([]);
    world.temporal = { main: { ...well, workflow: terminated } };
    await passes(1);
    expect(kinds(changes)).toEqual(['no_workflow']);
  });

  it('expects nothing of a stopped account, and forgets what it found of one', async () => {
    const { world, changes, passes } = watching();
    world.temporal = { main: { ...well, workflow: terminated } };
    await passes(2);
    world.ledger = [totals({ active: false })];
    world.temporal = {};
    await passes(2);
    expect(kinds(changes)).toEqual(['no_workflow', null]);
  });

  it('finds a workflow that fails before the ledger has heard of it', async () => {
    const { world, changes, passes } = watching();
    world.temporal = { main: well, fresh: { ...well, workflow: running(3) } };
    await passes(2);
    expect(changes).toMatchObject([{ account: 'fresh', finding: { kind: 'task_failing' } }]);
  });

  it('prefers a cause to its effect', async () => {
    const { world, changes, passes } = watching();
    world.ledger = [totals({ expectedAt: minutesAgo(5) })];
    world.temporal = { main: { ...well, workflow: terminated } };
    await passes(2);
    expect(kinds(changes)).toEqual(['overdue', 'no_workflow']);
  });
});

describe('the watch over polls', () => {
  const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

  it('finds that no worker polls once the newest poll stays the same for too long', () => {
    const watch = new PollWatch(70_000);
    const ask = (seconds: number, stamp: number | null) =>
      watch.noWorkerSince(stamp === null ? null : new Date(stamp), at(seconds), seconds * 1000);
    // Temporal's clock may be years off: only changes count.
    expect(ask(0, 1)).toBeNull();
    expect(ask(60, 1)).toBeNull();
    expect(ask(65, 2)).toBeNull();
    expect(ask(135, 2)).toBeNull();
    expect(ask(136, 2)).toEqual(at(65));
    expect(ask(140, 3)).toBeNull();
  });

  it('finds it at once if Temporal knows no poll', () => {
    expect(new PollWatch(70_000).noWorkerSince(null, NOW, 0)).toEqual(NOW);
  });
});
