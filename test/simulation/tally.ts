import { DISCREPANCY_TYPES } from '../../src/domain/difference.js';
import type { Judgement } from './verdicts.js';

/** What many worlds add up to. */
export class Tally {
  worlds = 0;
  runs = 0;
  failedRuns = 0;
  falseAlarms = 0;
  races = 0;
  resolved = 0;
  private readonly due = new Map<string, number>();
  private readonly missed = new Map<string, number>();
  private readonly declared = new Map<string, number>();
  private readonly looks = new Map<string, number>();

  add(judgement: Judgement): void {
    this.worlds += 1;
    this.runs += judgement.runs;
    this.failedRuns += judgement.failedRuns;
    this.falseAlarms += judgement.falseAlarms;
    this.races += judgement.races;
    this.resolved += judgement.resolved;
    addTo(this.due, judgement.due);
    addTo(this.missed, judgement.missed);
    addTo(this.declared, judgement.declared);
    addTo(this.looks, judgement.looksToDeclare);
  }

  get misses(): number {
    return sum(this.missed);
  }

  /** A table by type, and one line for all. */
  report(): string {
    const rows = DISCREPANCY_TYPES.map((type) => {
      const [due, missed, declared] = [this.due, this.missed, this.declared].map((counts) => counts.get(type) ?? 0);
      const looks = (this.looks.get(type) ?? 0) / Math.max(declared ?? 0, 1);
      return `${type.padEnd(27)}${cell(due)}${cell(missed)}${cell(declared)}${looks.toFixed(1).padStart(14)}`;
    });
    const declared = sum(this.declared);
    const precision = declared / Math.max(declared + this.falseAlarms, 1);
    const due = sum(this.due);
    const recall = 1 - this.misses / Math.max(due, 1);
    return [
      `${'type'.padEnd(27)}${cell('planted')}${cell('missed')}${cell('declared')}${'looks to tell'.padStart(14)}`,
      ...rows,
      `${this.worlds} worlds, ${this.runs} runs (${this.failedRuns} could not tell), ${this.races} races survived, ` +
        `${this.resolved} resolved; ${this.falseAlarms} false alarms, ${this.misses} misses; ` +
        `precision ${precision.toFixed(6)}, recall ${recall.toFixed(6)}`,
    ].join('\n');
  }
}

function addTo(counts: Map<string, number>, more: Record<string, number>): void {
  for (const [type, count] of Object.entries(more)) counts.set(type, (counts.get(type) ?? 0) + count);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function cell(value: number | string | undefined): string {
  return String(value ?? 0).padStart(10);
}
