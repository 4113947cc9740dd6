import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { readRepositoryFile } from '../deploy/compose-file.js';
import { makeToken, startServe } from '../http/api-client.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { repository } from '../support/packages.js';

const run = promisify(execFile);
const bot = makeToken('grid bot', 'push', ['main']);
const page = readRepositoryFile('docs/internal-state.md');
const block = (language: string): string =>
  new RegExp(`## A bot that pushes[^]*?\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? '';

describe('the examples of docs/internal-state.md that push', () => {
  let database: TestDatabase;
  let ledger: Ledger;
  let served: Awaited<ReturnType<typeof startServe>>;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    database = await createLedgerDatabase();
    ledger = createLedger(database.url);
    const pushes = new Map([['main', { maxBytes: 10_000, runEverySeconds: null }]]);
    served = await startServe({ ledger, tokens: [bot.known], pushes });
    env = {
      ...process.env,
      PLUMBLINE: served.url,
      TOKEN: bot.token,
      PYTHONPATH: join(repository, 'packages/bot-python'),
      PYTHONDONTWRITEBYTECODE: '1',
    };
  }, 60_000);
  afterAll(async () => {
    await served.close();
    await ledger.close();
    await database.drop();
  });
  const stored = async (): Promise<unknown> =>
    JSON.parse(Buffer.from((await ledger.pushedState('main'))?.document ?? []).toString());

  it('with curl', async () => {
    const { stdout } = await run('sh', ['-c', block('sh')], { env, timeout: 20_000 });
    expect(stdout).toMatch(/^HTTP\/1\.1 204 /);
    expect(await stored()).toMatchObject({ positions: [{ symbol: 'BTC/USDT:USDT', amount: '0.500' }] });
  }, 30_000);

  it('in Python', async () => {
    const { stdout } = await run('python3', ['-c', block('python')], { env, timeout: 20_000 });
    expect(stdout).toMatch(/^pushed Pushed\(as_of='20/);
    expect(await stored()).toMatchObject({ version: 1, scopes: ['positions', 'orders'], position_mode: 'one-way' });
  }, 30_000);
});
