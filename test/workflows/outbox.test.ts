import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RecordAnswer, RecordRequest } from '../../src/activities/activity-messages.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { Outbox, SetAside } from '../../src/workflows/outbox.js';
import { refusedForGood, UNREADABLE } from './support/answers.js';
import { WorkflowInProcess } from './support/workflow-in-process.js';

let offered: RecordRequest[];
let answer: (item: RecordRequest) => RecordAnswer | Promise<RecordAnswer>;
let items: RecordRequest[];
let setAside: SetAside[];
let outbox: Outbox;

beforeEach(async () => {
  jest.resetModules();
  offered = [];
  answer = () => ({ run: null, lastRunNumber: null });
  const workflow = new WorkflowInProcess().installed();
  workflow.activities.record = async (item: RecordRequest) => {
    offered.push(item);
    return answer(item);
  };
  const { Outbox } = await import('../../src/workflows/outbox.js');
  items = [];
  setAside = [];
  outbox = new Outbox(items, [], setAside, () => REGISTER);
});

/** As a handler does, and the loop after it. */
function postAndCollect(item: RecordRequest): void {
  outbox.post(item);
  outbox.collect();
}

const REGISTER: RecordRequest = { kind: 'register', account: 'main', exchange: 'x', policy: DEFAULT_POLICY, by: 'ada' };
const DEACTIVATE: RecordRequest = { kind: 'deactivate', account: 'main', by: 'ada' };

function failure(runNumber: number, thresholdReached = false): RecordRequest {
  return {
    kind: 'failure',
    key: { account: 'main', workflowRunId: 'run-1', runNumber },
    trigger: 'schedule',
    startedAt: '2026-11-22T00:00:00.000Z',
    endedAt: '2026-11-22T00:00:01.000Z',
    looks: 1,
    failure: UNREADABLE,
    consecutiveFailures: runNumber,
    threshold: 3,
    thresholdReached,
  };
}

function pause(by: string): RecordRequest {
  return { kind: 'pause', account: 'main', paused: true, by, reason: 'x', requestId: by };
}

function refusal(message: string, by: string): Extract<RecordRequest, { kind: 'refused' }> {
  const at = '2026-11-22T00:00:00.000Z';
  const times = { count: 1, firstAt: at, lastAt: at };
  return { kind: 'refused', account: 'main', requestId: by, message, by, reason: `because of ${by}`, ...times };
}

describe('a full outbox', () => {
  it('holds 200 items, and drops the oldest failed run without a call', () => {
    outbox.push(REGISTER);
    outbox.push(failure(1, true));
    for (let run = 2; run <= 300; run++) outbox.push(failure(run));
    expect(items).toHaveLength(200);
    expect(items.slice(0, 2)).toEqual([REGISTER, failure(1, true)]);
    const runs = items.slice(2).map((item) => (item.kind === 'failure' ? item.key.runNumber : null));
    expect(runs).toEqual(Array.from({ length: 198 }, (_, index) => 103 + index));
  });

  it('drops a refusal, then a pause, before it grows', () => {
    for (let run = 1; run <= 198; run++) outbox.push(failure(run, true));
    outbox.push(pause('ada'));
    outbox.push(refusal('resume', 'bob'));
    outbox.push(failure(199, true));
    expect(items.map(({ kind }) => kind).filter((kind) => kind !== 'failure')).toEqual(['pause']);
    outbox.push(failure(200, true));
    expect(items.every(({ kind }) => kind === 'failure')).toBe(true);
    expect(items).toHaveLength(200);
  });

  it('never drops what calls a human, a registration or a stop', () => {
    for (let run = 1; run <= 200; run++) outbox.push(failure(run, true));
    outbox.push(REGISTER);
    outbox.push(DEACTIVATE);
    expect(items).toHaveLength(202);
  });

  it('does not drop the item that is being sent', async () => {
    for (let run = 1; run <= 200; run++) outbox.push(failure(run));
    let give: (answer: RecordAnswer) => void = () => {};
    answer = async () =>
      offered.length === 1 ? new Promise((resolve) => (give = resolve)) : { run: null, lastRunNumber: null };
    const flushed = outbox.flush(true);
    await new Promise(setImmediate);
    outbox.push(failure(201));
    expect(items.slice(0, 2)).toEqual([failure(1), failure(3)]);
    give({ run: null, lastRunNumber: null });
    expect(await flushed).toBe(true);
    expect(offered).toHaveLength(200);
    expect(new Set(offered).size).toBe(200);
  });
});

describe('what handlers post', () => {
  it('waits apart until it is collected, so that it does not change a run in progress', () => {
    outbox.post(pause('ada'));
    expect(outbox.size).toBe(0);
    outbox.collect();
    expect(items).toEqual([pause('ada')]);
    expect(outbox.inbox).toEqual([]);
  });

  it('is bounded', () => {
    for (let each = 0; each < 1_000; each++) outbox.post(pause(`${each}`));
    expect(outbox.inbox).toHaveLength(200);
    expect(outbox.inbox.at(-1)).toEqual(pause('999'));
  });

  it('is one item for refusals of one message, however many come', () => {
    for (let each = 0; each < 1_000; each++) outbox.post(refusal('pause', 'ada'));
    expect(outbox.inbox).toMatchObject([{ message: 'pause', count: 1_000 }]);
  });
});

describe('refusals that wait', () => {
  it('are one item per message, with a count and the newest reason', () => {
    for (const by of ['ada', 'bob', 'eve']) postAndCollect(refusal('pause', by));
    postAndCollect(refusal('resume', 'ada'));
    expect(items).toMatchObject([
      { message: 'pause', count: 3, requestId: 'ada', by: 'eve', reason: 'because of eve' },
      { message: 'resume', count: 1 },
    ]);
  });

  it('do not grow while they are being sent', async () => {
    postAndCollect(refusal('pause', 'ada'));
    let give: (answer: RecordAnswer) => void = () => {};
    answer = async () =>
      offered.length === 1 ? new Promise((resolve) => (give = resolve)) : { run: null, lastRunNumber: null };
    const flushed = outbox.flush(true);
    await new Promise(setImmediate);
    postAndCollect(refusal('pause', 'bob'));
    give({ run: null, lastRunNumber: null });
    await flushed;
    expect(offered).toMatchObject([
      { by: 'ada', count: 1 },
      { by: 'bob', count: 1 },
    ]);
  });
});

describe('what is set aside', () => {
  it('is bounded, and what calls a human is kept', async () => {
    answer = () => {
      throw refusedForGood();
    };
    outbox.push(failure(1, true));
    for (let each = 0; each < 80; each++) outbox.push(pause(`${each}`));
    expect(await outbox.flush(true)).toBe(true);
    expect(setAside).toHaveLength(50);
    expect(setAside[0]).toEqual({ item: failure(1, true), problem: 'a year 12345' });
    expect(setAside.at(-1)?.item).toEqual(pause('79'));
  });

  it('is offered again behind all that waits', () => {
    setAside.push({ item: pause('ada'), problem: 'x' });
    outbox.push(failure(2));
    outbox.offerSetAside();
    expect(items).toEqual([failure(2), pause('ada')]);
    expect(setAside).toEqual([]);
  });
});
