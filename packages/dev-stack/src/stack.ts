import { join } from 'node:path';
import { OwnProcesses, urlOf, whenEnded } from './own-processes.js';
import type { InboxMessage } from './inbox-message.js';
import { startInbox, type Inbox } from './inbox.js';
import { endLeftover } from './child.js';
import { processIdentity } from '@plumbline/primitives/process-identity';
import { freePort } from './ports.js';
import { startPostgres } from './postgres.js';
import type { StackConfiguration, StackPlaces } from './stack-configuration.js';
import { StateFolder, type StackDescription } from './state-folder.js';
import { startTemporal, type RunningTemporal, type SearchAttributeTypeName } from './temporal-server.js';

export type { StackDescription } from './state-folder.js';

const temporalPorts = { port: 7233, uiPort: 8233 };
const simulatorPort = 9300;
const inboxPort = 9500;

export interface StackOptions {
  stateDirectory: string;
  searchAttributes: Readonly<Record<string, SearchAttributeTypeName>>;
  /** Starts the simulator of the exchanges; without it the accounts' exchanges are the real ones. */
  simulator?: (request: { port: number; stateFile: string }) => Promise<{ url: string; close(): Promise<void> }>;
  /** Starts an inbox for calls; it receives each message. Without it the stack has none. */
  onCall?: (message: InboxMessage) => void;
  /** Plumbline itself: what is started as `worker` and `serve`, and what its ledger needs. */
  plumbline: {
    /** The file that Node runs as the command line. */
    commandLine: string;
    /** Creates the ledger's database, or brings its schema up to date. */
    prepareLedger: (databaseUrl: string) => Promise<void>;
    /** Environment of worker and serve, in addition to that of the stack and its configuration. */
    env: Readonly<Record<string, string>>;
  };
  /** Returns the configuration, or writes it first. */
  configuration: (folder: StateFolder, places: StackPlaces) => Promise<StackConfiguration>;
  /** An existing Temporal server to use instead of the embedded one. */
  temporal?: { address: string; namespace: string };
  /** Receives one line for each slow step and each deviation from the normal start. */
  report: (line: string) => void;
}

export interface Stack {
  readonly description: StackDescription;
  readonly folder: StateFolder;
  /** A token with which a person acts in the status page; null if the user's own configuration decides. */
  readonly operatorToken: string | null;
  /**
   * Resolves with a message when a server ends unexpectedly, or when one of our own processes ends too often. Never
   * rejects.
   */
  readonly broken: Promise<string>;
  /** Sends the worker the signal, and waits until it is gone. */
  killWorker(signal: NodeJS.Signals): Promise<void>;
  /** Starts the worker again and waits until it polls. */
  startWorker(): Promise<void>;
  /** Ends all parts, dependents first. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts everything that Plumbline needs on one machine, from one state folder: a Temporal server with its Web UI, a
 * real PostgreSQL with the ledger, a simulator if requested, a worker and `serve`. Everything listens on the loopback
 * interface only and ends with this process, however it ends. A later start in the same folder continues.
 *
 * @throws InUseError; StackError of the part that failed to start, with its last output. Nothing is left running then
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = await StateFolder.take(options.stateDirectory);
  const parts = new Parts(folder);
  try {
    return await bringUp(options, folder, parts);
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

/** What has to be stopped, grouped by dependency: our own processes need the servers, and all need the folder. */
class Parts {
  processes: OwnProcesses | null = null;
  private readonly servers: (() => Promise<unknown>)[] = [];
  private stopping: Promise<void> | null = null;

  constructor(private readonly folder: StateFolder) {}

  addServer(stop: () => Promise<unknown>): void {
    this.servers.push(stop);
  }

  async stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    await this.stopping;
  }

  private async stopAll(): Promise<void> {
    await this.processes?.stop();
    await Promise.all(this.servers.map(async (stop) => stop()));
    await this.folder.release();
  }
}

async function bringUp(options: StackOptions, folder: StateFolder, parts: Parts): Promise<Stack> {
  // Leftovers of a stack that was killed. They are ended first, so that their ports are free again.
  const leftovers = ['worker.pid.json', 'serve.pid.json', join('temporal', 'temporal.pid.json')];
  await Promise.all(leftovers.map(async (pidFile) => endLeftover(folder.file(pidFile))));
  const chosen = new Set<number>();
  const choosePort = async (preferred: number, name: string): Promise<number> => {
    let port = await freePort(preferred);
    while (chosen.has(port)) port = await freePort();
    chosen.add(port);
    reportOtherPort(options.report, name, preferred, port);
    return port;
  };
  const configuring = (async () => {
    const simulator = await options.simulator?.({
      port: await choosePort(simulatorPort, 'the simulator'),
      stateFile: folder.file('simulator.json'),
    });
    if (simulator !== undefined) parts.addServer(async () => simulator.close());
    const inbox = await startOwnInbox(options, folder, choosePort);
    if (inbox !== null) parts.addServer(async () => inbox.close());
    const places = { simulatorUrl: simulator?.url ?? null, inbox, choosePort };
    return { simulator, inbox, configuration: await options.configuration(folder, places) };
  })();
  const startingLedger = configuring.then(async ({ configuration }) => {
    if (configuration.ledgerVariable === null) return null;
    const server = await startPostgres({
      dataDirectory: folder.file('postgres'),
      logFile: folder.file('logs', 'postgres.log'),
    });
    parts.addServer(async () => server.stop());
    const url = new URL(server.url);
    url.pathname = '/plumbline';
    await options.plumbline.prepareLedger(url.href);
    return { url: url.href, variable: configuration.ledgerVariable, child: server.child };
  });
  const startingTemporal = startOwnTemporal(options, folder, parts);
  const [{ simulator, inbox, configuration }, ledger, ownTemporal] = await allOrFirstFailure([
    configuring,
    startingLedger,
    startingTemporal,
  ] as const);

  const temporal = ownTemporal ?? options.temporal;
  if (temporal === undefined) throw new Error('The stack has no Temporal server.');
  const env = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ...(ownTemporal === null ? {} : { TEMPORAL_CONFIG_FILE: await writeTemporalProfile(folder, ownTemporal) }),
    ...(ledger === null ? {} : { [ledger.variable]: ledger.url }),
    ...configuration.env,
  };
  const inherited = inheritedEnvironment(ownTemporal !== null);
  const { commandLine, env: plumblineEnv } = options.plumbline;
  const ownEnv = { ...inherited, ...env, ...plumblineEnv };
  const processes = new OwnProcesses({ commandLine, folder, configuration, env: ownEnv, report: options.report });
  parts.processes = processes;
  await allOrFirstFailure([processes.startWorker(), processes.startServe()] as const);

  const description: StackDescription = {
    pid: process.pid,
    identity: (await processIdentity(process.pid)) ?? '',
    startedAt: new Date().toISOString(),
    temporalAddress: temporal.address,
    namespace: temporal.namespace,
    uiUrl: ownTemporal?.uiUrl ?? null,
    databaseUrl: ledger?.url ?? null,
    simulatorUrl: simulator?.url ?? null,
    inboxUrl: inbox?.url ?? null,
    serveUrl: urlOf(configuration.serve),
    workerMetricsUrl: urlOf(configuration.workerMetrics),
    configPath: configuration.path,
    env,
  };
  await folder.describe(description);
  const watched = [ownTemporal?.child, ledger?.child].filter((child) => child !== undefined);
  return {
    description,
    folder,
    operatorToken: configuration.operatorToken ?? null,
    broken: Promise.race([...watched.map(whenEnded), processes.broken]),
    killWorker: async (signal) => processes.killWorker(signal),
    startWorker: async () => processes.startWorker(),
    stop: async () => parts.stop(),
  };
}

function reportOtherPort(report: (line: string) => void, name: string, preferred: number, taken: number): void {
  if (taken !== preferred && preferred !== 0)
    report(`Port ${preferred} is in use; using port ${taken} for ${name} instead`);
}

async function startOwnInbox(
  { onCall }: StackOptions,
  folder: StateFolder,
  choosePort: StackPlaces['choosePort'],
): Promise<Inbox | null> {
  if (onCall === undefined) return null;
  return startInbox({
    port: await choosePort(inboxPort, 'the inbox'),
    stateFile: folder.file('inbox.json'),
    save: async (text) => folder.write('inbox.json', text),
    onMessage: onCall,
  });
}

async function startOwnTemporal(
  options: StackOptions,
  folder: StateFolder,
  parts: Parts,
): Promise<RunningTemporal | null> {
  if (options.temporal !== undefined) return null;
  const server = await startTemporal({
    stateDirectory: folder.file('temporal'),
    preferredPort: temporalPorts.port,
    preferredUiPort: temporalPorts.uiPort,
    searchAttributes: options.searchAttributes,
    logFile: folder.file('logs', 'temporal.log'),
    report: options.report,
  });
  parts.addServer(async () => server.stop());
  reportOtherPort(options.report, 'Temporal', temporalPorts.port, server.port);
  reportOtherPort(options.report, "Temporal's Web UI", temporalPorts.uiPort, server.uiPort ?? temporalPorts.uiPort);
  return server;
}

/** Prevents the user's own Temporal profile (with TLS, API key, another address) from redirecting our processes. */
async function writeTemporalProfile(folder: StateFolder, { address, namespace }: RunningTemporal): Promise<string> {
  return folder.write('temporal.toml', `[profile.default]\naddress = "${address}"\nnamespace = "${namespace}"\n`);
}

function inheritedEnvironment(withoutTemporal: boolean): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !(withoutTemporal && name.startsWith('TEMPORAL_')));
  return Object.fromEntries(kept);
}

/** Waits for all even if one fails, so that everything that was started is known and can be stopped. */
async function allOrFirstFailure<T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
