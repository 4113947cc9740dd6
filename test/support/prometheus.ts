import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { freePort } from '@plumbline/primitives/free-port';

const run = promisify(execFile);
const PACKAGE = 'prometheus';
const PROGRAMS = ['prometheus', 'promtool'] as const;
const INSTALL_MS = 300_000;
const START_MS = 60_000;
const MISSING =
  'These tests need a real Prometheus, and there is no program "prometheus" or "promtool": install both ' +
  '(apt-get install prometheus, brew install prometheus).';

export interface Sample {
  labels: Record<string, string>;
  value: number;
}

export interface TestPrometheus {
  /** An instant query. @throws Error with Prometheus' words if it does not take the query */
  query(expression: string): Promise<Sample[]>;
  labelValues(label: string, selector: string): Promise<string[]>;
  stop(): Promise<void>;
}

const errorSchema = z.object({ status: z.literal('error'), error: z.string() });
const answerSchema = z.discriminatedUnion('status', [
  errorSchema,
  z.object({
    status: z.literal('success'),
    data: z.object({
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
    }),
  }),
]);
const valuesSchema = z.object({ status: z.literal('success'), data: z.array(z.string()) });

/**
 * Starts the `prometheus` of the system on these targets, scraped twice a second. Installs Debian's package if there is none:
 * allow the `beforeAll` 5 min.
 *
 * @param targets `host:port` of each target, by job
 * @param rules path of the file of rules
 */
export async function startPrometheus(targets: Record<string, string[]>, rules: string): Promise<TestPrometheus> {
  await requirePrometheus();
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-prometheus-'));
  const file = join(folder, 'prometheus.yml');
  // JSON is YAML.
  await writeFile(
    file,
    JSON.stringify({
      global: { scrape_interval: '500ms', evaluation_interval: '500ms' },
      rule_files: [rules],
      scrape_configs: Object.entries(targets).map(([job_name, each]) => ({
        job_name,
        static_configs: [{ targets: each }],
      })),
    }),
  );
  const port = await freePort();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = once(child, 'exit');
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const end = Date.now() + START_MS;
    while (!(await isReady(url))) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`prometheus did not start:\n${output}`);
      await delay(50);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    async query(expression) {
      const body = new URLSearchParams({ query: expression });
      const answer = answerSchema.parse(await (await fetch(`${url}/api/v1/query`, { method: 'POST', body })).json());
      if (answer.status === 'error') throw new Error(`${expression}: ${answer.error}`);
      return answer.data.result.map(({ metric, value: [, text] }) => ({ labels: metric, value: Number(text) }));
    },
    async labelValues(label, selector) {
      const query = new URLSearchParams({ 'match[]': selector });
      return valuesSchema.parse(await (await fetch(`${url}/api/v1/label/${label}/values?${query.toString()}`)).json())
        .data;
    },
    stop,
  };
}

/** Runs `promtool`. @throws Error with what it printed if it finds a fault */
export async function promtool(...args: string[]): Promise<void> {
  await requirePrometheus();
  await run('promtool', args).catch((error: unknown) => {
    const { stdout, stderr } = z.object({ stdout: z.string(), stderr: z.string() }).parse(error);
    throw new Error(`promtool ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
  });
}

let required: Promise<void> | null = null;

async function requirePrometheus(): Promise<void> {
  required ??= install();
  return required;
}

async function install(): Promise<void> {
  if (await isInstalled()) return;
  if (process.getuid?.() !== 0) throw new Error(MISSING);
  const arguments_ = ['-o', 'DPkg::Lock::Timeout=240', 'install', '-y', '-q', '--no-install-recommends', PACKAGE];
  // Debian's package would start a server of its own; `start` and `stop` of services do nothing while this is set.
  const options = { timeout: INSTALL_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } };
  try {
    await run('apt-get', ['update', '-q'], options).catch(() => {});
    await run('apt-get', arguments_, options);
  } catch (error) {
    throw new Error(MISSING, { cause: error });
  }
  if (!(await isInstalled())) throw new Error(MISSING);
}

async function isInstalled(): Promise<boolean> {
  const found = PROGRAMS.map(async (program) =>
    run(program, ['--version']).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(found)).every(Boolean);
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}
