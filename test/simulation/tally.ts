import { DISCREPANCY_TYPES } from '../../src/domain/difference/difference.js';
import type { Judgement } from './verdicts.js';

/** Sums over many worlds; plain data, so that processes can send them to each other. */
export interface Totals {
  worlds: number;
  runs: number;
  failedRuns: number;
  falseAlarms: number;
  resolved: number;
  due: Record<string, number>;
  missed: Record<string, number>;
  declared: Record<string, number>;
  races: Record<string, number>;
  /** By type: how many drifts were first declared after how many observations. */
  observations: Record<string, Record<string, number>>;
  /** How many worlds have each feature. */
  features: Record<string, number>;
}

/** The totals of many worlds. */
export class Tally {
  readonly totals: Totals = {
    worlds: 0,
    runs: 0,
    failedRuns: 0,
    falseAlarms: 0,
    resolved: 0,
    due: {},
    missed: {},
    declared: {},
    races: {},
    observations: {},
    features: {},
  };

  add(judgement: Judgement): void {
    const { runs, failedRuns, falseAlarms, resolved, due, missed, declared, races, observationsToDeclare } = judgement;
    const observations: Totals['observations'] = {};
    for (const [type, all] of Object.entries(observationsToDeclare)) {
      const byNumber: Record<string, number> = (observations[type] = {});
      for (const number of all) byNumber[number] = (byNumber[number] ?? 0) + 1;
    }
    const features = Object.fromEntries(judgement.features.map((feature) => [feature, 1]));
    this.merge({
      features,
      worlds: 1,
      runs,
      failedRuns,
      falseAlarms,
      resolved,
      due,
      missed,
      declared,
      races,
      observations,
    });
  }

  merge(more: Totals): void {
    const { totals } = this;
    totals.worlds += more.worlds;
    totals.runs += more.runs;
    totals.failedRuns += more.failedRuns;
    totals.falseAlarms += more.falseAlarms;
    totals.resolved += more.resolved;
    for (const name of ['due', 'missed', 'declared', 'races'] as const) addTo(totals[name], more[name]);
    addTo(totals.features, more.features);
    for (const [type, counts] of Object.entries(more.observations)) addTo((totals.observations[type] ??= {}), counts);
  }

  get falseAlarms(): number {
    return this.totals.falseAlarms;
  }

  get misses(): number {
    return sum(this.totals.missed);
  }

  /** A table by type, and one line for all. */
  report(): string {
    const { worlds, runs, failedRuns, falseAlarms, resolved, due, missed, declared, races, observations, features } =
      this.totals;
    const rows = DISCREPANCY_TYPES.map((type) => {
      const counts = [due, missed, declared, races].map((by) => cell(by[type])).join('');
      return `${type.padEnd(27)}${counts}${observationsText(observations[type] ?? {})}`;
    });
    const allDeclared = sum(declared);
    const precision = allDeclared / Math.max(allDeclared + falseAlarms, 1);
    const recall = 1 - this.misses / Math.max(sum(due), 1);
    const heads = ['planted', 'missed', 'declared', 'races', 'observations: mean', 'median', 'most'];
    return [
      `${'type'.padEnd(27)}${heads.map((head) => head.padStart(WIDTH)).join('')}`,
      ...rows,
      `worlds: ${Object.entries(features)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ')}`,
      `${worlds} worlds, ${runs} runs (${failedRuns} failed), ${sum(races)} races survived, ${resolved} resolved; ` +
        `${falseAlarms} false alarms, ${this.misses} misses; ` +
        `precision ${precision.toFixed(6)}, recall ${recall.toFixed(6)}`,
    ].join('\n');
  }
}

const WIDTH = 12;

function observationsText(counts: Record<string, number>): string {
  const all = Object.entries(counts)
    .map(([observations, times]) => ({ observations: Number(observations), times }))
    .toSorted((a, b) => a.observations - b.observations);
  const times = Math.max(sum(counts), 1);
  const mean = all.reduce((total, entry) => total + entry.observations * entry.times, 0) / times;
  let passed = 0;
  const median = all.find((entry) => (passed += entry.times) * 2 >= times)?.observations;
  return `${mean.toFixed(1).padStart(WIDTH)}${cell(median)}${cell(all.at(-1)?.observations)}`;
}

function addTo(counts: Record<string, number>, more: Record<string, number>): void {
  for (const [type, count] of Object.entries(more)) counts[type] = (counts[type] ?? 0) + count;
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function cell(value: number | undefined): string {
  return String(value ?? 0).padStart(WIDTH);
}
