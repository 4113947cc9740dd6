import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reconciliationWorkflowId } from '../../src/client.js';
import { createLedger, migrateLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { scriptedSides } from '../integration/support/scripted.js';
import { startWorld, TEST_POLICY, type World } from '../integration/support/world.js';
import { createLedgerDatabase } from '../support/postgres.js';
import { testTemporal } from '../support/temporal.js';
import { eventually, plumbline } from './test-io.js';

/** The worst case: one server, one namespace, one task queue, as with two stacks that use the defaults. */
describe('two deployments on one Temporal', () => {
  let folder: string;
  let world: World;
  let second: { ledger: Ledger; url: string; drop(): Promise<void> };
  let temporal: { address: string; namespace: string };

  type Deployment = 'first' | 'second';
  const run = async (deployment: Deployment, ...argv: string[]) =>
    plumbline(argv, {
      cwd: join(folder, deployment),
      width: 160,
      env: {
        LEDGER_URL: deployment === 'first' ? world.databaseUrl : second.url,
        TEMPORAL_ADDRESS: temporal.address,
        TEMPORAL_NAMESPACE: temporal.namespace,
      },
    });
  const configure = async (deployment: Deployment, accounts: string[], intervalMinutes = 30): Promise<void> => {
    await mkdir(join(folder, deployment), { recursive: true });
    const each = accounts.map(
      (account) => `  ${account}:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
`,
    );
    await writeFile(
      join(folder, deployment, 'plumbline.yaml'),
      `reconciliation: { confirm_interval_seconds: 1, grace_seconds: 0, retry_seconds: 0, interval_minutes: ${intervalMinutes} }
accounts:
${each.join('')}ledger: { url_env: LEDGER_URL }
worker: { task_queue: ${world.client.taskQueue} }
`,
    );
  };
  const isRunning = async (account: string): Promise<boolean> => {
    const { status } = await world.client.temporal.workflow.getHandle(reconciliationWorkflowId(account)).describe();
    return status.name === 'RUNNING';
  };
  /** Temporal's list lags behind: until it contains the account, `apply` could not see it in any case. */
  const listed = async (account: string): Promise<void> => {
    await eventually(
      async () => world.client.accounts(),
      (accounts) => accounts.includes(account),
    );
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-two-'));
    world = await startWorld({ sides: scriptedSides().sides });
    temporal = await testTemporal();
    const database = await createLedgerDatabase();
    second = { ledger: createLedger(database.url), url: database.url, drop: async () => database.drop() };
  }, 120_000);
  afterAll(async () => {
    await second.ledger.close();
    await world.stop();
    await second.drop();
    await rm(folder, { recursive: true });
  });

  it('each have a constant id', async () => {
    const [first, other] = await Promise.all([world.ledger.deploymentId(), second.ledger.deploymentId()]);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(other).not.toBe(first);
    await migrateLedger(second.url);
    expect(await second.ledger.deploymentId()).toBe(other);
  });

  it('say in the workflow which of them started it', async () => {
    await configure('first', [world.account]);
    expect(await run('first', 'apply')).toMatchObject({ code: 0, err: '' });
    const { memo } = await world.client.temporal.workflow.getHandle(reconciliationWorkflowId(world.account)).describe();
    expect(memo).toMatchObject({ deployment: await world.ledger.deploymentId() });
  }, 60_000);

  it('apply stops no account of the other', async () => {
    await listed(world.account);
    await configure('second', [`${world.account}-second`]);
    const applied = await run('second', 'apply');
    expect(applied).toMatchObject({ code: 0, out: `account/${world.account}-second created (binanceusdm)\n` });
    expect(await isRunning(world.account)).toBe(true);
    await listed(`${world.account}-second`);
    const again = await run('first', 'apply');
    expect(again.code).toBe(0);
    expect(again.out).not.toContain('-second');
    expect(await isRunning(`${world.account}-second`)).toBe(true);
  }, 60_000);

  it('apply takes over no account of the other, also under the same name', async () => {
    await configure('second', [`${world.account}-second`, world.account], 60);
    const dry = await run('second', 'apply', '--dry-run');
    expect(dry.code).toBe(2);
    const { code, err, out } = await run('second', 'apply');
    expect(code).toBe(2);
    expect(err).toContain(
      `${world.account}: its workflow belongs to another deployment (${await world.ledger.deploymentId()})`,
    );
    expect(err).toContain('TEMPORAL_NAMESPACE');
    expect(out).toContain(`account/${world.account}-second configured`);
    const { answer } = { answer: (await run('first', 'events', world.account, '-o', 'json')).out };
    expect(answer).not.toContain('POLICY_CHANGED');
    expect(await isRunning(world.account)).toBe(true);
  }, 60_000);

  it('status shows the own accounts, and says of a name whose workflow it is', async () => {
    await configure('second', [`${world.account}-second`]);
    const accountsOf = async (deployment: Deployment): Promise<string[]> => {
      const { accounts } = JSON.parse((await run(deployment, 'status', '-o', 'json')).out) as {
        accounts: { account: string }[];
      };
      return accounts.map(({ account }) => account);
    };
    expect(await accountsOf('second')).toEqual([`${world.account}-second`]);
  }, 60_000);

  it.each([
    ['pause', ['--reason', 'x']],
    ['resume', []],
    ['force-run', []],
    ['run', []],
    ['repair', ['--yes']],
  ])(
    '%s refuses an account of the other',
    async (command, more) => {
      const { code, err } = await run('second', command, world.account, ...more);
      expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/another deployment/) });
      expect(await isRunning(world.account)).toBe(true);
    },
    60_000,
  );

  it('a workflow without an id belongs to the ledger that knows the account', async () => {
    const old = `${world.account}-old`;
    const policy = TEST_POLICY;
    await world.client.start({ account: old, exchange: 'binanceusdm', policy }, 'an older version');
    await eventually(
      async () => world.ledger.account(old),
      (account) => account !== null,
    );
    await listed(old);
    expect((await run('second', 'apply')).out).not.toContain('-old');
    expect(await isRunning(old)).toBe(true);
    await configure('second', [`${world.account}-second`, old]);
    expect((await run('second', 'apply')).err).toContain(`${old}: its workflow belongs to another deployment`);
    expect((await run('first', 'apply')).out).toContain(`account/${old} stopped (not in the file)`);
    expect(await isRunning(old)).toBe(false);
  }, 60_000);

  it('apply does nothing while the ledger is unreachable, because only the ledger knows its accounts', async () => {
    const { code, out, err } = await plumbline(['apply'], {
      cwd: join(folder, 'first'),
      env: {
        LEDGER_URL: 'postgres://plumbline@127.0.0.1:1/nowhere',
        TEMPORAL_ADDRESS: temporal.address,
        TEMPORAL_NAMESPACE: temporal.namespace,
      },
    });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/ledger/i);
  }, 60_000);
});
