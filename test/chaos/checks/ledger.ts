import { POLICY } from '../accounts.js';
import type { Findings } from '../findings.js';
import type { EventRow, RunRow } from '../ledger-tables.js';
import type { OutsideRecord } from '../record.js';
import type { Stage } from '../stage.js';

/** The previous hash in the first event of an account. */
const FIRST_HASH = '0'.repeat(64);
/** A run may be late by the duration of the previous one with all its retries, and by the time until workers return. */
const LATE_SECONDS = 90;
/** Tolerance between clocks: the server's clock reports a run's begin, and both clocks are this machine's. */
const CLOCK_MS = 1_000;

/** Compares runs, streaks and events of the ledger with each other and with the record, and calls `verify`. */
export async function checkLedger(stage: Stage, record: OutsideRecord, findings: Findings): Promise<void> {
  await findings.group('ledger.verify finds nothing', async () => {
    const { accounts } = await stage.ledger.verify();
    for (const { account, faults } of accounts) {
      const texts = faults.map(({ sequence, fault }) => `${sequence === null ? '' : `event ${sequence}: `}${fault}`);
      findings.expect('ledger.verify finds nothing', texts.length === 0, account, texts.slice(0, 5).join('; '));
    }
  });
  for (const { name, quiet } of stage.accounts) {
    await findings.group('runs', async () => {
      const runs = await stage.tables.runs(name);
      const events = await stage.tables.events(name);
      checkNumbers(name, runs, findings);
      if (quiet) checkSchedule(name, runs, findings);
      checkStreaks(name, runs, events, findings);
      checkEvents(name, events, record, findings);
      checkAnswers(name, runs, events, record, findings);
      checkPauses(name, events, record, findings);
    });
  }
}

function checkNumbers(account: string, runs: readonly RunRow[], findings: Findings): void {
  const numbers = runs.map(({ runNumber }) => runNumber);
  const missing = missingOf(numbers);
  const twice = numbers.filter((number, index) => numbers.indexOf(number) !== index);
  const rule = 'each run is recorded once';
  findings.expect(rule, missing.length === 0, account, `runs ${missing.slice(0, 10).join(', ')} are missing`);
  findings.expect(rule, twice.length === 0, account, `runs ${twice.slice(0, 10).join(', ')} are there twice`);
  const backwards = runs.filter((run, index) => run.startedAt < (runs[index - 1]?.startedAt ?? run.startedAt));
  const numbersOf = backwards.map(({ runNumber }) => runNumber).slice(0, 10);
  findings.expect(
    'runs follow each other in time',
    backwards.length === 0,
    account,
    `not so runs ${numbersOf.join(', ')}`,
  );
}

/**
 * For an account that is never paused: no scheduled run is missing or late. Time in which other runs were in progress
 * does not count, because a due run waits for the one in progress.
 */
function checkSchedule(account: string, runs: readonly RunRow[], findings: Findings): void {
  const scheduled = runs.filter(({ trigger }) => trigger === 'schedule');
  let before: RunRow | null = null;
  for (const run of scheduled) {
    const [from, to] = [before?.startedAt.getTime() ?? run.startedAt.getTime(), run.startedAt.getTime()];
    const busyMs = runs
      .filter(({ runNumber }) => runNumber !== before?.runNumber && runNumber !== run.runNumber)
      .map(({ startedAt, endedAt }) => Math.min(endedAt.getTime(), to) - Math.max(startedAt.getTime(), from))
      .reduce((sum, ms) => sum + Math.max(ms, 0), 0);
    const seconds = (to - from - busyMs) / 1_000;
    findings.expect(
      'scheduled runs are not late',
      seconds <= POLICY.intervalMinutes * 60 + LATE_SECONDS,
      account,
      `run ${run.runNumber} began ${seconds} s after run ${before?.runNumber}, and no other run was under way`,
    );
    before = run;
  }
}

/** Recounts failed runs, and requires exactly one call when the threshold is reached. */
function checkStreaks(account: string, runs: readonly RunRow[], events: readonly EventRow[], findings: Findings): void {
  const called = new Map<number, number>();
  for (const { runNumber, payload } of events) {
    if (payload['action'] !== 'RECONCILIATION_FAILURE_THRESHOLD' || runNumber === null) continue;
    called.set(runNumber, (called.get(runNumber) ?? 0) + 1);
  }
  let streak = 0;
  let callsInStreak = 0;
  const wrong: string[] = [];
  const wrongCalls: string[] = [];
  const endStreak = (before: number): void => {
    if (streak >= POLICY.failureThreshold && callsInStreak !== 1) {
      wrongCalls.push(`the streak of ${streak} before run ${before} has ${callsInStreak} calls`);
    }
    if (streak < POLICY.failureThreshold && callsInStreak > 0) {
      wrongCalls.push(`the streak of ${streak} before run ${before} has a call below the threshold`);
    }
    streak = 0;
    callsInStreak = 0;
  };
  for (const { runNumber, outcome, consecutiveFailures } of runs) {
    if (outcome === 'failed') streak += 1;
    else endStreak(runNumber);
    callsInStreak += called.get(runNumber) ?? 0;
    if (consecutiveFailures !== streak) wrong.push(`run ${runNumber} says ${consecutiveFailures}, recounted ${streak}`);
  }
  endStreak((runs.at(-1)?.runNumber ?? 0) + 1);
  findings.expect('streaks are those that runs make', wrong.length === 0, account, summary(wrong));
  findings.expect('a streak over the threshold calls once', wrongCalls.length === 0, account, summary(wrongCalls));
}

function checkEvents(account: string, events: readonly EventRow[], record: OutsideRecord, findings: Findings): void {
  const missing = missingOf(events.map(({ sequence }) => sequence));
  findings.expect(
    'events have no gap',
    missing.length === 0,
    account,
    `events ${missing.slice(0, 10).join(', ')} are missing`,
  );
  let before = FIRST_HASH;
  const broken: number[] = [];
  for (const { sequence, previousHash, hash } of events) {
    if (previousHash !== before) broken.push(sequence);
    before = hash;
  }
  findings.expect(
    'each event names the hash before it',
    broken.length === 0,
    account,
    `not so events ${broken.slice(0, 10).join(', ')}`,
  );
  const hashes = new Map(events.map(({ sequence, hash }) => [sequence, hash]));
  const changed = [...(record.heads.get(account) ?? [])].filter(
    ([sequence, hash]) => sequence > 0 && hashes.get(sequence) !== hash,
  );
  findings.expect(
    'events that were seen stay as they were',
    changed.length === 0,
    account,
    `events ${changed
      .slice(0, 10)
      .map(([sequence]) => sequence)
      .join(', ')} are gone or changed`,
  );
}

/** The answers of `run-now` must equal what the ledger holds. */
function checkAnswers(
  account: string,
  runs: readonly RunRow[],
  events: readonly EventRow[],
  record: OutsideRecord,
  findings: Findings,
): void {
  const byNumber = new Map(runs.map((run) => [run.runNumber, run]));
  const hashes = new Map(events.map(({ sequence, hash }) => [sequence, hash]));
  for (const { run, by, askedAt } of record.answers.filter((answer) => answer.account === account)) {
    const recorded = byNumber.get(run.runNumber);
    const reported = `run ${run.runNumber}, ${run.outcome}, was answered to ${by}`;
    findings.expect(
      'each answered run is in the ledger',
      recorded !== undefined,
      account,
      `${reported} and is not there`,
    );
    if (recorded === undefined) continue;
    findings.expect(
      'each answered run began after it was asked for',
      recorded.startedAt.getTime() >= askedAt - CLOCK_MS,
      account,
      `${reported}; asked at ${new Date(askedAt).toISOString()}, begun at ${recorded.startedAt.toISOString()}`,
    );
    // Without the ledger the answer can only be a failure. The ledger may have recorded a verdict since.
    const early = run.lastEvent === null && run.outcome === 'failed';
    if (early && recorded.outcome !== 'failed') record.count('run-now answered failed, and the ledger knew a verdict');
    findings.expect(
      'each answered run is in the ledger as answered',
      early || recorded.outcome === run.outcome,
      account,
      `${reported}; the ledger says ${recorded.outcome}`,
    );
    if (run.lastEvent === null) continue;
    const { sequence, hash } = run.lastEvent;
    findings.expect(
      'each answered event is in the ledger',
      hashes.get(sequence) === hash,
      account,
      `${reported} with event ${sequence}`,
    );
  }
}

/** Every pause and resume that changed something must have exactly one event with the name of its author. */
function checkPauses(account: string, events: readonly EventRow[], record: OutsideRecord, findings: Findings): void {
  const changes = record.pauses.filter((change) => change.account === account && change.outcome !== 'refused');
  let paused: boolean | null = false;
  for (const { by, paused: wanted, outcome } of changes) {
    const type = wanted ? 'RECONCILIATION_PAUSED' : 'RECONCILIATION_RESUMED';
    const found = events.filter((event) => event.type === type && event.payload['by'] === by).length;
    const certain = outcome === 'accepted' && paused !== null;
    const least = certain && paused !== wanted ? 1 : 0;
    const most = certain && paused === wanted ? 0 : 1;
    findings.expect(
      'each pause and resume is recorded once, by name',
      found >= least && found <= most,
      account,
      `${found} ${type} events by ${by}, not ${least === most ? least : `${least} to ${most}`}`,
    );
    paused = outcome === 'accepted' ? wanted : null;
  }
}

function missingOf(numbers: readonly number[]): number[] {
  const known = new Set(numbers);
  const most = Math.max(0, ...numbers);
  return Array.from({ length: most }, (_, index) => index + 1).filter((number) => !known.has(number));
}

function summary(texts: readonly string[]): string {
  return texts.length <= 4 ? texts.join('; ') : `${texts.slice(0, 4).join('; ')}; and ${texts.length - 4} more`;
}
