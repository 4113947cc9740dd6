/** The findings in the histories of one or more rounds. */
export interface SoakResult {
  /** Tick timers that fired on uncached workflows. */
  ticks: number;
  /** Of these, the ones after which no run began in time, or only after another sleep. */
  late: number;
  /** Of the late ones, those whose workflow slept once more instead of running. */
  sleptAgain: number;
  histories: number;
  failedReplays: number;
  failedTasks: number;
  queries: number;
  failedQueries: number;
  /** One example of each kind of fault, for people. */
  examples: string[];
}

export const nothing = (): SoakResult => ({
  ticks: 0,
  late: 0,
  sleptAgain: 0,
  histories: 0,
  failedReplays: 0,
  failedTasks: 0,
  queries: 0,
  failedQueries: 0,
  examples: [],
});

export function sum(a: SoakResult, b: SoakResult): SoakResult {
  const total = {
    ticks: a.ticks + b.ticks,
    late: a.late + b.late,
    sleptAgain: a.sleptAgain + b.sleptAgain,
    histories: a.histories + b.histories,
    failedReplays: a.failedReplays + b.failedReplays,
    failedTasks: a.failedTasks + b.failedTasks,
    queries: a.queries + b.queries,
    failedQueries: a.failedQueries + b.failedQueries,
    examples: [...a.examples],
  };
  for (const example of b.examples) note(total, example);
  return total;
}

/** Keeps one example of each kind; the first word is the kind. */
export function note(result: SoakResult, example: string): void {
  const kind = example.split(' ', 1)[0] ?? '';
  if (result.examples.some((known) => known.startsWith(`${kind} `))) return;
  result.examples.push(example.slice(0, 400));
}

export function describeResult(result: SoakResult): string {
  return [
    `late ${result.late} of ${result.ticks} (${result.sleptAgain} slept again)`,
    `failed replays ${result.failedReplays} of ${result.histories}`,
    `failed workflow tasks ${result.failedTasks}`,
    `queries ${result.queries} (${result.failedQueries} without an answer)`,
  ].join(', ');
}
