import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@plumbline/primitives/free-port';
import { messageOf, startChild } from '../../packages/dev-stack/src/child.js';
import { StackError } from '../../packages/dev-stack/src/stack-error.js';
import { findUnprivileged } from '../../packages/dev-stack/src/unprivileged.js';
import { SELF_SIGNED } from './self-signed.js';

const run = promisify(execFile);

/** Where Debian puts the server and the script of its system tables. The package starts no service. */
const PACKAGE = 'mariadb-server-core';
const SERVER = '/usr/sbin/mariadbd';
const SYSTEM_TABLES = '/usr/share/mysql/mysql_system_tables.sql';
const START_MS = 30_000;

export interface RunningMariaDb {
  /** Of a user who may do everything. */
  url: string;
  /** The authority of its certificate, a file. The certificate is for another name. */
  authority: string;
  stop(): Promise<void>;
}

/**
 * A real MariaDB server on loopback, in a folder of its own, as an ordinary user. A start takes about a second.
 *
 * @throws StackError if it is not installed and cannot be
 */
export async function startMariaDb(folder: string): Promise<RunningMariaDb> {
  await install();
  const unprivileged = await findUnprivileged();
  await mkdir(folder, { recursive: true });
  const [data, authority, key, init] = ['data', 'cert.pem', 'key.pem', 'init.sql'].map((name) => join(folder, name));
  if (data === undefined || authority === undefined || key === undefined || init === undefined)
    throw new Error('paths');
  await mkdir(data);
  await writeFile(authority, SELF_SIGNED.cert);
  await writeFile(key, SELF_SIGNED.key);
  await writeFile(
    init,
    "CREATE USER owner@'127.0.0.1' IDENTIFIED BY 'owner-of-all';\nGRANT ALL ON *.* TO owner@'127.0.0.1' WITH GRANT OPTION;\n",
  );
  await chmod(folder, 0o711);
  await unprivileged.own(folder);
  const common = [
    '--no-defaults',
    `--datadir=${data}`,
    '--innodb-buffer-pool-size=8M',
    '--innodb-log-file-size=4M',
    '--innodb-flush-method=nosync',
  ];

  const bootstrap = unprivileged.wrap(SERVER, [...common, '--bootstrap']);
  const tables = `CREATE DATABASE mysql;\nUSE mysql;\n${await readFile(SYSTEM_TABLES, 'utf8')}`;
  await feed(bootstrap, tables);

  const port = await freePort();
  const { command, args, ...user } = unprivileged.wrap(SERVER, [
    ...common,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'mariadb.pid')}`,
    `--init-file=${init}`,
    `--ssl-cert=${authority}`,
    `--ssl-key=${key}`,
    `--ssl-ca=${authority}`,
    '--skip-name-resolve',
    '--innodb-flush-log-at-trx-commit=0',
    '--skip-innodb-doublewrite',
    '--innodb-fast-shutdown=2',
  ]);
  const child = await startChild({
    name: 'MariaDB',
    command,
    args,
    ...user,
    logFile: join(folder, 'server.log'),
    pidFile: join(folder, 'child.pid'),
  });
  const end = Date.now() + START_MS;
  while (!(await answers(port))) {
    if (child.exit !== null || Date.now() > end) {
      await child.stop();
      throw new StackError(`MariaDB does not start: ${await child.lastWords(20)}`, 'Read the lines above.');
    }
    await new Promise((done) => void setTimeout(done, 50));
  }
  return {
    url: `mysql://owner:owner-of-all@127.0.0.1:${port}/`,
    authority,
    stop: async () => {
      await child.stop();
    },
  };
}

async function install(): Promise<void> {
  if (await isThere()) return;
  const missing = `the tests of MySQL need MariaDB's server (${SERVER}), which is not installed`;
  if (process.getuid?.() !== 0) {
    throw new StackError(missing, `Install it: sudo apt-get install ${PACKAGE}`);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['update'], { env });
    await run('apt-get', ['install', '--yes', '--no-install-recommends', PACKAGE], { env });
  } catch (error) {
    const reason = messageOf(error).slice(0, 2_000);
    throw new StackError(`${missing}, and apt-get cannot install it: ${reason}`, `Install ${PACKAGE} by hand.`);
  }
  if (!(await isThere())) throw new StackError(`${missing} by the package ${PACKAGE}`, 'Use Debian or Ubuntu.');
}

async function isThere(): Promise<boolean> {
  const found = await Promise.allSettled([access(SERVER), access(SYSTEM_TABLES)]);
  return found.every(({ status }) => status === 'fulfilled');
}

async function feed(
  { command, args, ...user }: { command: string; args: string[]; uid?: number; gid?: number },
  input: string,
): Promise<void> {
  const child = spawn(command, args, { ...user, stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-4_000);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code]: unknown[] = await once(child, 'close');
  if (code !== 0) throw new StackError(`MariaDB cannot create its system tables: ${said}`, 'Read the lines above.');
}

/** Whether the server greets. It listens before its start is complete, but greets only then. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    const [greeting]: unknown[] = await once(socket, 'data', { signal: AbortSignal.timeout(2_000) });
    return Buffer.isBuffer(greeting);
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
