import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { startPostgres, type PostgresOptions, type RunningPostgres } from '../../packages/dev-stack/src/postgres.js';
import { createTestDatabase } from '../support/postgres.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

let folder: string;
const servers: RunningPostgres[] = [];
const inFolder = (...parts: string[]): string => join(folder, ...parts);

beforeEach(async () => {
  // As `mktemp -d` makes it: other users cannot enter.
  folder = await mkdtemp(join(tmpdir(), 'plumbline-pg-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
}, 30_000);

async function start(options: Partial<PostgresOptions> = {}): Promise<RunningPostgres> {
  const server = await startPostgres({ dataDirectory: inFolder('pg'), durable: false, ...options });
  servers.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  it('listens on the loopback interface only, in UTF-8 and the C locale, behind a password of its own', async () => {
    const { url } = await start();
    expect(await query(url, 'show listen_addresses')).toEqual(['127.0.0.1']);
    expect(await query(url, 'show server_encoding')).toEqual(['UTF8']);
    expect(await query(url, 'select datcollate from pg_database where datname = current_database()')).toEqual(['C']);
    const { mode } = await stat(inFolder('pg', 'password'));
    expect(mode & 0o777).toBe(0o600);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
  }, 60_000);

  it('continues where it was, also after it was killed, however often', async () => {
    const first = await start();
    await query(first.url, 'create table kept (id int)');
    await first.stop();
    const second = await start();
    await query(second.url, 'insert into kept values (1)');
    second.child.kill('SIGKILL');
    await second.child.exited;
    const third = await start();
    expect(await query(third.url, 'select count(*)::int from kept')).toEqual([1]);
  }, 60_000);

  it('stops a server that nobody knows of any more before it takes the folder', async () => {
    const forgotten = await start();
    await rm(inFolder('pg', 'postgres.pid.json'));
    const { url } = await start();
    expect(forgotten.child.exit).not.toBeNull();
    expect(await query(url, 'select 1')).toEqual([1]);
  }, 60_000);

  it("does not stop a stranger that has a dead server's number", async () => {
    const { child } = await start();
    child.kill('SIGKILL');
    await child.exited;
    const lockFile = inFolder('pg', 'cluster', 'postmaster.pid');
    const lines = (await readFile(lockFile, 'utf8')).split('\n');
    await writeFile(lockFile, [String(process.ppid), ...lines.slice(1)].join('\n'));
    const { url } = await start();
    expect(await query(url, 'select 1')).toEqual([1]);
    expect(process.kill(process.ppid, 0)).toBe(true);
  }, 60_000);

  it('refuses a folder whose server is kept by a living process', async () => {
    await start();
    await expect(start()).rejects.toThrow(`kept by the running process ${process.pid}`);
  }, 60_000);

  it('begins anew where an earlier start was interrupted while it made the cluster', async () => {
    await mkdir(inFolder('pg', 'cluster.new', 'cluster'), { recursive: true });
    await writeFile(inFolder('pg', 'cluster.new', 'cluster', 'PG_VERSION'), '18\n');
    const { url } = await start();
    expect(await query(url, 'select 1')).toEqual([1]);
  }, 60_000);

  it('says that a cluster is of another version, and what to do', async () => {
    await mkdir(inFolder('pg', 'cluster'), { recursive: true });
    await writeFile(inFolder('pg', 'cluster', 'PG_VERSION'), '9\n');
    await expect(start()).rejects.toMatchObject({
      message: expect.stringMatching(/was made by PostgreSQL 9, but this is \d+$/),
      remedy: expect.stringContaining('Dump it'),
    });
  });

  it('says that its port is taken, with its own last words', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start({ port })).rejects.toThrow(/Address already in use/);
    other.close();
  }, 60_000);
});

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;
asRoot('as root, PostgreSQL runs as another user', () => {
  /** Programs that fail stand for a machine that forbids what they do. */
  async function startWithout(...forbidden: string[]): Promise<string> {
    await mkdir(inFolder('bin'));
    for (const program of forbidden) {
      await writeFile(inFolder('bin', program), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    }
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', path('../../scripts/typescript-loader.mjs'), path('./fixtures/postgres-once.ts'), inFolder('pg')],
      { env: { ...process.env, NODE_OPTIONS: '', PATH: `${inFolder('bin')}:${process.env['PATH'] ?? ''}` } },
    );
    return stdout;
  }

  it('in a user namespace, where nothing changes its owner', async () => {
    expect(await startWithout()).toBe('42');
    expect((await stat(inFolder('pg', 'cluster'))).uid).toBe(0);
  }, 60_000);

  it('else with one capability, also below a folder that others cannot enter', async () => {
    expect(await startWithout('unshare')).toBe('42');
    expect((await stat(inFolder('pg', 'cluster'))).uid).not.toBe(0);
  }, 60_000);

  it('else plainly, where all folders are open', async () => {
    await chmod(folder, 0o711);
    expect(await startWithout('unshare', 'setpriv')).toBe('42');
  }, 60_000);

  it('and back in the first way, in the same folder', async () => {
    await startWithout('unshare');
    const { url } = await start();
    expect(await query(url, 'select 1')).toEqual([1]);
  }, 60_000);
});

describe('the test database', () => {
  it('is one of its own, and goes when dropped', async () => {
    const database = await createTestDatabase();
    expect(await query(database.url, 'select current_database()')).toEqual([expect.stringMatching(/^test_/)]);
    await database.drop();
    await expect(query(database.url, 'select 1')).rejects.toThrow('does not exist');
  }, 60_000);
});
