import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '@plumbline/primitives/free-port';
import { startPostgres, type RunningPostgres } from '../../packages/dev-stack/src/postgres.js';
import { migrateLedger } from '../../src/ledger/create-ledger.js';
import { plumbline } from '../cli/test-io.js';
import { send, startServe } from '../http/api-client.js';
import { baseBackup, restoreBackup } from '../support/base-backup.js';
import { testTemporal, uniqueTaskQueue } from '../support/temporal.js';
import { long, scriptedSides } from './support/scripted.js';
import { eventually, startWorld, TEST_POLICY, type World } from './support/world.js';

const PATIENCE_MS = 240_000;

/**
 * The ledger alone is lost and restored, as docs/deploying.md describes it; Temporal, the worker and `serve` go on. Each account
 * meets the loss in another state.
 */
const STEADY = uniqueTaskQueue('steady');
/** A human was called before the backup and acknowledged after it. */
const ACKNOWLEDGED = uniqueTaskQueue('acknowledged');
/** A human was called after the backup. */
const CALLED = uniqueTaskQueue('called');
/** Was started after the backup. */
const LATE = uniqueTaskQueue('late');

describe('a ledger that is lost and restored from a backup', () => {
  let folder: string;
  let postgres: RunningPostgres;
  let port: number;
  let world: World;
  let served: Awaited<ReturnType<typeof startServe>>;
  let env: Record<string, string>;
  const scripts = new Map([STEADY, ACKNOWLEDGED, CALLED, LATE].map((account) => [account, scriptedSides()]));

  const scriptOf = (account: string) => {
    const script = scripts.get(account);
    if (script === undefined) throw new Error(`there is no ${account}`);
    return script;
  };
  const inFolder = (...parts: string[]): string => join(folder, ...parts);
  const start = async (account: string): Promise<void> => {
    await world.client.start({ account, exchange: 'scripted', policy: TEST_POLICY }, 'test');
  };
  const run = async (account: string) => world.client.runNow(account, 'test');
  const command = async (...argv: string[]) => plumbline(argv, { cwd: folder, env: { ...env }, width: 300 });
  const gate = async (account: string) => send(`${served.url}/v1/accounts/${account}/gate`);
  const callsOf = (account: string) => world.calls.filter((call) => call.account === account);
  const called = async (account: string) =>
    eventually(
      async () => world.ledger.openInterventionOf(account),
      (open) => (open?.notifiedTimes ?? 0) > 0,
    );

  async function startServer(): Promise<void> {
    postgres = await startPostgres({ dataDirectory: inFolder('postgres'), port });
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-restore-'));
    await chmod(folder, 0o711);
    port = await freePort();
    await startServer();
    await migrateLedger(postgres.url);
    const { address, namespace } = await testTemporal();
    world = await startWorld({
      sides: (account) => scriptOf(account).sides,
      database: { url: postgres.url, drop: async () => {} },
    });
    env = { LEDGER_URL: postgres.url, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    const account = (name: string): string => `  ${name}:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
`;
    await writeFile(
      inFolder('plumbline.yaml'),
      `reconciliation: { confirm_interval_seconds: 1, grace_seconds: 0, retry_seconds: 0 }
accounts:
${[...scripts.keys()].map(account).join('')}ledger: { url_env: LEDGER_URL }
worker: { task_queue: ${world.client.taskQueue} }
`,
    );
    served = await startServe({ ledger: world.ledger });
  }, PATIENCE_MS);

  afterAll(async () => {
    await served.close();
    await Promise.all(
      [...scripts.keys()].map(async (account) => world.client.stop(account, 'test').catch(() => undefined)),
    );
    await world.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }, PATIENCE_MS);

  it(
    'is copied while runs go on',
    async () => {
      for (const account of [STEADY, ACKNOWLEDGED, CALLED]) await start(account);
      scriptOf(ACKNOWLEDGED).exchange.positions = [long('BTC/USDT:USDT', '0.5')];
      for (const account of [STEADY, CALLED]) expect(await run(account)).toMatchObject({ outcome: 'matched' });
      expect(await run(ACKNOWLEDGED)).toMatchObject({ outcome: 'drifted' });
      await called(ACKNOWLEDGED);

      let isCopied = false;
      const runs = (async () => {
        let count = 0;
        for (; !isCopied || count === 0; count++) expect(await run(STEADY)).toMatchObject({ outcome: 'matched' });
        return count;
      })();
      await baseBackup(postgres.url, inFolder('postgres', 'cluster'), inFolder('backup'));
      isCopied = true;
      expect(await runs).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  it(
    'is away: runs fail and say so, and the gate of every account closes',
    async () => {
      // What the backup does not have.
      for (let count = 0; count < 3; count++) await run(STEADY);
      await world.client.acknowledge(ACKNOWLEDGED, { by: 'ada', note: 'mine' });
      scriptOf(CALLED).exchange.positions = [long('ETH/USDT:USDT', '2')];
      await run(CALLED);
      await called(CALLED);
      await start(LATE);
      expect(await run(LATE)).toMatchObject({ outcome: 'matched' });
      await eventually(
        async () => gate(LATE),
        ({ status }) => status === 200,
      );
      const heads = await command('verify', '--heads');
      expect(heads.out.trim().split('\n')).toHaveLength(4);
      await writeFile(inFolder('heads.txt'), heads.out);

      postgres.child.kill('SIGKILL');
      await postgres.child.exited;
      await rm(inFolder('postgres', 'cluster'), { recursive: true });

      expect(await run(STEADY)).toMatchObject({ outcome: 'failed', failure: { kind: 'ledger' } });
      for (const account of scripts.keys()) {
        const answer = await eventually(
          async () => gate(account),
          ({ status }) => status === 503,
        );
        expect(answer.body).toMatchObject({
          open: false,
          reasons: [expect.stringMatching(/ledger cannot be reached/)],
        });
      }
    },
    PATIENCE_MS,
  );

  it(
    'is proven up to the backup, and kept heads show what is missing',
    async () => {
      await restoreBackup(inFolder('backup'), inFolder('postgres', 'cluster'));
      await startServer();
      const heads = await eventually(
        async () => world.ledger.heads().catch(() => []),
        ({ length }) => length > 0,
      );
      expect(heads.map(({ account }) => account).toSorted()).toEqual([STEADY, ACKNOWLEDGED, CALLED].toSorted());
      const alone = await command('verify');
      expect(alone).toMatchObject({ code: 0, out: expect.not.stringContaining('✗') });

      // The last event of each account was recorded after the backup.
      const against = await command('verify', '--against', 'heads.txt');
      expect(against.code).toBe(2);
      for (const account of [STEADY, ACKNOWLEDGED, CALLED]) {
        expect(against.out).toMatch(new RegExp(`${account} event \\d+: is not there; its hash was kept elsewhere`));
      }
      expect(against.out).toMatch(new RegExp(`${LATE} event \\d+: is among the heads .* does not know the account`));

      // Until the next run of an account its gate says what the backup knows: see docs/deploying.md.
      const known = await eventually(
        async () => gate(STEADY),
        ({ status }) => status === 200,
      );
      expect(known.body).toMatchObject({ open: true });
      expect((await gate(ACKNOWLEDGED)).body).toMatchObject({
        open: false,
        reasons: [expect.stringContaining('an intervention is open'), expect.stringContaining('1 discrepancy is open')],
      });
      expect((await gate(CALLED)).body).toMatchObject({ open: true });
      expect((await gate(LATE)).body).toMatchObject({ open: false, reasons: [expect.stringContaining('no account')] });
    },
    PATIENCE_MS,
  );

  it(
    'continues: every account runs',
    async () => {
      expect(await run(STEADY)).toMatchObject({ outcome: 'matched' });
      expect(await run(ACKNOWLEDGED)).toMatchObject({ outcome: 'drifted', opened: [] });
      expect(await run(CALLED)).toMatchObject({ outcome: 'drifted', opened: [{ type: 'POSITION_OPENED_EXTERNALLY' }] });
      // Its workflow registers it again when it records the failure.
      expect(await run(LATE)).toMatchObject({
        outcome: 'failed',
        failure: { message: expect.stringContaining('does not know the account') },
      });
      expect(await run(LATE)).toMatchObject({ outcome: 'matched' });
      for (const account of [CALLED, ACKNOWLEDGED]) {
        await eventually(
          async () => gate(account),
          ({ status }) => status === 423,
        );
      }

      // The lost acknowledgement must be given again: the same call is served again, so its human is called again.
      const again = await eventually(
        async () => world.client.intervention(ACKNOWLEDGED),
        (open) => open !== null,
      );
      const [first, ...repeated] = callsOf(ACKNOWLEDGED).map(({ interventionId }) => interventionId);
      expect(again).toMatchObject({ state: 'open', interventionId: first });
      expect(repeated.filter((id) => id !== first)).toEqual([]);
      await world.client.acknowledge(ACKNOWLEDGED, { by: 'ada', note: 'mine, again' });
      // The call that the ledger did not know is the same one.
      const before = callsOf(CALLED)[0]?.interventionId;
      expect(await world.ledger.interventions({ account: CALLED, limit: 10 })).toMatchObject([
        {
          id: before,
          state: 'open',
          reasons: expect.arrayContaining([expect.objectContaining({ action: 'RESTORED' })]),
        },
      ]);
      // No false alarm.
      expect(callsOf(STEADY)).toEqual([]);
      expect(callsOf(LATE)).toEqual([]);
      const texts = callsOf(CALLED).flatMap(({ reasons }) => reasons.map(({ text }) => text));
      expect(texts.filter((text) => !/^ETH|did not know this open/.test(text))).toEqual([]);

      // Proven again, from heads that are kept from now on.
      expect(await command('verify')).toMatchObject({ code: 0 });
      await writeFile(inFolder('heads.txt'), (await command('verify', '--heads')).out);
      expect(await command('verify', '--against', 'heads.txt')).toMatchObject({ code: 0 });
    },
    PATIENCE_MS,
  );
});
