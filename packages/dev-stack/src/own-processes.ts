import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit, messageOf, startChild, type Child } from './child.js';
import { loopback } from './ports.js';
import { RESTART_LIMIT, RESTART_WINDOW_MINUTES, RestartBudget } from './restart-budget.js';
import { StackError } from './stack-error.js';
import type { StackConfiguration } from './stack-configuration.js';
import type { StateFolder } from './state-folder.js';

const readySeconds = 60;
const pollMs = 25;

interface Part {
  command: 'worker' | 'serve';
  args: string[];
  readyUrl: string;
  restarts: RestartBudget;
  /** Null if it was not started yet, or was ended on request: its end is then not an error. */
  child: Child | null;
  /** The start in progress. */
  starting: Promise<unknown>;
}

export interface OwnProcessesOptions {
  /** The file that Node runs as Plumbline's command line. */
  commandLine: string;
  folder: StateFolder;
  configuration: StackConfiguration;
  /** The whole environment of the processes. */
  env: NodeJS.ProcessEnv;
  report: (line: string) => void;
}

/** The stack's own processes, as in a deployment: worker and serve. They are restarted if they end unasked. */
export class OwnProcesses {
  private readonly worker: Part;
  private readonly serve: Part;
  private readonly ending = new AbortController();
  private reportBroken: (what: string) => void = () => {};
  readonly broken = new Promise<string>((resolve) => {
    this.reportBroken = resolve;
  });

  constructor(private readonly options: OwnProcessesOptions) {
    const { serve, workerMetrics } = options.configuration;
    this.worker = partOf(
      'worker',
      // It is the only one, so there is nothing to promote.
      ['--unversioned', '--metrics-port', String(workerMetrics.port)],
      workerMetrics,
    );
    this.serve = partOf('serve', ['--host', serve.host, '--port', String(serve.port)], serve);
  }

  async startWorker(): Promise<void> {
    await this.bringUp(this.worker);
  }

  async startServe(): Promise<void> {
    await this.bringUp(this.serve);
  }

  async killWorker(signal: NodeJS.Signals): Promise<void> {
    await this.worker.starting;
    const { child } = this.worker;
    this.worker.child = null;
    child?.kill(signal);
    await child?.exited;
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await Promise.all(
      [this.worker, this.serve].map(async (part) => {
        await part.starting;
        await part.child?.stop();
      }),
    );
  }

  /** A part that fails its first start is not retried: its last output says what to correct. */
  private async bringUp(part: Part): Promise<void> {
    const child = await this.start(part);
    await untilReady(child, part.readyUrl);
    void this.keepUp(part, child);
  }

  private async start(part: Part): Promise<Child> {
    const { commandLine, configuration, env, folder } = this.options;
    const starting = startChild({
      name: `plumbline ${part.command}`,
      command: process.execPath,
      args: ['--enable-source-maps', commandLine, part.command, '--config', configuration.path, ...part.args],
      env,
      logFile: folder.file('logs', `${part.command}.log`),
      pidFile: folder.file(`${part.command}.pid.json`),
      stopSeconds: 15,
    }).then((child) => (part.child = child));
    part.starting = starting.catch(() => {});
    return starting;
  }

  /** Restarts the part each time it ends unasked, until its budget is used up. */
  private async keepUp(part: Part, first: Child): Promise<void> {
    const ours = (child: Child): boolean => part.child === child && !this.ending.signal.aborted;
    try {
      for (let child = first; ;) {
        const exit = await child.exited;
        if (!ours(child)) return;
        const restart = part.restarts.next();
        if (restart === null)
          throw new Error(
            `${await whenEnded(child)}\n(for the ${RESTART_LIMIT + 1}th time in ${RESTART_WINDOW_MINUTES} minutes)`,
          );
        this.options.report(
          `${child.name} ended with ${describeExit(exit)} and is started again in ${restart.waitMs / 1000} s ` +
            `(${restart.number} of at most ${RESTART_LIMIT} times in ${RESTART_WINDOW_MINUTES} minutes). Why: ${child.logFile}`,
        );
        await sleep(restart.waitMs, undefined, { signal: this.ending.signal });
        if (!ours(child)) return;
        child = await this.start(part);
        void this.reportWhenReady(part, child);
      }
    } catch (error) {
      if (!this.ending.signal.aborted) this.reportBroken(messageOf(error));
    }
  }

  private async reportWhenReady(part: Part, child: Child): Promise<void> {
    try {
      await untilReady(child, part.readyUrl);
      this.options.report(`${child.name} is ready again`);
    } catch (error) {
      // A child that ended is restarted, or has used up its budget.
      if (child.exit === null && part.child === child) this.reportBroken(messageOf(error));
    }
  }
}

function partOf(command: Part['command'], args: string[], place: { host: string; port: number }): Part {
  const readyUrl = `${urlOf(place)}/readyz`;
  return { command, args, readyUrl, restarts: new RestartBudget(), child: null, starting: Promise.resolve() };
}

/** @throws Error with the child's last output if it ends first, or is not ready in time */
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
        `See ${child.logFile}.`,
      );
    }
    await sleep(pollMs);
  }
  throw new StackError(
    `${child.name} ended with ${describeExit(child.exit)}:\n${await child.lastWords()}`,
    `Its last output shows the reason; ${child.logFile} has all of it.`,
  );
}

/** What to report about a child once it has ended, for any reason. */
export async function whenEnded(child: Child): Promise<string> {
  const exit = await child.exited;
  return `${child.name} ended with ${describeExit(exit)}:\n${await child.lastWords()}`;
}

export function urlOf({ host, port }: { host: string; port: number }): string {
  return `http://${host === '0.0.0.0' ? loopback : host}:${port}`;
}
