import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { main } from '../../src/cli/program.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { recordScenario, verdict } from '../http/ledger-scenario.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { eventually, plumbline, testIo } from './test-io.js';

const CONFIG = `accounts:
  clean: &account
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
  drifting: *account
ledger: { url_env: LEDGER_URL }
`;

/** Nothing listens there. */
const NOWHERE = '127.0.0.1:1';

describe('the commands that read the ledger', () => {
  let folder: string;
  let database: TestDatabase;
  let ledger: Ledger;
  const env = (): Record<string, string> => ({ LEDGER_URL: database.url, TEMPORAL_ADDRESS: NOWHERE });
  const run = async (...argv: string[]) => plumbline(argv, { cwd: folder, env: env() });
  const json = async (...argv: string[]) => {
    const { code, out, err } = await run(...argv, '-o', 'json');
    return { code, err, answer: JSON.parse(out) as unknown };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-cli-'));
    await writeFile(join(folder, 'plumbline.yaml'), CONFIG);
    database = await createLedgerDatabase();
    ledger = createLedger(database.url);
    await recordScenario(ledger);
  }, 60_000);
  afterAll(async () => {
    await ledger.close();
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it('runs: oldest first for people, newest first for programs', async () => {
    const { code, out } = await run('runs', 'drifting');
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toEqual([
      expect.stringMatching(/^STARTED {18}RUN {2}VERDICT {4}TRIGGER {3}TOOK {5}REMARKS$/),
      expect.stringMatching(/#1 {2}✓ matched {2}schedule/),
      expect.stringMatching(/#2 {2}✗ drifted .* 1 discrepancy$/),
      expect.stringMatching(/#3 {2}✗ drifted/),
      expect.stringMatching(/#4 {2}! failed {3}forced .*timeout: fapi\/v1\/openOrders did not ans…$/),
    ]);
    expect((await json('runs', 'drifting', '-n', '2')).answer).toMatchObject({
      runs: [{ run_number: 4, outcome: 'failed' }, { run_number: 3 }],
    });
    expect((await json('runs', 'drifting', '--before', '2')).answer).toMatchObject({ runs: [{ run_number: 1 }] });
  });

  it('events: in order, with what they say', async () => {
    const { out } = await run('events', 'drifting', '-n', '100');
    expect(out).toMatch(
      /#1 {2}Registered by unknown for binanceusdm\n[^]*Run 1 matched\n[^]*A human is needed: BTC[^]*Run 4 failed \(1 in a row/,
    );
    const { answer } = await json('events', 'drifting', '--after', '1', '-n', '1');
    expect(answer).toMatchObject({ events: [{ sequence: 2, account: 'drifting' }] });
  });

  it('discrepancies: with the remedy', async () => {
    const { out } = await run('discrepancies', 'drifting');
    expect(out).toMatch(/^open {2}POSITION_OPENED_EXTERNALLY\n[^]*to fix it: add[^]*seen 2 times/);
    expect((await json('discrepancies', 'drifting', '--state', 'resolved')).answer).toEqual({ discrepancies: [] });
    const none = await run('discrepancies', 'clean');
    expect(none).toMatchObject({ code: 0, out: '', err: 'clean has no open discrepancies\n' });
  });

  it('interventions: who is called and what to do', async () => {
    const { out } = await run('interventions');
    expect(out).toMatch(
      /^open {2}drifting[^]*POSITION_OPENED_EXTERNALLY[^]*look \(`plumbline diff drifting`\), fix [^]*, run [^]*plumbline acknowledge drifting --by/,
    );
    expect((await run('interventions', 'clean')).out).toContain('no intervention is open');
    expect((await json('interventions')).answer).toMatchObject({
      interventions: [{ account: 'drifting', state: 'open' }],
    });
  });

  it('status: shows the ledger without Temporal, and says that Temporal is unreachable', async () => {
    const { code, out } = await run('status');
    expect(code).toBe(0);
    expect(out).toMatch(/^Temporal cannot be reached/);
    expect(out).toMatch(/clean +binanceusdm +✓ matched[^]*drifting +binanceusdm +! failed .* 1\/3 +1 +closed/);
    expect((await json('status', 'drifting')).answer).toMatchObject({
      temporal: { reachable: false },
      ledger: { reachable: true },
      accounts: [{ account: 'drifting', outcome: 'failed', open_discrepancies: 1, gate: { open: false } }],
    });
    expect(await run('status', 'driftign')).toMatchObject({ code: 2, err: expect.stringContaining('"drifting"') });
  });

  it('status --watch: refreshes in place on a terminal, and restores the terminal', async () => {
    const io = testIo({ cwd: folder, env: env(), tty: true });
    const watching = main(['status', '--watch'], io);
    await eventually(
      async () => io.out(),
      (out) => out.includes('Ctrl-C ends'),
    );
    io.stop();
    expect(await watching).toBe(0);
    expect(io.out().startsWith('\u001b[?1049h')).toBe(true);
    expect(io.out()).toContain('drifting');
    expect(io.out().endsWith('\u001b[?1049l')).toBe(true);
  });

  it('status: fails only when neither can be reached', async () => {
    const away = { LEDGER_URL: 'postgres://u:hunter2secret@127.0.0.1:1/nowhere', TEMPORAL_ADDRESS: NOWHERE };
    const { code, out, err } = await plumbline(['status'], { cwd: folder, env: away });
    expect(code).toBe(2);
    expect(out).toMatch(/the ledger cannot be reached[^]*Temporal cannot be reached[^]*clean +\?/);
    expect(out + err).not.toContain('hunter2secret');
  });

  it('a mistyped account is an error with a suggestion, not an empty list', async () => {
    for (const command of ['runs', 'events', 'discrepancies', 'interventions', 'verify']) {
      const { code, out, err } = await run(command, 'drifing');
      expect([command, code, out]).toEqual([command, 2, '']);
      expect(err).toContain('did you mean "drifting"?');
    }
  });

  it('--follow prints new rows as JSON lines until it is stopped', async () => {
    const io = testIo({ cwd: folder, env: env() });
    const seen = (): { run_number: number }[] =>
      io
        .out()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { run_number: number });
    const until = async (count: number): Promise<unknown> =>
      eventually(
        async () => seen().length,
        (length) => length >= count,
      );
    const following = main(['runs', 'clean', '--follow', '-o', 'json'], io);
    await until(1);
    await ledger.recordVerdict(verdict('clean', 2));
    await ledger.recordVerdict(verdict('clean', 3));
    await until(3);
    io.stop();
    expect(await following).toBe(0);
    expect(seen().map((line) => line.run_number)).toEqual([1, 2, 3]);
  }, 30_000);

  it('verify --heads prints the heads to keep, and --against finds those no longer in the chain', async () => {
    const heads = (await run('verify', '--heads')).out;
    const { sequence, hash } = (await ledger.events('clean', { limit: 1 }))[0] ?? {};
    expect(heads.split('\n')).toContain(`clean ${sequence} ${hash}`);
    expect((await json('verify', 'clean', '--heads')).answer).toEqual({
      heads: [{ account: 'clean', sequence, hash }],
    });

    const against = async (text: string, ...argv: string[]) => {
      await writeFile(join(folder, 'heads'), text);
      return run('verify', '--against', 'heads', ...argv);
    };
    await ledger.recordVerdict(verdict('clean', 90));
    expect(await against(`# of today\n${heads}`)).toMatchObject({ code: 0, err: '' });
    expect(await against(JSON.stringify((await json('verify')).answer))).toMatchObject({ code: 0 });
    expect(await against(JSON.stringify((await json('verify', '--heads')).answer))).toMatchObject({ code: 0 });
    expect((await against(`clean ${sequence} ${hash}`)).err).toMatch(/\d accounts? without a kept head/);

    const other = 'f'.repeat(64);
    const gone = await against(`clean ${sequence} ${other}\nclean 999 ${other}\ngone 3 ${other}\n`);
    expect(gone.code).toBe(2);
    expect(gone.out).toMatch(new RegExp(`clean event ${sequence}: has the hash ${hash}; kept elsewhere is ${other}`));
    expect(gone.out).toMatch(/clean event 999: is not there; its hash was kept elsewhere as f+/);
    expect(gone.out).toMatch(
      /gone event 3: is among the heads that were kept, and the ledger does not know the account/,
    );
    expect(await against(`gone 3 ${other}`, 'clean')).toMatchObject({ code: 0 });
  });

  it.each([
    ['', /heads holds no heads/],
    ['clean 12', /line 1 of heads is not a head/],
    [`# ok\nclean 12 xyz`, /line 2 of heads is not a head/],
    [`clean -1 ${'f'.repeat(64)}`, /line 1 of heads is not a head/],
    [`clean 1e400 ${'f'.repeat(64)}`, /line 1 of heads is not a head/],
    [`Cl\0ean 1 ${'f'.repeat(64)}`, /line 1 of heads is not a head/],
    ['{"heads"', /heads is not JSON/],
    ['{"heads":[{"account":"clean"}]}', /heads holds no readable list of heads/],
  ])('verify --against refuses %j', async (text, message) => {
    await writeFile(join(folder, 'heads'), text);
    expect(await run('verify', '--against', 'heads')).toMatchObject({ code: 2, err: expect.stringMatching(message) });
  });

  it('verify --against refuses a missing file, and a combination with --heads', async () => {
    expect(await run('verify', '--against', 'nowhere')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/nowhere cannot be read/),
    });
    expect(await run('verify', '--heads', '--against', 'heads')).toMatchObject({ code: 64 });
  });

  it('verify: accepts an intact ledger, and finds changes', async () => {
    expect(await run('verify')).toMatchObject({ code: 0, out: expect.stringMatching(/✓ proven {2}clean[^]*drifting/) });
    const { sequence, hash } = (await ledger.events('clean', { limit: 1 }))[0] ?? {};
    expect(await json('verify', 'clean')).toMatchObject({
      code: 0,
      answer: { proven: true, accounts: [{ account: 'clean', faults: [], last_event: { sequence, hash } }] },
    });
    expect((await run('verify', 'clean')).out).toContain(`last event ${sequence} ${hash}`);

    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('ALTER TABLE plumbline.event DISABLE TRIGGER ALL');
      await client.query(
        `UPDATE plumbline.event SET type = 'RECONCILIATION_FAILED' WHERE account = 'clean' AND sequence = 1`,
      );
    } finally {
      await client.end();
    }
    const { code, out } = await run('verify');
    expect(code).toBe(2);
    expect(out).toMatch(/✗ \d+ faults? +clean[^]*clean event 1: /);
  });

  it('migrate: is safe to repeat, and reports what could not be done', async () => {
    const { code, out, err } = await run('migrate');
    expect(code).toBe(2);
    expect(out).toContain('ledger: the schema is up to date');
    expect(err).toContain(NOWHERE);
  });
});
