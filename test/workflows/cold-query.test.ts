import { describe, expect, it } from '@jest/globals';
import type { ActivateInput } from '@temporalio/workflow';
import { interceptors, QUERY_TOO_EARLY } from '../../src/workflows/cold-query.js';

type Activation = ActivateInput['activation'];

interface Moment {
  /** When the workflow task started. */
  seconds: number;
  nanos?: number;
  /** Events of the history up to here. */
  events: number;
}

function activation({ seconds, nanos = 0, events }: Moment, jobs: object[]): Activation {
  // As `fromObject` leaves it: fields that are absent may be undefined or null.
  return { timestamp: { seconds, nanos }, historyLength: events, jobs } as unknown as Activation;
}

function events(moment: Moment): Activation {
  return activation(moment, [{ signalWorkflow: {}, queryWorkflow: null }]);
}

/** Other queries than direct ones come with a workflow task. */
function query(moment: Moment, queryId = 'legacy_query'): Activation {
  return activation(moment, [{ queryWorkflow: { queryId } }]);
}

/** Whether each activation reached the workflow ('ran'), or the message with which it failed. */
function play(...activations: Activation[]): string[] {
  const [interceptor] = interceptors().internals ?? [];
  return activations.map((each) => {
    let outcome = 'lost';
    try {
      interceptor?.activate?.({ activation: each, batchIndex: 0 }, () => (outcome = 'ran'));
    } catch (error) {
      return (error as Error).message;
    }
    return outcome;
  });
}

const FIRST = { seconds: 10, events: 3 };
const LAST = { seconds: 20, events: 8 };
/** Events that came after the start of the last task have its time, because no task has come for them. */
const AHEAD = { ...LAST, events: 10 };

describe('a direct query', () => {
  it('is answered after the tasks that the history holds', () => {
    expect(play(events(FIRST), events(LAST), query(LAST))).toEqual(['ran', 'ran', 'ran']);
  });

  it('is refused after events that belong to no task yet', () => {
    expect(play(events(FIRST), events(LAST), events(AHEAD), query(AHEAD))).toEqual([
      'ran',
      'ran',
      'ran',
      QUERY_TOO_EARLY,
    ]);
  });

  it('is refused even if the first task is the last one', () => {
    expect(play(events(LAST), events(AHEAD), query(AHEAD)).at(-1)).toBe(QUERY_TOO_EARLY);
  });

  it('is refused also after further activations of these events', () => {
    expect(play(events(LAST), events(AHEAD), events(AHEAD), query(AHEAD)).at(-1)).toBe(QUERY_TOO_EARLY);
  });

  it('is refused as often as it is asked', () => {
    expect(play(events(LAST), events(AHEAD), query(AHEAD), query(AHEAD)).slice(2)).toEqual([
      QUERY_TOO_EARLY,
      QUERY_TOO_EARLY,
    ]);
  });

  it('is answered after a task with its own time, although the history grew', () => {
    const next = { ...AHEAD, seconds: 21 };
    expect(play(events(LAST), events(next), query(next)).at(-1)).toBe('ran');
  });

  it('is answered after a task that started within the same second', () => {
    const next = { ...AHEAD, nanos: 5 };
    expect(play(events(LAST), events(next), query(next)).at(-1)).toBe('ran');
  });

  it('is answered once a task has brought the events that came ahead of it', () => {
    const next = { seconds: 30, events: 14 };
    expect(play(events(LAST), events(AHEAD), events(next), query(next)).at(-1)).toBe('ran');
  });

  it('is answered after several activations of one task', () => {
    expect(play(events(LAST), events(LAST), events(LAST), query(LAST)).at(-1)).toBe('ran');
  });

  it('is answered after the only activation, and before any', () => {
    expect(play(events(FIRST), query(FIRST))).toEqual(['ran', 'ran']);
    expect(play(query(FIRST))).toEqual(['ran']);
  });

  it('does not count as an event for the query after it', () => {
    expect(play(events(LAST), query(AHEAD), query(AHEAD))).toEqual(['ran', 'ran', 'ran']);
  });
});

it('a direct query is refused after the first task that follows a replay, and answered after the next one', () => {
  const replayed = { ...events(FIRST), isReplaying: true };
  expect(play(replayed, query(FIRST)).at(-1)).toBe('ran');
  expect(play(replayed, events(LAST), query(LAST)).at(-1)).toContain(QUERY_TOO_EARLY);
  const later = { ...LAST, seconds: LAST.seconds + 5 };
  expect(play(replayed, events(LAST), events(later), query(later)).at(-1)).toBe('ran');
});

it('a query that comes with a workflow task is answered', () => {
  expect(play(events(LAST), events(AHEAD), query(AHEAD, 'with-a-task')).at(-1)).toBe('ran');
});
