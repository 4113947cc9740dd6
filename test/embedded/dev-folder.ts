import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const commandLine = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const STAYS_UP = 'runs until Ctrl-C';
/** Many times what a start takes on an idle machine. */
const PATIENCE_MS = 90_000;

const pidFileSchema = z.object({ child: z.object({ pid: z.number(), identity: z.string() }) });
const stackSchema = z.object({ pid: z.number() });

export interface Part {
  pid: number;
  identity: string;
}

export interface RunningDev {
  child: ChildProcess;
  output: () => string;
}

export function devEnvironment(): NodeJS.ProcessEnv {
  const hidden = ['TEMPORAL_ADDRESS', 'PLUMBLINE_CONFIG', 'PLUMBLINE_STATE', 'NODE_OPTIONS'];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !hidden.includes(name)));
}

/** A folder in which `plumbline dev` runs as it is built, and what it has started there. */
export class DevFolder {
  private readonly running: ChildProcess[] = [];

  private constructor(readonly path: string) {}

  static async create(): Promise<DevFolder> {
    await access(commandLine).catch(() => {
      throw new Error('dist/ is missing: these tests run what is built. Run npm test, or npm run build first.');
    });
    const path = await mkdtemp(join(tmpdir(), 'plumbline-dev-'));
    await chmod(path, 0o711);
    return new DevFolder(path);
  }

  async remove(): Promise<void> {
    for (const child of this.running.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
    }
    await rm(this.path, { recursive: true, force: true });
  }

  state(...parts: string[]): string {
    return join(this.path, '.plumbline', ...parts);
  }

  /** Starts `plumbline dev` and waits for the text; throws if it ends without. */
  async dev(args: string[], until: string): Promise<RunningDev> {
    const child = spawn(process.execPath, [commandLine, 'dev', '--state', this.state(), ...args], {
      env: devEnvironment(),
      cwd: this.path,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.running.push(child);
    let output = '';
    await new Promise<void>((resolve) => {
      const take = (chunk: Buffer): void => {
        output += chunk.toString();
        if (output.includes(until)) resolve();
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('close', () => resolve());
    });
    if (!output.includes(until)) throw new Error(`plumbline dev ended without "${until}":\n${output}`);
    return { child, output: () => output };
  }

  /** Its standard output; throws if it fails. */
  async plumbline(...args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { env: devEnvironment(), cwd: this.path };
      execFile(process.execPath, [commandLine, ...args], options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${args.join(' ')}: ${stdout}${stderr}`));
      });
    });
  }

  /** The processes that the stack of the folder has started. */
  async parts(): Promise<Part[]> {
    const files = await readdir(this.state(), { recursive: true });
    const pidFiles = files.filter((file) => file.endsWith('.pid.json'));
    return Promise.all(pidFiles.map(async (file) => this.partIn(file)));
  }

  async part(name: 'worker' | 'serve'): Promise<Part> {
    return this.partIn(`${name}.pid.json`);
  }

  async stackPid(): Promise<number> {
    return stackSchema.parse(JSON.parse(await readFile(this.state('stack.json'), 'utf8'))).pid;
  }

  private async partIn(file: string): Promise<Part> {
    return pidFileSchema.parse(JSON.parse(await readFile(this.state(file), 'utf8'))).child;
  }
}

/** Waits for something that the output or a file shows. */
export async function until(holds: () => boolean, { output }: RunningDev): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`it does not come to that:\n${output()}`);
    await sleep(20);
  }
}
