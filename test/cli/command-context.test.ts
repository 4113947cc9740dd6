import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CommandContext } from '../../src/cli/context/command-context.js';
import { readEnvironment } from '../../src/config/environment.js';
import { createRedactor } from '../../src/redaction/redactor.js';
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
  /** The description of a running `plumbline dev`; this process itself stands for it. */
  const writeStack = async (
    name: string,
    configPath: string,
    { pid = process.pid, port = 17233, ...more }: { pid?: number; port?: number; identity?: string } = {},
  ): Promise<string> =>
    write(
      name,
      JSON.stringify({
        pid,
        ...more,
        startedAt: '2026-11-22T15:00:00.000Z',
        temporalAddress: `127.0.0.1:${port}`,
        namespace: 'default',
        databaseUrl: null,
        configPath,
        env: {
          TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
          LEDGER_URL: 'postgres://plumbline:of-the-stack@127.0.0.1/plumbline',
        },
      }),
    );

  async function contextOf(
    options: { flag?: string; state?: string; env?: Record<string, string> } = {},
  ): Promise<{ context: CommandContext; io: TestIo }> {
    const io = testIo({ cwd: folder, env: options.env ?? {} });
    const context = new CommandContext(io, readEnvironment(io.env), createRedactor(), {
      config: options.flag ?? null,
      state: options.state ?? null,
    });
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

  it('is that of a running dev if there is no other, with its Temporal and its ledger', async () => {
    await writeStack('.plumbline/stack.json', await write('.plumbline/plumbline.yaml', config('demo')));
    const { context, io } = await contextOf({
      env: { LEDGER_URL: 'postgres://production', TEMPORAL_ADDRESS: 'production:7233' },
    });
    expect((await context.config()).accounts[0]?.name).toBe('demo');
    expect(await context.ledgerUrl()).toContain('of-the-stack');
    expect(io.env['TEMPORAL_ADDRESS']).toBe('127.0.0.1:17233');
  });

  it('is never mixed: with an explicit configuration, a running dev is ignored', async () => {
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

  it('ignores a dev that no longer runs', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const demo = await write('.plumbline/plumbline.yaml', config('demo'));
    await writeStack('.plumbline/stack.json', demo, { pid });
    const { context, io } = await contextOf({ flag: '.plumbline/plumbline.yaml' });
    await context.config();
    expect(io.env['TEMPORAL_ADDRESS']).toBeUndefined();
  });

  it('ignores another process that has the id of an ended dev', async () => {
    const demo = await write('.plumbline/plumbline.yaml', config('demo'));
    await writeStack('.plumbline/stack.json', demo, { identity: 'an earlier process' });
    const { context, io } = await contextOf({ flag: '.plumbline/plumbline.yaml' });
    await context.config();
    expect(io.env['TEMPORAL_ADDRESS']).toBeUndefined();
  });

  describe('with a state folder', () => {
    it.each(['flag', 'variable'])('named by %s is that of its dev, whatever this folder contains', async (named) => {
      await write('plumbline.yaml', config('default'));
      await writeStack('.plumbline/stack.json', await write('.plumbline/plumbline.yaml', config('near')));
      const far = await write('far/plumbline.yaml', config('far'));
      await writeStack('far/stack.json', far, { port: 27233 });
      const { context, io } = await contextOf(
        named === 'flag'
          ? { state: 'far', env: { PLUMBLINE_CONFIG: 'plumbline.yaml', PLUMBLINE_STATE: '.plumbline' } }
          : { env: { PLUMBLINE_STATE: join(folder, 'far') } },
      );
      expect((await context.config()).accounts[0]?.name).toBe('far');
      expect(io.env['TEMPORAL_ADDRESS']).toBe('127.0.0.1:27233');
    });

    it('distinguishes two devs that run with the same file', async () => {
      const own = await write('plumbline.yaml', config('default'));
      await writeStack('.plumbline/stack.json', own);
      await writeStack('second/stack.json', own, { port: 27233 });
      const addressWith = async (options: Parameters<typeof contextOf>[0]): Promise<string | undefined> => {
        const { context, io } = await contextOf(options);
        await context.config();
        return io.env['TEMPORAL_ADDRESS'];
      };
      expect(await addressWith({ state: 'second' })).toBe('127.0.0.1:27233');
      expect(await addressWith({ state: 'second', flag: 'plumbline.yaml' })).toBe('127.0.0.1:27233');
      expect(await addressWith({ flag: 'plumbline.yaml' })).toBe('127.0.0.1:17233');
      // A dev starts its own processes like this: they must not find the other one.
      expect(await addressWith({ flag: 'plumbline.yaml', env: { PLUMBLINE_STATE: '-' } })).toBeUndefined();
    });

    it('without a running dev is an error that says so', async () => {
      await write('plumbline.yaml', config('default'));
      const { context } = await contextOf({ state: 'nowhere' });
      await expect(context.config()).rejects.toMatchObject({
        message: `no \`plumbline dev\` is running in ${join(folder, 'nowhere')}`,
        remedy: expect.stringContaining(`plumbline dev --state ${join(folder, 'nowhere')}`),
      });
    });

    it('refuses the configuration of another stack', async () => {
      await write('plumbline.yaml', config('default'));
      await writeStack('far/stack.json', await write('far/plumbline.yaml', config('far')));
      const { context } = await contextOf({ state: 'far', flag: 'plumbline.yaml' });
      await expect(context.config()).rejects.toThrow(/runs with .*far\/plumbline\.yaml, not with/);
      // The variable covers a whole terminal: a file that is named explicitly stands alone.
      const alone = await contextOf({ flag: 'plumbline.yaml', env: { PLUMBLINE_STATE: 'far' } });
      expect((await alone.context.config()).accounts[0]?.name).toBe('default');
      expect(alone.io.env['TEMPORAL_ADDRESS']).toBeUndefined();
    });
  });

  it('never falls back to the Temporal that listens on the usual port', async () => {
    await write('plumbline.yaml', config('default'));
    const { context } = await contextOf();
    await expect(context.client()).rejects.toMatchObject({
      message: 'The address of the Temporal server is not set.',
      remedy: expect.stringMatching(/TEMPORAL_ADDRESS.*--state/),
    });
  });

  it('suggests the account that was meant', async () => {
    await write('plumbline.yaml', config('default'));
    const { context } = await contextOf();
    await expect(context.account('defualt')).rejects.toMatchObject({ remedy: 'did you mean "default"?' });
  });
});
