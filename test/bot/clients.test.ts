import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@plumbline/primitives/free-port';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { serve, type Served } from '../../src/http/serve.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { createLogger } from '../../src/logging/logger.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import { drift, OPENED, verdict } from '../http/ledger-scenario.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { repository } from '../support/packages.js';
import { pythonClient, typescriptClient, type BotClient, type Watched } from './clients.js';

let database: TestDatabase;
let ledger: Ledger;
let served: Served;
let accounts = 0;

async function start(port = 0): Promise<Served> {
  const destination = { write: () => {} };
  const log = createLogger({ name: 'serve', level: 'silent', redactor: createRedactor(), destination, pretty: false });
  return serve({ ledger, host: '127.0.0.1', port, version: '1.2.3', log });
}

beforeAll(async () => {
  database = await createLedgerDatabase();
  ledger = createLedger(database.url);
  served = await start();
}, 60_000);

afterAll(async () => {
  await served.close();
  await ledger.close();
  await database.drop();
});

async function matched(): Promise<string> {
  const account = `${String(++accounts).padStart(3, '0')}-bot`;
  await ledger.registerAccount({ account, exchange: 'binanceusdm', policy: DEFAULT_POLICY });
  await ledger.recordVerdict(verdict(account, 1));
  return account;
}

/** The milliseconds until it is so. */
async function until(isSo: () => Promise<boolean>): Promise<number> {
  const began = performance.now();
  for (;;) {
    const ms = performance.now() - began;
    if (await isSo()) return ms;
    if (ms > 25_000) throw new Error('it did not come to pass within 25 s');
    await delay(10);
  }
}

/** How long a watcher lets the server wait before it answers that nothing has changed: a third of its maximum age of 30 s. */
const WAIT_MS = 10_000;

/** Until so many requests of watchers wait for a change. */
async function waits(count: number, server = served): Promise<void> {
  const counted = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text();
  await until(async () => (await counted()).includes(`\ngate_waiting_requests ${count}\n`));
}

const clients = [typescriptClient, pythonClient].map((make) => ({ name: make.name.replace('Client', ''), make }));

describe.each(clients)('the client in $name, before serve', ({ make }) => {
  let client: BotClient;
  const watching: Watched[] = [];
  beforeAll(() => {
    client = make();
  });
  afterEach(async () => {
    for (const each of watching.splice(0)) await each.close();
  });
  afterAll(async () => client.end());

  it('lets an order through while the gate is open, and says why it holds one back', async () => {
    const account = await matched();
    await until(async () => (await client.ask(served.url, account)).called);
    await ledger.recordVerdict(verdict(account, 2, drift));
    await until(async () => !(await client.ask(served.url, account)).called);
    const { closed } = await client.ask(served.url, account);
    expect(closed?.reasons).toContainEqual(expect.stringContaining('1 discrepancy is open'));
    expect(closed?.text).toContain(account);
  });

  it('is closed for an account that does not exist', async () => {
    expect(await client.ask(served.url, 'nobody')).toMatchObject({
      called: false,
      closed: { reasons: [expect.stringContaining('no account "nobody"')] },
    });
  });

  it('follows in the middle of a wait, without asking again and again', async () => {
    const account = await matched();
    const watched = await client.watch(served.url, account);
    watching.push(watched);
    await until(async () => (await watched.now()).called);
    await waits(1);
    await ledger.recordVerdict(verdict(account, 2, drift));
    expect(await until(async () => !(await watched.now()).called)).toBeLessThan(WAIT_MS / 2);
    const reasons = [{ action: OPENED.type, text: 'a position', at: new Date().toISOString() }];
    await ledger.openIntervention({ account, interventionId: `call-${account}`, reasons });
    await ledger.acknowledgeIntervention({ interventionId: `call-${account}`, by: 'ann', note: 'mine' });
    const end = new Date(Date.now() + 60_000);
    await until(async () => (await watched.now()).closed?.reasons.length === 1);
    await waits(1);
    await ledger.acceptDiscrepancies({ account, discrepancyIds: null, by: 'ann', until: end, note: 'known' });
    expect(await until(async () => (await watched.now()).called)).toBeLessThan(WAIT_MS / 2);
    expect(watched.changes.at(-1)).toEqual({ open: true, reasons: [], accepted: 1 });
  });

  it('closes when serve ends, and opens when it is back', async () => {
    const account = await matched();
    // No outgoing connection takes this port while nobody listens.
    const port = await freePort();
    const other = await start(port);
    const watched = await client.watch(other.url, account);
    watching.push(watched);
    await until(async () => (await watched.now()).called);
    await waits(1, other);
    await other.close();
    // Before its answer is too old.
    expect(await until(async () => !(await watched.now()).called)).toBeLessThan(30_000);
    const again = await start(port);
    try {
      await until(async () => (await watched.now()).called);
    } finally {
      await again.close();
    }
  });
});

describe('the example of a bot', () => {
  const examples: [string, string, string[]][] = [
    ['Python', 'python3', ['packages/bot-python/examples/bot.py']],
    ['TypeScript', process.execPath, ['packages/bot/examples/bot.mjs']],
  ];
  it.each(examples)('in %s places its orders', async (_, program, args) => {
    const account = await matched();
    const { stdout } = await promisify(execFile)(program, [...args, served.url, account, '2'], {
      cwd: repository,
      env: { ...process.env, PYTHONPATH: join(repository, 'packages/bot-python'), PYTHONDONTWRITEBYTECODE: '1' },
      timeout: 20_000,
    });
    expect(stdout.match(/order placed/g)).toHaveLength(2);
    expect(stdout).toContain('gate: open');
  });
});
