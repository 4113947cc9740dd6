import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { main } from '../../src/cli/program.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { ScriptedSide } from '../integration/support/scripted.js';
import { long, scriptedSides } from '../integration/support/scripted.js';
import type { World } from '../integration/support/world.js';
import { startWorld } from '../integration/support/world.js';
import { testTemporal } from '../support/temporal.js';
import { eventually, plumbline, testIo } from './test-io.js';

/** The commands in the order in which a user needs them, on real Temporal, PostgreSQL and workflows. */
describe('steering an account', () => {
  let folder: string;
  let world: World;
  let exchange: ScriptedSide;
  let internal: ScriptedSide;
  let env: Record<string, string>;
  const run = async (...argv: string[]) => plumbline(argv, { cwd: folder, env: { ...env }, width: 160 });
  const json = async (...argv: string[]) => {
    const { code, out, err } = await run(...argv, '-o', 'json');
    return { code, err, answer: JSON.parse(out) as unknown };
  };
  const configure = async (changes: { interval?: number; enabled?: boolean; drift?: string } = {}): Promise<void> => {
    await writeFile(
      join(folder, 'plumbline.yaml'),
      `reconciliation: { confirm_interval_seconds: 1, grace_seconds: 0, retry_seconds: 0, interval_minutes: ${changes.interval ?? 30} }
accounts:
  ${world.account}:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
    reconciliation: { enabled: ${changes.enabled ?? true}${changes.drift === undefined ? '' : `, drift: ${changes.drift}`} }
ledger: { url_env: LEDGER_URL }
worker: { task_queue: ${world.account} }
`,
    );
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-steering-'));
    const scripted = scriptedSides();
    ({ exchange, internal } = scripted);
    world = await startWorld({ sides: scripted.sides });
    const temporal = await testTemporal();
    env = {
      LEDGER_URL: world.databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
    };
    await configure();
  }, 120_000);
  afterAll(async () => {
    await world.stop();
    await rm(folder, { recursive: true });
  });

  it('migrate is idempotent', async () => {
    const { code, out } = await run('migrate');
    expect(code).toBe(0);
    expect(out).toMatch(/✓ ledger: the schema is up to date\n✓ temporal: the search attributes are known/);
  });

  it('run says that the account is not reconciled yet, and how to change that', async () => {
    const { code, err } = await run('run', world.account);
    expect(code).toBe(2);
    expect(err).toMatch(/is not being reconciled[^]*what to do: .*plumbline apply/);
  });

  it('apply refuses an account that no running worker knows', async () => {
    const ledger = createLedger(world.databaseUrl);
    try {
      const report = { worker: '1@here', taskQueue: world.account, accounts: ['other'], configDigest: '' };
      await ledger.reportWorker(report);
      const { code, err, out } = await run('apply', '--by', 'ann');
      expect(code).toBe(2);
      expect(err).toMatch(
        /the running worker does not know it, so each of its runs would fail[^]*what to do: give the/,
      );
      expect(out.trim()).toBe('');
    } finally {
      await ledger.forgetWorker('1@here');
      await ledger.close();
    }
  }, 30_000);

  it('apply begins nothing after Ctrl-C, and says what is left', async () => {
    const io = testIo({ cwd: folder, env: { ...env }, tty: true });
    io.stop();
    expect(await main(['apply', '--by', 'ann'], io)).toBe(130);
    expect(io.out()).toBe('');
    expect(io.err()).toContain('ended before 1 account; `plumbline apply` again does the rest');
    expect((await run('apply', '--dry-run')).out).toContain('created');
  }, 30_000);

  it('apply starts it, once; a dry run starts nothing', async () => {
    expect((await run('apply', '--dry-run')).out).toBe(`account/${world.account} created (dry run) (binanceusdm)\n`);
    expect((await run('apply', '--dry-run')).out).toContain('created');
    const applied = await run('apply', '-f', 'plumbline.yaml', '--by', 'ann');
    expect(applied).toMatchObject({ code: 0, err: '', out: `account/${world.account} created (binanceusdm)\n` });
    // Temporal's list shows it within moments; until then it is configured again, which changes nothing.
    const second = await eventually(
      async () => run('apply'),
      ({ out }) => out.includes('unchanged'),
    );
    expect(second).toMatchObject({ code: 0, out: `account/${world.account} unchanged\n` });
  }, 60_000);

  it('run answers matched with 0 and drifted with 1', async () => {
    expect(await json('run', world.account)).toMatchObject({ code: 0, answer: { outcome: 'matched', failure: null } });
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    const drifted = await run('run', world.account);
    expect(drifted.code).toBe(1);
    expect(drifted.out).toMatch(/✗ drifted[^]*POSITION_OPENED_EXTERNALLY {2}1\n[^]*1 discrepancy open/);
    // Closed from the verdict on, not only from the moment at which the intervention has reached the ledger.
    expect((await json('status', world.account)).answer).toMatchObject({
      accounts: [
        {
          gate: {
            open: false,
            reasons: [
              expect.stringMatching(/^a (call for a )?human is/),
              expect.stringMatching(/^1 discrepancy is open/),
            ],
          },
        },
      ],
    });
  }, 60_000);

  it('a dry run of changed rules shows what becomes of the open discrepancy, and changes nothing', async () => {
    await configure({ interval: 60, drift: '[{ symbols: BTC/USDT:USDT, action: record }]' });
    const { code, out } = await run('apply', '--dry-run');
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 6)).toEqual([
      `account/${world.account} configured (dry run)`,
      '  interval_minutes: 30 -> 60',
      '  drift: (not set) -> [{symbols: [BTC/USDT:USDT], action: record}]',
      '  gate_max_age_minutes: 90 -> 180',
      '  with the next run, 1 open discrepancy:',
      '    POSITION_OPENED_EXTERNALLY BTC/USDT:USDT: page -> record',
    ]);
    expect(out).toMatch(/ {2}the trading gate stays closed: a/);
    expect((await json('apply', '--dry-run')).answer).toMatchObject({
      dry_run: true,
      accounts: [
        {
          changes: [{ field: 'interval_minutes', before: '30', after: '60' }, { field: 'drift' }, {}],
          discrepancies: [
            {
              type: 'POSITION_OPENED_EXTERNALLY',
              before: { action: 'page', close_gate: true },
              after: [{ action: 'record', close_gate: false, rule: 1, from_value: null }],
            },
          ],
          gate: { open_now: false, open_afterwards: false },
        },
      ],
    });
    await configure();
    expect((await run('apply', '--dry-run')).out).toBe(`account/${world.account} unchanged (dry run)\n`);
  }, 60_000);

  it('status shows the intervention and the open discrepancies', async () => {
    // The intervention is a separate workflow: the ledger records it within moments.
    const { code, out } = await eventually(
      async () => run('status', world.account),
      (status) => / closed +in [^]*a human is called for /.test(status.out),
    );
    expect(code).toBe(0);
    expect(out).toMatch(/binanceusdm +✗ drifted +\d+s ago +0\/3 +1 +closed +in \d+m/);
    expect(out).toMatch(/a human is called for \d+s: POSITION_OPENED_EXTERNALLY[^]*to fix it: add/);
  });

  it('snooze and acknowledge keep the trading gate closed while a discrepancy is open, and say so', async () => {
    const snoozed = await json('snooze', world.account, '--for', '2h', '--note', 'looking', '--by', 'ann');
    expect(snoozed).toMatchObject({
      code: 0,
      answer: { state: 'snoozed', taken_by: 'workflow', gate: { open: false } },
    });
    const taken = await run('acknowledge', world.account, '--note', 'hedge by hand', '--by', 'ann');
    expect(taken.code).toBe(0);
    expect(taken.out).toMatch(/acknowledged by ann: hedge by hand\ngate: CLOSED, 1 discrepancy is open: BTC/);
    expect((await json('interventions', '--all')).answer).toMatchObject({
      interventions: [{ state: 'acknowledged', acknowledged_by: 'ann', note: 'hedge by hand' }],
    });
    expect((await json('status')).answer).toMatchObject({
      accounts: [{ gate: { open: false, reasons: [expect.any(String)] }, open_discrepancies: 1 }],
    });
    const again = await run('acknowledge', world.account, '--note', 'again');
    expect(again.code).toBe(2);
    expect(again.err).toMatch(/no open intervention/);
  }, 60_000);

  it('accept opens the trading gate despite open discrepancies, by name and for a time', async () => {
    expect(await run('accept', world.account, '--note', 'n')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/say for how long/),
    });
    const unknown = await run('accept', world.account, 'no-such-id', '--for', '1h', '--note', 'n');
    expect(unknown.code).toBe(2);
    const accepted = await run('accept', world.account, '--for', '1h', '--note', 'hedged elsewhere', '--by', 'ann');
    expect(accepted.code).toBe(0);
    expect(accepted.out).toMatch(/accepted by ann until .*: hedged elsewhere\ngate: OPEN, 1 accepted for now/);
    expect((await json('status', world.account)).answer).toMatchObject({
      accounts: [
        {
          gate: { open: true, accepted: 1 },
          accepted_discrepancies: 1,
          discrepancies: [{ accepted: { by: 'ann', note: 'hedged elsewhere' } }],
        },
      ],
    });
    expect((await run('status', world.account)).out).toMatch(/accepted by ann until/);
    expect((await run('events', world.account, '-n', '100')).out).toMatch(
      /ann \(cli\) accepted POSITION_OPENED_EXTERNALLY until/,
    );
  }, 60_000);

  it('run reports what was resolved', async () => {
    internal.positions = [long('BTC/USDT:USDT', '0.5')];
    const { code, out } = await run('run', world.account);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/✓ matched[^]*1 resolved/) });
  });

  it('run answers failed with 2, its kind and what to do', async () => {
    exchange.failures = { kind: 'maintenance', times: 1 };
    const { code, answer } = await json('run', world.account);
    expect(code).toBe(2);
    expect(answer).toMatchObject({ outcome: 'failed', failure: { kind: 'maintenance', remedy: expect.any(String) } });
  });

  it('pause and resume are reported with who and why; a forced run works while paused', async () => {
    expect((await run('pause', world.account, '--reason', 'upgrade', '--by', 'ben')).code).toBe(0);
    // From the ledger, which records it within moments: no workflow is queried.
    await eventually(
      async () => run('status'),
      ({ out }) => /paused by ben \d+s ago: upgrade; plumbline resume/.test(out),
    );
    const before = exchange.reads;
    expect((await run('force-run', world.account)).code).toBe(0);
    await eventually(
      async () => exchange.reads,
      (reads) => reads > before,
    );
    expect((await run('resume', world.account)).code).toBe(0);
    await eventually(
      async () => run('status'),
      (status) => !status.out.includes('paused'),
    );
    const { out: events } = await run('events', world.account, '-n', '100');
    expect(events).toMatch(/Paused by ben \(cli\)[^]*Resumed by/);
  }, 60_000);

  it('apply reconfigures changed accounts and stops disabled ones', async () => {
    await configure({ interval: 60 });
    expect((await run('apply')).out).toMatch(/ configured \(interval_minutes: 30 -> 60/);
    expect((await run('apply')).out).toMatch(/ unchanged\n/);
    await configure({ interval: 60, enabled: false });
    expect(await run('apply')).toMatchObject({ code: 0, out: `account/${world.account} stopped (not enabled)\n` });
    const { answer } = await json('status', world.account);
    expect(answer).toMatchObject({
      accounts: [{ gate: { open: false, reasons: [expect.stringContaining('stopped')] } }],
    });
    const acts = (await world.events()).filter(({ type }) => /REGISTERED|POLICY|STOPPED/.test(type));
    expect(new Set(acts.map(({ type }) => type))).toEqual(
      new Set(['ACCOUNT_REGISTERED', 'POLICY_CHANGED', 'RECONCILIATION_STOPPED']),
    );
    expect(acts.map(({ type, payload }) => [type, payload['via']])).toEqual(acts.map(({ type }) => [type, 'cli']));
  }, 60_000);

  it('the ledger of all these commands verifies', async () => {
    expect(await json('verify', world.account)).toMatchObject({ code: 0, answer: { proven: true } });
  });
});
