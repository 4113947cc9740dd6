import type { temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** A tick timer that fired, and what followed. */
export interface FiredTick {
  firedAtMs: number;
  /** When the run after it began; null where no run followed. */
  runAtMs: number | null;
  /** Whether another timer started before a run did. */
  sleptAgain: boolean;
}

/** How far a timer may fire from its tick: the server's timers have a resolution of one second. */
const NEAR_MS = 2_500;

/** The reads with which a run begins. */
const READS = ['fetchExchangeState', 'fetchInternalState'];

function timeOf(event: HistoryEvent): number {
  return Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6;
}

/**
 * The tick timers of one history that fired. A timer belongs to a tick if it fired at one: the grid begins with the first
 * workflow task, `staggerMs` later.
 */
export function firedTicks(events: readonly HistoryEvent[], staggerMs: number, intervalMs: number): FiredTick[] {
  const begin = events.find(({ workflowTaskStartedEventAttributes: task }) => (task ?? null) !== null);
  if (begin === undefined) return [];
  const firstTick = timeOf(begin) + staggerMs;
  const atTick = (ms: number): boolean => {
    const past = ms - firstTick;
    const off = ((past % intervalMs) + intervalMs) % intervalMs;
    return past > -NEAR_MS && Math.min(off, intervalMs - off) < NEAR_MS;
  };
  return events.flatMap((event, index) => {
    if ((event.timerFiredEventAttributes ?? null) === null || !atTick(timeOf(event))) return [];
    return [{ firedAtMs: timeOf(event), ...whatFollows(events.slice(index + 1)) }];
  });
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
