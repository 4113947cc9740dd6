import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { reconciliationWorkflowId } from '../../src/workflows/messages.js';
import { inParallel, until } from '../../test/chaos/deadline.js';
import { measureEmptyCycles, perUnit, type EmptyCycles } from './empty.js';
import type { FleetOptions } from './options.js';
import { usages, type Usage } from './processes.js';
import { measureReads } from './reads.js';
import { accountsState, lateness, runsBetween, scheduleStarts, type Run } from './runs.js';
import { EXCHANGE, startStage, type FleetStage } from './stage.js';
import { percentile, seconds, tableOf } from './table.js';

const PATIENCE_MS = 45 * 60_000;
const MAX_FORCED = 1_000;
const EMPTY_CYCLES = 640;
const MINUTE_MS = 60_000;
const SAMPLE_MS = 2_000;
/** Number of accounts whose histories are read to find out when their runs were due. */
const SAMPLED_ACCOUNTS = 200;

export interface FleetReport {
  text: string;
  /** Faults that no fleet may show: unplanned differences, and accounts that do not recover. */
  faults: string[];
}

/**
 * Measures a fleet on this machine: start with `apply`, scheduled runs, all accounts forced at once, an exchange
 * outage, a killed worker. All figures are from one run, next to empty Temporal cycles on the same server.
 */
export async function runFleet(options: FleetOptions, report: (line: string) => void): Promise<FleetReport> {
  const stage = await startStage(options, report);
  try {
    const parts: string[] = [];
    const say = (title: string, rows: readonly (readonly string[])[]): void => {
      parts.push(title, tableOf(rows), '');
      report(`${title}\n${tableOf(rows)}`);
    };
    // Before there are accounts: their runs use the same Temporal and PostgreSQL.
    const empty = await measureEmptyCycles(stage, EMPTY_CYCLES);
    say('Starting', await start(stage, report));
    const steady = await runBySchedule(stage, options, report);
    say('By process', processTable(steady, empty));
    say('By schedule', await scheduleTable(stage, steady, options));
    say('Sizes', await sizes(stage));
    say('Reads', await measureReads(stage));
    say('Disturbances', await disturb(stage, options, report));
    const { blocking, registered } = await accountsState(stage.ledger, 0);
    const faults = blocking === 0 ? [] : [`${blocking} discrepancies were recorded although no difference was made`];
    if (registered !== stage.names.length)
      faults.push(`${registered} of ${stage.names.length} accounts are registered`);
    return { text: parts.join('\n'), faults };
  } finally {
    await stage.stop();
  }
}

async function start(stage: FleetStage, report: (line: string) => void): Promise<string[][]> {
  const began = Date.now();
  report(`applying ${stage.names.length} accounts`);
  const applied = await stage.plumbline('apply', '--by', 'bench');
  if (applied.code !== 0) throw new Error(`apply ended with ${applied.code}: ${applied.output.slice(-2_000)}`);
  const first = await untilServed(stage, began, began);
  const again = await stage.plumbline('apply', '--by', 'bench', '-o', 'json');
  const log = await readFile(stage.workerLog, 'utf8');
  const memory = log.split('\n').find((line) => line.includes('stay in memory')) ?? '';
  return [
    ['what', 'took'],
    [`apply of ${stage.names.length} new accounts`, seconds(applied.ms)],
    ['until each had a first verdict, from the start of apply', seconds(first)],
    ['apply again, nothing changed', seconds(again.ms)],
    ['workflows in memory, as the worker says', /Up to (\d+)/.exec(memory)?.[1] ?? '?'],
  ];
}

/** Milliseconds from `began` until every account has succeeded since `since`. */
async function untilServed(stage: FleetStage, began: number, since: number): Promise<number> {
  await until(PATIENCE_MS, 'every account is served', async () => {
    const { succeeded } = await accountsState(stage.ledger, since);
    return succeeded === stage.names.length ? true : null;
  });
  return Date.now() - began;
}

interface Steady {
  from: number;
  to: number;
  runs: Run[];
  perRun: Map<string, number>;
  before: Map<string, Usage>;
  after: Map<string, Usage>;
  most: Map<string, number>;
}

async function runBySchedule(
  stage: FleetStage,
  options: FleetOptions,
  report: (line: string) => void,
): Promise<Steady> {
  report(`${options.minutes} minutes by schedule${options.isShort ? ', and each account forced once' : ''}`);
  const before = usages(stage.pids());
  const most = new Map<string, number>();
  const from = Date.now();
  const end = from + options.minutes * MINUTE_MS;
  const names = options.isShort ? [...stage.names] : [];
  while (Date.now() < end) {
    await sleep(Math.min(SAMPLE_MS, Math.max(0, end - Date.now())));
    const left = Math.max(1, (end - Date.now()) / SAMPLE_MS);
    const now = names.splice(0, Math.ceil(names.length / left));
    await inParallel(8, now, async (name) => stage.client.forceRun(name, 'bench'));
    for (const [name, { rssMib }] of usages(stage.pids())) most.set(name, Math.max(rssMib, most.get(name) ?? 0));
  }
  const after = usages(stage.pids());
  const to = Date.now();
  const runs = await runsBetween(stage.ledger, from, to);
  return { from, to, runs, perRun: perUnit(before, after, Math.max(1, runs.length)), before, after, most };
}

function processTable({ perRun, before, after, most, runs }: Steady, { perCycle, cycles }: EmptyCycles): string[][] {
  const number = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(1));
  const both = ['worker', 'temporal', 'postgres'];
  const sum = (values: ReadonlyMap<string, number>): number =>
    both.reduce((total, name) => total + (values.get(name) ?? 0), 0);
  const rows = [...perRun].map(([name, cpu]) => [
    name,
    number(cpu),
    number(perCycle.get(name)),
    number(before.get(name)?.rssMib),
    number(after.get(name)?.rssMib),
    number(most.get(name)),
  ]);
  return [
    ['process', `CPU ms a run (${runs.length})`, `an empty cycle (${cycles})`, 'MiB before', 'after', 'most'],
    ...rows,
    ['worker, temporal, postgres', number(sum(perRun)), number(sum(perCycle)), '', '', ''],
    ['ratio', (sum(perRun) / sum(perCycle)).toFixed(2), '', '', '', ''],
  ];
}

async function scheduleTable(
  stage: FleetStage,
  { runs, from, to }: Steady,
  options: FleetOptions,
): Promise<string[][]> {
  const step = Math.ceil(stage.names.length / SAMPLED_ACCOUNTS);
  const sample = stage.names.filter((_, index) => index % step === 0);
  const late = lateness(runs, await scheduleStarts(stage.client, sample), options.intervalMinutes);
  const took = runs.map(({ started, ended }) => ended - started);
  const row = (what: string, values: readonly number[]): string[] => [
    what,
    ...[0.5, 0.99, 1].map((share) => seconds(percentile(values, share))),
  ];
  const failed = runs.filter(({ outcome }) => outcome === 'failed').length;
  return [
    ['what', 'p50', 'p99', 'most'],
    row('a run took', took),
    row(`began after it was due (${sample.length} accounts)`, late),
    [`runs a second: ${(runs.length / ((to - from) / 1_000)).toFixed(2)}, failed: ${failed}`, '', '', ''],
  ];
}

async function sizes(stage: FleetStage): Promise<string[][]> {
  const { rows } = await stage.ledger.query<{ runs: string; evidence: string; rest: string }>(
    `SELECT (SELECT count(*) FROM plumbline.run) AS runs,
       sum(pg_total_relation_size(oid)) FILTER (WHERE relname IN ('snapshot', 'snapshot_body')) AS evidence,
       sum(pg_total_relation_size(oid)) FILTER (WHERE relname IN ('run', 'event')) AS rest
     FROM pg_class WHERE relnamespace = 'plumbline'::regnamespace AND relkind = 'r'`,
  );
  const runs = Number(rows[0]?.runs);
  const kib = (bytes: number): string => `${(bytes / 1_024).toFixed(2)} KiB`;
  const account = stage.names[0] ?? '';
  const handle = stage.client.temporal.workflow.getHandle(reconciliationWorkflowId(account));
  const { historySize = 0, historyLength } = await handle.describe();
  const own = await stage.ledger.query<{ runs: string }>(
    'SELECT count(*) AS runs FROM plumbline.run WHERE account = $1',
    [account],
  );
  const ownRuns = Math.max(1, Number(own.rows[0]?.runs));
  const databases = await stage.ledger.query<{ datname: string; size: string }>(
    `SELECT datname, pg_database_size(datname) AS size FROM pg_database WHERE datname LIKE 'temporal%'`,
  );
  return [
    [`what (${runs} runs of ${stage.names.length} accounts)`, 'a run'],
    ['ledger: run and event, with their indexes', kib(Number(rows[0]?.rest) / runs)],
    ['ledger: snapshots and their bodies, until they are pruned', kib(Number(rows[0]?.evidence) / runs)],
    [`history of ${account}: ${historyLength} events of ${ownRuns} runs`, kib(historySize / ownRuns)],
    ...databases.rows.map(({ datname, size }) => [`database ${datname}, whole`, kib(Number(size) / runs)]),
  ];
}

async function disturb(stage: FleetStage, options: FleetOptions, report: (line: string) => void): Promise<string[][]> {
  const rows: string[][] = [['what', 'all served after', 'failed runs', 'discrepancies', 'calls', 'most late']];
  const during = async (what: string, work: (began: number) => Promise<number>): Promise<void> => {
    report(what);
    const began = Date.now();
    let late = 0;
    let over = false;
    const watching = (async () => {
      while (!over) {
        late = Math.max(late, (await accountsState(stage.ledger, 0)).late);
        await sleep(1_000);
      }
    })();
    const ms = await work(began).finally(() => (over = true));
    await watching;
    const runs = await runsBetween(stage.ledger, began);
    const failed = runs.filter(({ outcome }) => outcome === 'failed').length;
    const { blocking, called } = await accountsState(stage.ledger, 0);
    rows.push([what, seconds(ms), String(failed), String(blocking), String(called), seconds(late * 1_000)]);
  };
  const forced = stage.names.slice(0, MAX_FORCED);
  await during(`${forced.length} accounts forced at once`, async (began) => {
    await inParallel(32, forced, async (name) => stage.client.forceRun(name, 'bench'));
    const wanted = new Set(forced);
    await until(PATIENCE_MS, 'the forced runs', async () => {
      const done = (await runsBetween(stage.ledger, began)).filter(({ trigger }) => trigger !== 'schedule');
      return new Set(done.map(({ account }) => account).filter((name) => wanted.has(name))).size === wanted.size
        ? true
        : null;
    });
    return Date.now() - began;
  });
  await during('the worker killed and started again', async (began) => {
    await stage.restartWorker();
    await forceAll(stage, options);
    return untilServed(stage, began, began);
  });
  if (options.outageSeconds > 0) {
    await during(`the exchange away for ${options.outageSeconds} s`, async () => {
      await stage.hand.post('/sim/faults', { endpoint: `/${EXCHANGE}/*`, kind: 'stall', times: null });
      await sleep(options.outageSeconds * 1_000);
      await stage.hand.clearFaults();
      const back = Date.now();
      await forceAll(stage, options);
      return untilServed(stage, back, back);
    });
  }
  return rows;
}

/** Used if the schedule is too long to wait for. */
async function forceAll(stage: FleetStage, { isShort }: FleetOptions): Promise<void> {
  if (isShort) await inParallel(32, stage.names, async (name) => stage.client.forceRun(name, 'bench'));
}
