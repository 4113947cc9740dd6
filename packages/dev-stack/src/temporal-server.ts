import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { describeExit, messageOf, startChild, type Child } from './child.js';
import { freePort, isListening, loopback } from './ports.js';
import { StackError } from './stack-error.js';
import { findTemporalCli } from './temporal-binary.js';

const startSeconds = 30;
const pollMs = 20;
const settleMs = 250;
const attempts = 5;

/** The types that a search attribute may have, as Temporal's command line names them. */
export type SearchAttributeTypeName = 'Text' | 'Keyword' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList';

export interface TemporalOptions {
  /** The folder of the server's database, log and pid file. */
  stateDirectory: string;
  /** A port that must be free. */
  port?: number;
  /** Ports to use if they are free, otherwise any. */
  preferredPort?: number;
  preferredUiPort?: number;
  /** Default `default`. Created at the start. */
  namespace?: string;
  searchAttributes?: Readonly<Record<string, SearchAttributeTypeName>>;
  /** Values of the server's dynamic configuration, by key. */
  dynamicConfig?: Readonly<Record<string, string | number | boolean>>;
  /** Default: `temporal.log` in the folder. */
  logFile?: string;
  /** Without the Web UI. */
  headless?: boolean;
  /** The executable; by default it is found or fetched. */
  executable?: string;
  report?: (line: string) => void;
}

export interface RunningTemporal {
  address: string;
  port: number;
  uiPort: number | null;
  namespace: string;
  uiUrl: string | null;
  pid: number;
  child: Child;
  stop(): Promise<void>;
}

/**
 * Starts Temporal's development server with a database file, on the loopback interface, and waits until it serves the
 * namespace. It ends with this process; a later start continues with the same file.
 *
 * @throws InUseError if another living process runs this folder's server; StackError with the server's own last output
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const directory = resolve(options.stateDirectory);
  const namespace = options.namespace ?? 'default';
  const logFile = resolve(options.logFile ?? join(directory, 'temporal.log'));
  await mkdir(directory, { recursive: true });
  const executable = options.executable ?? (await findTemporalCli({ report: options.report ?? (() => {}) }));
  await mkdir(dirname(logFile), { recursive: true });

  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort(options.preferredPort));
    const uiPort = options.headless === true ? null : await freePort(options.preferredUiPort);
    const child = await startChild({
      name: 'Temporal server',
      command: executable,
      args: serverArguments(options, { directory, namespace, port, uiPort }),
      env: { PATH: process.env['PATH'], HOME: directory, TZ: 'UTC' },
      logFile,
      pidFile: join(directory, 'temporal.pid.json'),
      stopSignal: 'SIGTERM',
      stopSeconds: 10,
    });
    const address = `${loopback}:${port}`;
    const trouble = await waitUntilServing(child, port, namespace);
    if (trouble === null) {
      return {
        address,
        port,
        uiPort,
        namespace,
        uiUrl: uiPort === null ? null : `http://${loopback}:${uiPort}`,
        pid: child.pid,
        child,
        stop: async () => void (await child.stop()),
      };
    }
    await child.stop();
    // A free port may have been taken since it was chosen.
    const passes = options.port === undefined && /address already in use|can't set.*port/i.test(trouble);
    if (attempt === attempts || !passes) {
      throw new StackError(
        `The Temporal server did not start on ${address}: ${trouble}`,
        `Its last output shows the reason; ${logFile} has all of it.`,
      );
    }
  }
}

function serverArguments(
  { searchAttributes = {}, dynamicConfig = {} }: TemporalOptions,
  where: { directory: string; namespace: string; port: number; uiPort: number | null },
): string[] {
  const options: [name: string, value: string][] = [
    ['ip', loopback],
    ['port', String(where.port)],
    ['log-level', 'warn'],
    ['db-filename', join(where.directory, 'temporal.db')],
    ['namespace', where.namespace],
    ...Object.entries(searchAttributes).map(([name, type]): [string, string] => [
      'search-attribute',
      `${name}=${type}`,
    ]),
    ...Object.entries(dynamicConfig).map(([key, value]): [string, string] => [
      'dynamic-config-value',
      `${key}=${JSON.stringify(value)}`,
    ]),
  ];
  if (where.uiPort !== null) options.push(['ui-ip', loopback], ['ui-port', String(where.uiPort)]);
  return [
    'server',
    'start-dev',
    ...options.flatMap(([name, value]) => [`--${name}`, value]),
    ...(where.uiPort === null ? ['--headless'] : []),
  ];
}

/** Null once it serves the namespace; otherwise the error. */
async function waitUntilServing(child: Child, port: number, namespace: string): Promise<string | null> {
  const deadline = performance.now() + startSeconds * 1000;
  let trouble = 'it opened no port';
  while (child.exit === null) {
    // gRPC waits a second after a refused connection; checking the port first avoids that.
    if (await isListening(port)) {
      const answer = await ask(`${loopback}:${port}`, namespace);
      if (answer === null && (await outlives(child, settleMs))) return null;
      trouble = answer ?? 'another server has its port';
    }
    if (performance.now() > deadline) return `${trouble} within ${startSeconds} s. ${await child.lastWords()}`;
    await sleep(pollMs);
  }
  return `it ended with ${describeExit(child.exit)}. ${await complaintsOf(child)}`;
}

/**
 * Whether the child still runs after this time. If two servers choose the same free port at once, both seem to serve it, and
 * the one that could not open it ends a moment later.
 */
async function outlives(child: Child, milliseconds: number): Promise<boolean> {
  await Promise.race([child.exited, sleep(milliseconds)]);
  return child.exit === null;
}

/** It may end in a panic of a hundred lines; the first lines contain the reason. */
async function complaintsOf(child: Child): Promise<string> {
  const words = (await child.lastWords(1000)).split('\n');
  const complaints = words.filter((line) => /level=ERROR|^panic:|^error:/i.test(line)).slice(0, 3);
  return (complaints.length > 0 ? complaints : words.slice(-20)).join('\n');
}

async function ask(address: string, namespace: string): Promise<string | null> {
  let connection: Connection | null = null;
  try {
    connection = await Connection.connect({ address, connectTimeout: 2000 });
    await connection.withDeadline(Date.now() + 2000, async () =>
      connection?.workflowService.describeNamespace({ namespace }),
    );
    return null;
  } catch (error) {
    return messageOf(error);
  } finally {
    await connection?.close();
  }
}
