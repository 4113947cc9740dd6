import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Context } from '../../src/cli/context.js';
import { readEnvironment } from '../../src/config/environment.js';
import { createRedactor } from '../../src/config/redactor.js';
import type { TestIo } from './test-io.js';
import { testIo } from './test-io.js';

const config = (account: string): string => `accounts:
  ${account}:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
ledger: { url_env: LEDGER_URL }
`;

describe('the configuration that a command works on', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-context-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, text);
    return path;
  };
  /** A running `plumbline dev`, as it describes itself: this very process plays it. */
  const writeStack = async (name: string, configPath: string, pid = process.pid): Promise<string> =>
    write(
      name,
      JSON.stringify({
        pid,
        startedAt: '2026-11-22T15:00:00.000Z',
        temporalAddress: '127.0.0.1:17233',
        namespace: 'default',
        databaseUrl: null,
        configPath,
        env: {
          TEMPORAL_ADDRESS: '127.0.0.1:17233',
          LEDGER_URL: 'postgres://plumbline:of-the-stack@127.0.0.1/plumbline',
        },
      }),
    );

  async function contextOf(
    options: { flag?: string; env?: Record<string, string> } = {},
  ): Promise<{ context: Context; io: TestIo }> {
    const io = testIo({ cwd: folder, env: options.env ?? {} });
    const context = new Context(io, readEnvironment(io.env), createRedactor(), options.flag ?? null);
    return { context, io };
  }
  async function accountOf(options: Parameters<typeof contextOf>[0] = {}): Promise<string | undefined> {
    const { context } = await contextOf(options);
    return (await context.config()).accounts[0]?.name;
  }

  it('is the one of --config, else of PLUMBLINE_CONFIG, else plumbline.yaml', async () => {
    await write('plumbline.yaml', config('default'));
    await write('other.yaml', config('variable'));
    await write('flag.yaml', config('flag'));
    expect(await accountOf()).toBe('default');
    expect(await accountOf({ env: { PLUMBLINE_CONFIG: 'other.yaml' } })).toBe('variable');
    expect(await accountOf({ flag: 'flag.yaml', env: { PLUMBLINE_CONFIG: 'other.yaml' } })).toBe('flag');
  });

  it('is that of a running dev where there is no other, with its Temporal and its ledger', async () => {
    await writeStack('.plumbline/stack.json', await write('.plumbline/plumbline.yaml', config('demo')));
    const { context, io } = await contextOf({
      env: { LEDGER_URL: 'postgres://production', TEMPORAL_ADDRESS: 'production:7233' },
    });
    expect((await context.config()).accounts[0]?.name).toBe('demo');
    expect(await context.ledgerUrl()).toContain('of-the-stack');
    expect(io.env['TEMPORAL_ADDRESS']).toBe('127.0.0.1:17233');
  });

  it('is never mixed: with a configuration of its own, a running dev is left alone', async () => {
    await writeStack('.plumbline/stack.json', await write('.plumbline/plumbline.yaml', config('demo')));
    await write('plumbline.yaml', config('default'));
    const { context, io } = await contextOf({ env: { LEDGER_URL: 'postgres://production' } });
    expect((await context.config()).accounts[0]?.name).toBe('default');
    expect(await context.ledgerUrl()).toBe('postgres://production');
    expect(io.env['TEMPORAL_ADDRESS']).toBeUndefined();
  });

  it("finds the dev that runs by the user's own file, and one that lies beside the file", async () => {
    const own = await write('plumbline.yaml', config('default'));
    await writeStack('.plumbline/stack.json', own);
    const first = await contextOf();
    await first.context.config();
    expect(first.io.env['TEMPORAL_ADDRESS']).toBe('127.0.0.1:17233');

    await writeStack('elsewhere/stack.json', await write('elsewhere/plumbline.yaml', config('elsewhere')));
    const second = await contextOf({ flag: 'elsewhere/plumbline.yaml' });
    expect((await second.context.config()).accounts[0]?.name).toBe('elsewhere');
    expect(second.io.env['TEMPORAL_ADDRESS']).toBe('127.0.0.1:17233');
  });

  it('does not take a dev that is gone for a running one', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const demo = await write('.plumbline/plumbline.yaml', config('demo'));
    await writeStack('.plumbline/stack.json', demo, pid);
    const { context, io } = await contextOf({ flag: '.plumbline/plumbline.yaml' });
    await context.config();
    expect(io.env['TEMPORAL_ADDRESS']).toBeUndefined();
  });

  it('suggests the account that was meant', async () => {
    await write('plumbline.yaml', config('default'));
    const { context } = await contextOf();
    await expect(context.account('defualt')).rejects.toMatchObject({ remedy: 'did you mean "default"?' });
  });
});
