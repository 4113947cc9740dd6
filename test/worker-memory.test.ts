import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { chosenHeapMib, limitHeapOfThreads, memoryThereIs, planMemory } from '../src/worker-memory.js';

const plan = (accounts: number, memoryMib: number, heap: number | null = null) =>
  planMemory({ accounts, memoryBytes: memoryMib * 2 ** 20, chosenHeapMib: heap });

describe('the memory of a worker', () => {
  it('keeps every workflow of its accounts and some more, where they fit', () => {
    const { cachedWorkflows, warning, text } = plan(200, 1024);
    expect([cachedWorkflows, warning]).toEqual([230, null]);
    expect(text).toMatch(/^Up to 230 workflows stay in memory, for 200 accounts in 1024 MiB/);
  });

  it('holds 3,000 accounts in 2 GiB', () => {
    expect(plan(3_000, 2_048)).toMatchObject({ cachedWorkflows: 3_310, warning: null });
  });

  it('keeps as many as fit where not all do, and says how much memory would hold all', () => {
    const { cachedWorkflows, warning } = plan(3_000, 1024);
    expect(cachedWorkflows).toBeGreaterThan(500);
    expect(cachedWorkflows).toBeLessThan(3_000);
    const needed = Number(/Give the worker (\d+) MiB of memory/.exec(warning ?? '')?.[1]);
    expect(plan(3_000, needed).warning).toBeNull();
    expect(plan(3_000, needed - 10).warning).not.toBeNull();
  });

  it('is never more than there is, nor so little that tasks wait for each other', () => {
    for (const memory of [64, 256]) expect(plan(100_000, memory).cachedWorkflows).toBe(50);
    for (const memory of [512, 1024, 4096]) expect(plan(100_000, memory).cachedWorkflows * 0.5).toBeLessThan(memory);
    expect(plan(0, 1024).cachedWorkflows).toBe(50);
  });

  it('stays within the heap that somebody chose, and says which one would hold all', () => {
    const { cachedWorkflows, workflowHeapMib, warning } = plan(3_000, 16_384, 240);
    expect(workflowHeapMib).toBe(240);
    expect(cachedWorkflows).toBeLessThan(600);
    const needed = Number(/Raise --max-old-space-size to (\d+)/.exec(warning ?? '')?.[1]);
    expect(plan(3_000, 16_384, needed).warning).toBeNull();
  });
});

it('finds what somebody chose, the command line before NODE_OPTIONS', () => {
  expect(chosenHeapMib([], '')).toBeNull();
  expect(chosenHeapMib([], '--enable-source-maps --max-old-space-size=700')).toBe(700);
  expect(chosenHeapMib(['--max_old_space_size=900'], '--max-old-space-size=700')).toBe(900);
});

it('knows how much memory there is', () => {
  expect(memoryThereIs()).toBeGreaterThan(100 * 2 ** 20);
});

it('limits the heap of threads that are started afterwards', async () => {
  limitHeapOfThreads(333);
  const thread = new Worker(
    `require('node:worker_threads').parentPort.postMessage(require('node:v8').getHeapStatistics().heap_size_limit)`,
    { eval: true },
  );
  const [limit] = (await once(thread, 'message')) as [number];
  expect(Math.abs(limit / 2 ** 20 - 333)).toBeLessThan(100);
});
