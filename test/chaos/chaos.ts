import { setMaxListeners } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../simulation/random.js';
import { ambush } from './ambush.js';
import { Breakages } from './breakages.js';
import { playCalm } from './calm.js';
import { checkDrifts } from './checks/drifts.js';
import { watchTradingGates } from './checks/interventions.js';
import { checkLedger } from './checks/ledger.js';
import { checkMetrics } from './checks/metrics.js';
import { checkHistories, checkRunning } from './checks/workflows.js';
import { pause, until, within } from './deadline.js';
import { Findings } from './findings.js';
import { Memory } from './memory.js';
import type { ChaosOptions } from './options.js';
import { People } from './people.js';
import { Planter } from './planter.js';
import { OutsideRecord } from './record.js';
import { reportOf } from './report.js';
import { startStage, type Stage } from './stage.js';
import { Storms } from './storms.js';
import { Watcher } from './watcher.js';

export interface ChaosResult {
  violated: number;
  bricked: number;
  /** The report for people. */
  report: string;
}

/**
 * Runs a deployment of Plumbline, breaks everything around it for some minutes, and compares what it recorded with what
 * was really done.
 *
 * It always ends and always reports: whatever hangs is abandoned at its deadline, and a check that cannot be made is a
 * violation. Every process that it started has ended when it returns. Call it in a separate process that ends with it,
 * because abandoned requests may still be retried.
 */
export async function runChaos(options: ChaosOptions, say: (line: string) => void): Promise<ChaosResult> {
  const begin = Date.now();
  const reported = (line: string): void => say(`${((Date.now() - begin) / 60_000).toFixed(1)} min  ${line}`);
  await mkdir(options.out, { recursive: true });
  const { minutes, seed, accounts, server, out } = options;
  reported(`chaos: seed ${seed}, ${minutes} minutes, ${accounts} accounts, ${server} server; writes to ${out}`);
  const record = new OutsideRecord(join(out, 'record.jsonl'));
  const findings = new Findings();
  const left = (): number => Math.max(1_000, begin + options.deadlineMs - Date.now());
  // An exception in a library's timer must not end the driver before its report.
  process.on('uncaughtException', (error) => record.note('uncaught error in the driver', { error: String(error) }));
  let stage: Stage | null = null;
  let memory: Memory | null = null;
  try {
    stage = await within(300_000, 'the start of all processes', startStage(options, record, reported));
    memory = new Memory(stage);
    await within(left(), 'chaos and checks', play(stage, memory, options, { record, findings, reported, left }));
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    findings.expect('chaos runs to its end', false, null, text.slice(0, 1_500));
  }
  const ownEnds = stage?.fleet.ownEnds ?? [];
  const memoryLines = (await memory?.report(out).catch((error: unknown) => [String(error)])) ?? [];
  await stage?.stop();
  await record.close();
  const seconds = (Date.now() - begin) / 1_000;
  const report = reportOf({ options, record, findings, ownEnds, memory: memoryLines, seconds });
  await writeFile(join(out, 'report.txt'), report);
  await writeFile(join(out, 'violations.json'), `${JSON.stringify(findings.violations, null, 1)}\n`);
  return { violated: findings.violations.length, bricked: findings.bricked.size, report };
}

interface Parts {
  record: OutsideRecord;
  findings: Findings;
  reported: (line: string) => void;
  /** Milliseconds until the overall deadline. */
  left: () => number;
}

async function play(stage: Stage, memory: Memory, options: ChaosOptions, parts: Parts): Promise<void> {
  const { record, findings, reported, left } = parts;
  const { minutes, seed } = options;
  // Each actor has its own random sequence, so that none changes the choices of another.
  const random = (actor: number): Random => new Random(seed + actor * 7_919);
  const watcher = new Watcher(stage, record);
  const people = new People(stage, record, watcher, random(1), options.forcedRunsPerSecond);
  const planter = new Planter(stage, record, watcher, random(2), Math.max(6, options.accounts));
  const breakages = new Breakages(stage, record, random(3));
  const storms = new Storms(stage, record, random(4));

  const all = new AbortController();
  setMaxListeners(0, all.signal);
  const background = [
    watcher.watch(all.signal),
    memory.watch(all.signal),
    watchTradingGates(stage, random(5), findings, record, all.signal),
  ];
  try {
    const code = await storms.apply('the driver (chaos)', 0);
    if (code !== 0) throw new Error(`the first apply ended with ${code}; ${options.out}/record.jsonl has what it said`);
    await firstRuns(stage);
    reported('all accounts had their first run; chaos begins');
    await rage(stage, record, minutes, { watcher, people, planter, breakages, storms }, reported);
    await findings.group('all is whole again', async () => {
      await breakages.end();
      for (const slot of stage.fleet.slots) await stage.fleet.untilReady(slot, 60_000);
    });
    await people.settle(30_000);
    reported('chaos ended; calm begins');
    await playCalm({ stage, record, findings, people, planter });
  } finally {
    all.abort();
    await within(30_000, 'watchers', Promise.allSettled(background)).catch(() => {});
  }
  reported('calm ended; checks begin');
  await checkRunning(stage, findings);
  await findings.group('metrics', async () => checkMetrics(stage, findings));
  await checkLedger(stage, record, findings);
  await findings.group('drifts', async () => checkDrifts(stage, record, findings));
  reported(`replaying histories (${findings.violations.length} violations so far)`);
  await findings.group('histories', async () =>
    checkHistories(stage, record, findings, { out: options.out, deadlineMs: left() - 20_000 }),
  );
}

interface Actors {
  watcher: Watcher;
  people: People;
  planter: Planter;
  breakages: Breakages;
  storms: Storms;
}

/** Runs all actors at once until the time is up. */
async function rage(
  stage: Stage,
  record: OutsideRecord,
  minutes: number,
  actors: Actors,
  reported: (line: string) => void,
): Promise<void> {
  const { watcher, people, planter, breakages, storms } = actors;
  const end = new AbortController();
  const { signal } = end;
  // Each wait that the end may abort adds a listener.
  setMaxListeners(0, signal);
  const long = minutes > 3;
  const running = [
    people.forceRuns(signal),
    people.askForRuns(signal),
    people.pauseAndResume(signal),
    people.answerCalls(signal),
    planter.run(signal),
    breakages.processes(signal),
    breakages.ledger(signal),
    breakages.bothSides(signal),
    storms.queries(signal),
    storms.applies(signal, long ? 15_000 : 10_000, long ? 40_000 : 20_000),
    ambush(stage, record, signal),
    progress(stage, watcher, signal, reported),
  ];
  await pause(minutes * 60_000, signal);
  end.abort();
  await within(120_000, 'actors', Promise.allSettled(running)).catch(() => {});
}

async function progress(
  stage: Stage,
  watcher: Watcher,
  signal: AbortSignal,
  reported: (line: string) => void,
): Promise<void> {
  for (let minute = 1; !signal.aborted; minute++) {
    await pause(60_000, signal);
    if (signal.aborted) return;
    const open = watcher.discrepancies.filter(({ state }) => state === 'open').length;
    const workers = stage.fleet.living().length;
    reported(
      `${watcher.runs} runs, ${open} open discrepancies, ${watcher.openInterventions.length} open calls, ${workers} workers up`,
    );
  }
}

async function firstRuns({ accounts, ledger }: Stage): Promise<void> {
  await until(120_000, 'the first run of each account', async () => {
    const totals = await ledger.accounts();
    return totals.filter(({ lastRunNumber }) => lastRunNumber > 0).length === accounts.length ? true : null;
  });
}
