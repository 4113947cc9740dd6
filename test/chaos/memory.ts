import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from './deadline.js';
import type { Stage } from './stage.js';

const EVERY_MS = 5_000;
/** The first half fills the caches; only the growth after it matters. */
const WARM_UP_SHARE = 0.5;
/** Ages in seconds at which short-lived workers are compared. */
const AGES = [30, 60, 120, 240] as const;

interface Sample {
  seconds: number;
  name: string;
  generation: number;
  ageSeconds: number;
  megabytes: number;
}

/** Resident memory of all processes over time. */
export class Memory {
  private readonly samples: Sample[] = [];
  private readonly begin = Date.now();

  constructor(private readonly stage: Stage) {}

  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.sample();
      await pause(EVERY_MS, signal);
    }
  }

  /** Returns the report's lines; writes `memory.csv` and `memory.svg`. */
  async report(out: string): Promise<string[]> {
    const header = 'seconds,process,generation,age_seconds,rss_mb';
    const rows = this.samples.map(({ seconds, name, generation, ageSeconds, megabytes }) =>
      [seconds.toFixed(1), name, generation, ageSeconds.toFixed(1), megabytes.toFixed(1)].join(','),
    );
    await writeFile(join(out, 'memory.csv'), `${[header, ...rows].join('\n')}\n`);
    await writeFile(join(out, 'memory.svg'), plot(this.samples));
    const names = [...new Set(this.samples.map(({ name }) => name))];
    return names.flatMap((name) => this.linesOf(name));
  }

  private linesOf(name: string): string[] {
    const own = this.samples.filter((sample) => sample.name === name);
    const generations = Math.max(...own.map(({ generation }) => generation));
    const most = Math.max(...own.map(({ megabytes }) => megabytes));
    if (generations > 1) {
      const ages = AGES.flatMap((age) => {
        // One sample of each generation that reached this age: is a later one larger at the same age?
        const atAge = [...new Set(own.map(({ generation }) => generation))].flatMap((generation) => {
          const found = own.find((sample) => sample.generation === generation && sample.ageSeconds >= age);
          return found === undefined || found.ageSeconds > age + 15 ? [] : [found];
        });
        const first = atAge[0];
        const last = atAge.at(-1);
        if (first === undefined || last === undefined || atAge.length < 2) return [];
        const slope = slopePerHour(atAge);
        return [
          `at ${age} s of age: ${first.megabytes.toFixed(0)} MB in the first, ${last.megabytes.toFixed(0)} MB in the last of ` +
            `${atAge.length} generations (${signed(slope)} MB/h)`,
        ];
      });
      return [`${name}: ${generations} generations, at most ${most.toFixed(0)} MB`, ...ages.map((line) => `  ${line}`)];
    }
    const end = own.at(-1)?.seconds ?? 0;
    const warm = own.filter(({ seconds }) => seconds >= end * WARM_UP_SHARE);
    const first = warm[0]?.megabytes ?? 0;
    const last = warm.at(-1)?.megabytes ?? 0;
    return [
      `${name}: never restarted, ${first.toFixed(0)} MB after warm-up, ${last.toFixed(0)} MB at the end, at most ` +
        `${most.toFixed(0)} MB, slope ${signed(slopePerHour(warm))} MB/h`,
    ];
  }

  private async sample(): Promise<void> {
    const workers = this.stage.fleet.living().map(({ slot, generation, pid, startedAt }) => ({
      name: slot.name,
      generation,
      pid,
      startedAt,
    }));
    const others = [...this.stage.processes].map(([name, pid]) => ({
      name,
      generation: 1,
      pid,
      startedAt: this.begin,
    }));
    for (const { name, generation, pid, startedAt } of [...workers, ...others]) {
      const megabytes = await residentMegabytes(pid);
      if (megabytes === null) continue;
      const now = Date.now();
      const [seconds, ageSeconds] = [(now - this.begin) / 1_000, (now - startedAt) / 1_000];
      this.samples.push({ seconds, name, generation, ageSeconds, megabytes });
    }
  }
}

/** From /proc, so on Linux only; null elsewhere, and if the process is gone. */
async function residentMegabytes(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(text) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) / 1_024;
}

/** The slope by least squares. */
function slopePerHour(samples: readonly Sample[]): number {
  const count = samples.length;
  if (count < 2) return 0;
  const meanX = samples.reduce((sum, { seconds }) => sum + seconds, 0) / count;
  const meanY = samples.reduce((sum, { megabytes }) => sum + megabytes, 0) / count;
  let above = 0;
  let below = 0;
  for (const { seconds, megabytes } of samples) {
    above += (seconds - meanX) * (megabytes - meanY);
    below += (seconds - meanX) ** 2;
  }
  return below === 0 ? 0 : (above / below) * 3_600;
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(1)}`;
}

const COLOURS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#8c564b', '#17becf'];

/** One line for each process and generation. */
function plot(samples: readonly Sample[]): string {
  const [width, height, left, bottom, top] = [1_000, 420, 60, 40, 20];
  const seconds = Math.max(1, ...samples.map((sample) => sample.seconds));
  const most = Math.max(1, ...samples.map(({ megabytes }) => megabytes)) * 1.05;
  const x = (value: number): string => (left + (value / seconds) * (width - left - 140)).toFixed(1);
  const y = (value: number): string => (height - bottom - (value / most) * (height - bottom - top)).toFixed(1);
  const names = [...new Set(samples.map(({ name }) => name))];
  const lines = names.flatMap((name, index) => {
    const colour = COLOURS[index % COLOURS.length] ?? '#000';
    const own = samples.filter((sample) => sample.name === name);
    const generations = [...new Set(own.map(({ generation }) => generation))].map((generation) => {
      const points = own.filter((sample) => sample.generation === generation);
      const text = points.map((point) => `${x(point.seconds)},${y(point.megabytes)}`).join(' ');
      return `<polyline fill="none" stroke="${colour}" stroke-width="1.2" points="${text}"/>`;
    });
    return [...generations, `<text x="${width - 130}" y="${top + 18 * (index + 1)}" fill="${colour}">${name}</text>`];
  });
  const marks = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<text x="${left - 8}" y="${y(share * most)}" text-anchor="end">${(share * most).toFixed(0)}</text>`,
    `<line x1="${left}" x2="${width - 140}" y1="${y(share * most)}" y2="${y(share * most)}" stroke="#ddd"/>`,
    `<text x="${x(share * seconds)}" y="${height - bottom + 18}" text-anchor="middle">${((share * seconds) / 60).toFixed(1)}</text>`,
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...marks,
    ...lines,
    `<text x="${left}" y="14">resident memory, MB</text>`,
    `<text x="${width / 2}" y="${height - 6}">minutes</text>`,
    '</svg>',
    '',
  ].join('\n');
}
