import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { main } from '../../src/cli/program.js';
import { runProgressText, type RunSight } from '../../src/cli/steps/run-progress.js';
import { visibleWidth } from '../../src/cli/terminal/width.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { long, scriptedSides, type ScriptedSide } from '../integration/support/scripted.js';
import { startWorld, type World } from '../integration/support/world.js';
import { testTemporal } from '../support/temporal.js';
import { eventually, testIo, type TestIo } from './test-io.js';

const AT = new Date('2026-11-22T15:00:00Z');
const NO_WORK: RunSight['work'] = [];

describe('the progress text of a run', () => {
  const sight = (phase: RunSight['status']['phase'], changes: Partial<RunSight> = {}): RunSight => ({
    status: { phase, run: { runNumber: 12, observation: 1, observesAt: null }, policy: DEFAULT_POLICY },
    work: NO_WORK,
    at: AT,
    ...changes,
  });
  const waiting: RunSight = {
    ...sight('settling'),
    status: {
      phase: 'settling',
      run: { runNumber: 12, observation: 1, observesAt: '2026-11-22T15:00:08Z' },
      policy: DEFAULT_POLICY,
    },
  };
  const observe = (changes: Partial<RunSight['work'][number]>): RunSight['work'] => [
    { name: 'observe', attempt: 1, failure: null, step: null, ...changes },
  ];

  it.each<[string, RunSight, string]>([
    ['before the run', { ...sight('waiting'), status: { phase: 'waiting', policy: DEFAULT_POLICY } }, 'queued'],
    ['a read', sight('looking'), 'run 12: reading the exchange and the bot, observation 1 of at most 6'],
    [
      'a long read',
      sight('looking', { work: observe({ step: 'GET /fapi/v3/positionRisk' }) }),
      'run 12: reading the exchange and the bot (GET /fapi/v3/positionRisk), observation 1 of at most 6',
    ],
    [
      'a read that is tried again',
      sight('looking', { work: observe({ attempt: 3, failure: 'rate_limited: 429', step: 'started' }) }),
      'run 12: reading the exchange and the bot, attempt 3 (rate_limited: 429), observation 1 of at most 6',
    ],
    [
      'one side of an earlier version',
      sight('looking', { work: [{ name: 'fetchInternalState', attempt: 1, failure: null, step: null }] }),
      'run 12: reading the bot, observation 1 of at most 6',
    ],
    ['a comparison', sight('judging'), 'run 12: comparing, observation 1 of at most 6'],
    ['a wait', waiting, 'run 12: confirming, observation 2 of at most 6 follows in 8s'],
    ['a record', sight('recording'), 'run 12: recording'],
  ])('describes %s', (_, seen, text) => {
    expect(runProgressText(seen, true)).toBe(text);
  });

  it('leaves out what changes every second if each text is a line of its own', () => {
    expect(runProgressText(waiting, false)).toBe('run 12: confirming, observation 2 of at most 6 follows');
    const reading = sight('looking', { work: observe({ step: 'GET /a' }) });
    expect(runProgressText(reading, false)).not.toContain('GET /a');
  });
});

describe('a person who waits for a run', () => {
  let folder: string;
  let world: World;
  let exchange: ScriptedSide;
  let env: Record<string, string>;
  let release: () => void = () => {};
  const hold = (): void => {
    exchange.hold = new Promise((resolve) => (release = resolve));
  };
  const letGo = (): void => {
    release();
    exchange.hold = null;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-progress-'));
    const scripted = scriptedSides();
    ({ exchange } = scripted);
    world = await startWorld({ sides: scripted.sides });
    const temporal = await testTemporal();
    env = {
      LEDGER_URL: world.databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
    };
    await writeFile(
      join(folder, 'plumbline.yaml'),
      `accounts:
  ${world.account}:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
ledger: { url_env: LEDGER_URL }
worker: { task_queue: ${world.account} }
`,
    );
    await world.start();
    await world.client.runNow(world.account, 'test');
  }, 120_000);
  afterEach(letGo);
  afterAll(async () => {
    await world.stop();
    await rm(folder, { recursive: true });
  });

  function start(io: TestIo, ...more: string[]): Promise<number> {
    return main(['run', world.account, ...more], io);
  }
  const ioFor = (options: Parameters<typeof testIo>[0]) => testIo({ cwd: folder, env: { ...env }, ...options });
  const seen = async (io: TestIo, text: string) =>
    eventually(
      async () => io.err(),
      (err) => err.includes(text),
    );
  /** What was drawn, one after the other. */
  const drawn = (err: string): string[] => err.split('\r\u001B[2K').map((line) => line.split('\n')[0] ?? '');

  it('sees on a terminal what it does, in one line that fits, and then the verdict alone', async () => {
    hold();
    const io = ioFor({ tty: true, width: 50 });
    const running = start(io);
    await seen(io, 'reading the exchange');
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    letGo();
    await seen(io, 'confirming, observation 2');
    expect(await running).toBe(1);
    exchange.positions = [];
    expect(drawn(io.err()).filter((line) => visibleWidth(line) > 49)).toEqual([]);
    expect(drawn(io.err()).some((line) => line.endsWith('…'))).toBe(true);
    expect(io.err().endsWith('\r\u001B[2K')).toBe(true);
    expect(io.out()).toMatch(/✗ drifted/);
  }, 60_000);

  it('gets a line for each step without a terminal, and none with JSON', async () => {
    hold();
    const [io, json] = [ioFor({}), ioFor({})];
    const running = start(io);
    await seen(io, 'reading the exchange and the bot');
    const program = start(json, '-o', 'json');
    letGo();
    expect([await running, await program]).toEqual([0, 0]);
    const lines = io.err().trimEnd().split('\n');
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.every((line) => line.startsWith('… '))).toBe(true);
    expect(json.err()).toBe('');
    expect(JSON.parse(json.out())).toMatchObject({ outcome: 'matched' });
  }, 60_000);

  it('learns with Ctrl-C that the run goes on, and the run does', async () => {
    hold();
    const io = ioFor({ tty: true });
    const running = start(io);
    await seen(io, 'reading the exchange and the bot');
    const { runNumber } = await world.client.status(world.account);
    io.stop();
    expect(await running).toBe(130);
    expect(io.out()).toBe('');
    expect(io.err().replaceAll(/\s+/g, ' ')).toContain(
      `run ${runNumber} goes on; \`plumbline status ${world.account}\` shows it, and \`plumbline runs ${world.account}\` its verdict`,
    );
    letGo();
    await eventually(
      async () => world.ledger.runs(world.account, { limit: 1 }),
      ([run]) => run?.runNumber === runNumber,
    );
  }, 60_000);
});
