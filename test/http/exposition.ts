/** One sample line of the Prometheus text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Exposition {
  types: Map<string, string>;
  samples: Sample[];
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/**
 * Reads the Prometheus text format as strictly as `promtool check metrics`: each metric has HELP, then TYPE, then its
 * samples in one block; no series occurs twice; counters and only counters end in `_total`; every value is a number.
 */
export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const helps = new Set<string>();
  const samples: Sample[] = [];
  const series = new Set<string>();
  if (!text.endsWith('\n')) throw new Error('the text must end with a line feed');
  let current = '';
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (helps.has(name)) throw new Error(`second HELP for ${name}`);
      if (rest.trim() === '') throw new Error(`empty HELP for ${name}`);
      helps.add(name);
      current = name;
    } else if (keyword === 'TYPE') {
      if (current !== name || types.has(name)) throw new Error(`TYPE of ${name} out of place`);
      types.set(name, rest);
      if ((rest === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${rest}`);
    } else {
      const [, sample = '', labelText = '', value = ''] = LINE.exec(line) ?? [];
      if (sample === '') throw new Error(`not a sample: ${line}`);
      const base = types.get(current) === 'histogram' ? sample.replace(/_(bucket|sum|count)$/, '') : sample;
      if (base !== current) throw new Error(`${sample} stands in the block of ${current}`);
      if (series.has(`${sample}{${labelText}}`)) throw new Error(`series twice: ${line}`);
      series.add(`${sample}{${labelText}}`);
      if (Number.isNaN(Number(value)) && !/^(NaN|[+-]Inf)$/.test(value)) throw new Error(`not a number: ${line}`);
      const labels = Object.fromEntries([...labelText.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text]));
      samples.push({ name: sample, labels, value: Number(value) });
    }
  }
  return { types, samples };
}

export function valueOf(exposition: Exposition, name: string, labels: Record<string, string>): number | null {
  const sample = exposition.samples.find(
    (each) => each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
  );
  return sample?.value ?? null;
}
