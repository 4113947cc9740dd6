import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describeExit, startChild, type Child } from './child.js';
import { loopback } from './ports.js';
import { StackError } from './stack-error.js';
import type { StackConfiguration } from './stack.js';
import type { StateFolder } from './state-folder.js';

const readySeconds = 60;
const pollMs = 25;

/** The command line, as it lies beside this folder in dist/. */
const commandLine = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** The stack's own processes, as a deployment has them: worker and serve. */
export class OwnProcesses {
  private worker: Child | null = null;
  private serve: Child | null = null;
  private tellBroken: (what: string) => void = () => {};
  private ending = false;
  readonly broken = new Promise<string>((resolve) => {
    this.tellBroken = resolve;
  });

  constructor(
    private readonly folder: StateFolder,
    private readonly configuration: StackConfiguration,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  async startWorker(): Promise<void> {
    this.worker = await this.start('worker', []);
    await untilReady(this.worker, `${urlOf(this.configuration.workerMetrics)}/readyz`);
  }

  async startServe(): Promise<void> {
    const { host, port } = this.configuration.serve;
    this.serve = await this.start('serve', ['--host', host, '--port', String(port)]);
    await untilReady(this.serve, `${urlOf(this.configuration.serve)}/readyz`);
  }

  async killWorker(signal: NodeJS.Signals): Promise<void> {
    const worker = this.worker;
    this.worker = null; // An end that was asked for is no news.
    worker?.kill(signal);
    await worker?.exited;
  }

  async stop(): Promise<void> {
    this.ending = true;
    await Promise.all([this.worker?.stop(), this.serve?.stop()]);
  }

  private async start(command: 'worker' | 'serve', args: string[]): Promise<Child> {
    const child = await startChild({
      name: `plumbline ${command}`,
      command: process.execPath,
      args: ['--enable-source-maps', commandLine, command, '--config', this.configuration.path, ...args],
      env: this.env,
      logFile: this.folder.file('logs', `${command}.log`),
      pidFile: this.folder.file(`${command}.pid.json`),
      stopSeconds: 15,
    });
    void this.watch(child);
    return child;
  }

  private async watch(child: Child): Promise<void> {
    const what = await whenEnded(child);
    if (!this.ending && (this.worker === child || this.serve === child)) this.tellBroken(what);
  }
}

/** @throws Error with the child's last words when it ends first, or is not ready in time */
async function untilReady(child: Child, url: string): Promise<void> {
  const deadline = performance.now() + readySeconds * 1000;
  let answer = 'nothing';
  while (child.exit === null) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
      if (response.ok) return;
      answer = `${response.status} ${(await response.text()).slice(0, 500)}`;
    } catch {
      // It does not listen yet.
    }
    if (performance.now() > deadline) {
      throw new StackError(
        `${child.name} was not ready within ${readySeconds} s; ${url} answered ${answer}\n${await child.lastWords()}`,
        `Look into ${child.logFile}.`,
      );
    }
    await sleep(pollMs);
  }
  throw new StackError(
    `${child.name} ended with ${describeExit(child.exit)}:\n${await child.lastWords()}`,
    `Its last words say why; ${child.logFile} has all of them.`,
  );
}

/** What to say of a child once it has ended, for whatever reason. */
export async function whenEnded(child: Child): Promise<string> {
  const exit = await child.exited;
  return `${child.name} ended with ${describeExit(exit)}:\n${await child.lastWords()}`;
}

export function urlOf({ host, port }: { host: string; port: number }): string {
  return `http://${host === '0.0.0.0' ? loopback : host}:${port}`;
}
