import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { describeExit, messageOf, startChild, type Child } from './child.js';
import { freePort, loopback } from './ports.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { processCommand } from '@plumbline/primitives/process-identity';
import { endProcess } from './processes.js';
import { StackError } from './stack-error.js';
import { findUnprivileged, type Unprivileged } from './unprivileged.js';

const user = 'plumbline';
const startSeconds = 30;
const stopSeconds = 10;
const pollMs = 15;
const attempts = 5;

export interface PostgresOptions {
  /** The folder of this PostgreSQL: the cluster, its password, its log. Created if it does not exist. */
  dataDirectory: string;
  /** Default: any free port. If a given port is taken, that is an error. */
  port?: number;
  /** Default: `postgres.log` in the folder. */
  logFile?: string;
  /** False for tests: faster, but a machine crash may lose the cluster. Default true. */
  durable?: boolean;
}

export interface RunningPostgres {
  /** With the password, for the database `postgres`. */
  url: string;
  port: number;
  pid: number;
  /** The child process, for supervision. */
  child: Child;
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL on the loopback interface, and first creates its cluster if there is none. It ends with this
 * process. If this process runs as root, PostgreSQL runs as another user (see `findUnprivileged`).
 *
 * What an earlier start left behind is cleaned up first: a server whose parent was killed is stopped, and the lock file
 * of a server that is gone is removed.
 *
 * @throws InUseError if another living process runs this folder's server; StackError with PostgreSQL's own last output
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const directory = resolve(options.dataDirectory);
  const logFile = resolve(options.logFile ?? join(directory, 'postgres.log'));
  // Others may enter but not read it: PostgreSQL may have to run as another user. The secrets inside have their own
  // modes.
  await mkdir(directory, { recursive: true, mode: 0o711 });
  const [binaries, unprivileged] = await Promise.all([findPostgresBinaries(), findUnprivileged()]);
  const cluster: Cluster = {
    directory: join(directory, 'cluster'),
    passwordFile: join(directory, 'password'),
    pidFile: join(directory, 'postgres.pid.json'),
    logFile,
    durable: options.durable ?? true,
    binaries,
    unprivileged,
  };
  await createCluster(cluster);
  const password = (await readFile(cluster.passwordFile, 'utf8')).trim();

  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const url = `postgres://${user}:${password}@${loopback}:${port}/postgres`;
    const child = await launch(cluster, port);
    const trouble = await waitUntilReady(cluster, child, url);
    if (trouble === null) {
      return { url, port, pid: child.pid, child, stop: async () => void (await child.stop()) };
    }
    await child.stop();
    // The port may have been taken since it was chosen, and the shared memory of a killed server lives a moment longer.
    const passes = options.port === undefined && /could not bind|Address already in use/i.test(trouble);
    const lingers = /shared memory block .* is still in use/i.test(trouble);
    if (attempt === attempts || !(passes || lingers)) {
      throw new StackError(
        `PostgreSQL did not start on ${loopback}:${port} (${unprivileged.how}): ${trouble}`,
        `Its last output shows the reason; ${logFile} has all of it.`,
      );
    }
    await sleep(200);
  }
}

interface Cluster {
  directory: string;
  passwordFile: string;
  pidFile: string;
  logFile: string;
  durable: boolean;
  binaries: PostgresBinaries;
  unprivileged: Unprivileged;
}

/** Runs `initdb` in a temporary folder beside the cluster's, then renames it: a cluster exists completely or not at all. */
async function createCluster(cluster: Cluster): Promise<void> {
  const version = await readFile(join(cluster.directory, 'PG_VERSION'), 'utf8').catch(() => null);
  const { majorVersion, initdb } = cluster.binaries;
  if (version !== null) {
    if (version.trim() === majorVersion) return;
    throw new StackError(
      `${cluster.directory} was made by PostgreSQL ${version.trim()}, but this is ${majorVersion}`,
      'Dump it with the old version, or move the folder away to start with an empty one.',
    );
  }
  const workshop = `${cluster.directory}.new`;
  const half = join(workshop, 'cluster');
  const password = randomBytes(24).toString('base64url');
  await rm(workshop, { recursive: true, force: true });
  await mkdir(half, { recursive: true, mode: 0o711 });
  await writeFile(join(workshop, 'password'), `${password}\n`, { mode: 0o600 });
  await cluster.unprivileged.own(workshop);
  const { command, args, ...ids } = cluster.unprivileged.wrap(initdb, [
    `--pgdata=${half}`,
    `--username=${user}`,
    `--pwfile=${join(workshop, 'password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
    ...(cluster.durable ? [] : ['--no-sync']),
  ]);
  try {
    await promisify(execFile)(command, args, { ...ids, env: environment() });
  } catch (error) {
    throw new StackError(
      `PostgreSQL could not create its cluster in ${half} (${cluster.unprivileged.how}): ${messageOf(error)}`,
      'Check that the disk is not full and that this user may enter all folders above it, or choose another place with --state.',
      { cause: error },
    );
  }
  // The password first: a cluster without its password would be useless.
  await writeFile(cluster.passwordFile, `${password}\n`, { mode: 0o600 });
  await rename(half, cluster.directory);
  await rm(workshop, { recursive: true, force: true });
}

async function launch(cluster: Cluster, port: number): Promise<Child> {
  const settings = {
    listen_addresses: loopback,
    port: String(port),
    // No socket files: their paths are limited to about 100 bytes, and nothing uses them.
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '32MB',
    huge_pages: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Commits still reach the operating system, so a killed server loses nothing.
    ...(cluster.durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const { command, args, ...ids } = cluster.unprivileged.wrap(cluster.binaries.postgres, [
    '-D',
    cluster.directory,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  await cluster.unprivileged.own(cluster.directory);
  const child = startChild({
    name: 'PostgreSQL',
    command,
    args,
    ...ids,
    env: environment(),
    logFile: cluster.logFile,
    pidFile: cluster.pidFile,
    // SIGINT is PostgreSQL's fast shutdown: it ends sessions. SIGTERM would wait for them.
    stopSignal: 'SIGINT',
    stopSeconds,
    beforeSpawn: async () => endUnknownServer(cluster.directory),
  });
  return child;
}

/** A server that our pid file does not name (the file was lost, or never written). */
async function endUnknownServer(directory: string): Promise<void> {
  const lockFile = join(directory, 'postmaster.pid');
  const text = await readFile(lockFile, 'utf8').catch(() => null);
  if (text === null) return;
  const pid = Number(text.split('\n')[0]);
  const command = Number.isInteger(pid) && pid > 0 ? await processCommand(pid) : null;
  // The process id may belong to another program by now, which PostgreSQL could not distinguish from its own server.
  if (command !== null && command.includes(directory)) await endProcess(pid, 'SIGINT', stopSeconds);
  await rm(lockFile, { force: true });
}

/** Null once it answers a query with our password; otherwise the error. */
async function waitUntilReady(cluster: Cluster, child: Child, url: string): Promise<string | null> {
  const deadline = performance.now() + startSeconds * 1000;
  for (;;) {
    if (child.exit !== null) return `it ended with ${describeExit(child.exit)}. ${await child.lastWords()}`;
    const late = performance.now() > deadline;
    // The lock file says when it accepts connections; an earlier attempt would only be refused and fill the log.
    if (late || (await saysReady(cluster.directory))) {
      const trouble = await ask(url);
      if (trouble === null) return null;
      if (late) return `it did not answer within ${startSeconds} s (${trouble}). ${await child.lastWords()}`;
    }
    await sleep(pollMs);
  }
}

async function saysReady(directory: string): Promise<boolean> {
  const text = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '');
  return text.split('\n')[7]?.trim() === 'ready';
}

async function ask(url: string): Promise<string | null> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {}); // A broken connection is retried.
  try {
    await client.connect();
    await client.query('select 1');
    return null;
  } catch (error) {
    return messageOf(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Only what the programs need: no PG* variable of the user may redirect them. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C' };
}
