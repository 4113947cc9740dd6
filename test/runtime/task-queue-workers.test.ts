import { describe, expect, it } from '@jest/globals';
import {
  lastPollOf,
  noWorkerText,
  routingOf,
  shareOf,
  type PollingWorker,
  type TaskQueueWorkers,
} from '../../src/runtime/task-queue-workers.js';

const NOW = Date.parse('2026-11-29T20:00:00Z');
const old = { deployment: 'd', buildId: 'old' };
const young = { deployment: 'd', buildId: 'young' };

function poller(version: PollingWorker['version'], secondsAgo: number): PollingWorker {
  return { identity: `${version?.buildId}`, version, lastPoll: new Date(NOW - secondsAgo * 1_000) };
}

function workers(current: TaskQueueWorkers['current'], ...pollers: PollingWorker[]): TaskQueueWorkers {
  return { current, ramping: null, pollers };
}

describe('who gets the work of a task queue', () => {
  it('only a poll of the current version counts', () => {
    const both = [poller(old, 50), poller(young, 10), poller(null, 5)];
    expect(lastPollOf(workers(old, ...both))).toEqual(new Date(NOW - 50_000));
    expect(lastPollOf(workers(null, ...both))).toEqual(new Date(NOW - 5_000));
    expect(lastPollOf(workers({ ...old, buildId: 'gone' }, ...both))).toBeNull();
    expect(lastPollOf(workers({ ...old, deployment: 'another' }, ...both))).toBeNull();
  });

  it('names each other version that polls, but no worker that has ended', () => {
    const polling = [poller(old, 1), poller(old, 2), poller(young, 3), poller(null, 300)];
    expect(routingOf(workers(young, ...polling), NOW)).toEqual({ current: young, idle: [old] });
    expect(routingOf(workers(null, ...polling), NOW)).toEqual({ current: null, idle: [old, young] });
  });

  it('workers without a version get none while a version is current and none is ramping', () => {
    expect(shareOf(workers(young), null)).toBe('none');
    expect(shareOf(workers(young), old)).toBe('none');
    expect(shareOf(workers(young), young)).toBe('all');
    expect(shareOf(workers(null), null)).toBe('all');
  });

  it('a version with a share of the work is not idle', () => {
    const sharing = { ...workers(old, poller(old, 1), poller(young, 1)), ramping: young };
    expect(routingOf(sharing, NOW).idle).toEqual([]);
  });

  it.each([
    [
      'no worker at all',
      { current: null, idle: [] },
      /^no worker polls the task queue "q"$/,
      /start `plumbline worker`/,
    ],
    [
      'a first version that waits',
      { current: null, idle: [young] },
      /no worker without a version polls.*workers of version young poll it and get no work/,
      /^`plumbline versions promote young`$/,
    ],
    [
      'a new version that waits, without the old one',
      { current: old, idle: [young] },
      /no worker of the current version old polls.*version young/,
      /promote young`, or start a worker of old/,
    ],
    [
      'versions that were switched off too early',
      { current: old, idle: [null] },
      /workers without a version poll it and get no work/,
      /versions promote --unversioned`/,
    ],
    [
      'nothing but a current version',
      { current: old, idle: [] },
      /no worker of the current version old/,
      /start a worker/,
    ],
  ])('says what is wrong: %s', (_, routing, text, remedy) => {
    expect(noWorkerText('q', routing)).toEqual({
      text: expect.stringMatching(text),
      remedy: expect.stringMatching(remedy),
    });
  });
});
