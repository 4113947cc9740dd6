import type { temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** A tick timer that fired, and what followed. */
export interface FiredTick {
  firedAtMs: number;
  /** When the next run began; null if no run followed. */
  runAtMs: number | null;
  /** Whether another timer started before a run did. */
  sleptAgain: boolean;
}

/** How much earlier than its tick a timer may fire: the server's timers have a resolution of one second. */
const EARLY_MS = 1_500;

/** The reads at the start of a run. */
const READS = ['observe', 'fetchExchangeState', 'fetchInternalState'];

function timeOf(event: HistoryEvent): number {
  return Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6;
}

/** The account's first tick after its start, by the server's clock; null before its first workflow task. */
export function firstTickOf(events: readonly HistoryEvent[], staggerMs: number): number | null {
  const begin = events.find(({ workflowTaskStartedEventAttributes: task }) => (task ?? null) !== null);
  return begin === undefined ? null : timeOf(begin) + staggerMs;
}

/** The first timer that fired at the tick or later; null if none has fired yet. */
export function firedFrom(events: readonly HistoryEvent[], tickMs: number): FiredTick | null {
  const index = events.findIndex(
    (event) => (event.timerFiredEventAttributes ?? null) !== null && timeOf(event) > tickMs - EARLY_MS,
  );
  const event = events[index];
  return event === undefined ? null : { firedAtMs: timeOf(event), ...whatFollows(events.slice(index + 1)) };
}

function whatFollows(events: readonly HistoryEvent[]): Pick<FiredTick, 'runAtMs' | 'sleptAgain'> {
  let sleptAgain = false;
  for (const event of events) {
    if ((event.timerStartedEventAttributes ?? null) !== null) sleptAgain = true;
    const activity = event.activityTaskScheduledEventAttributes?.activityType?.name ?? '';
    if (READS.includes(activity)) return { runAtMs: timeOf(event), sleptAgain };
  }
  return { runAtMs: null, sleptAgain };
}
