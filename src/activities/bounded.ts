import type { Failure } from '../domain/failure.js';
import type { RecordedRun } from '../domain/run.js';

/** Characters of a text that passes through workflow history. */
const MAX_MESSAGE = 1_000;
const MAX_REMEDY = 500;
const MAX_WHERE = 500;
/** Scopes that were not compared which an answer names; the run's row has all of them. */
const MAX_NOT_COMPARED = 100;

/** The failure with texts of bounded length: an exchange may answer with anything. */
export function boundedFailure(failure: Failure): Failure {
  return {
    ...failure,
    message: cut(failure.message, MAX_MESSAGE),
    where: failure.where === null ? null : cut(failure.where, MAX_WHERE),
    remedy: cut(failure.remedy, MAX_REMEDY),
  };
}

/** The answer as it passes through workflow history, which has limits. The ledger keeps all of it. */
export function boundedRun(run: RecordedRun): RecordedRun {
  const { notCompared } = run;
  const more = notCompared.length - MAX_NOT_COMPARED;
  return {
    ...run,
    opened: run.opened.map((each) => ({ ...each, description: cut(each.description, MAX_MESSAGE) })),
    calls: run.calls.map(({ action, text }) => ({ action, text: cut(text, MAX_MESSAGE) })),
    notCompared:
      more > 0
        ? [...notCompared.slice(0, MAX_NOT_COMPARED).map((scope) => cut(scope, MAX_WHERE)), `and ${more} more`]
        : notCompared.map((scope) => cut(scope, MAX_WHERE)),
    failure: run.failure === null ? null : boundedFailure(run.failure),
  };
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
