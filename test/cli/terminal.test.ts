import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { processIo } from '../../src/cli/terminal/io.js';
import { seen, terminalLine } from '../../src/cli/terminal/own-codes.js';
import { styleOf } from '../../src/cli/terminal/style.js';
import { visibleWidth } from '../../src/cli/terminal/width.js';
import { columns, wrap } from '../../src/cli/terminal/table.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { visibleLines } from '../../src/domain/text/shown-text.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { SEQUENCES, UNSEEN } from '../domain/unseen-characters.js';
import { confirmed, verdict } from '../ledger/records.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { plumbline } from './test-io.js';

/** All kinds, in texts that are short enough for an id. */
const HOSTILE = [
  ...SEQUENCES,
  ...Array.from(
    { length: Math.ceil(UNSEEN.length / 20) },
    (_, at) => `x${UNSEEN.slice(20 * at, 20 * at + 20).join('y')}z`,
  ),
];

/** Our own colours, as `picocolors` writes them. */
// oxlint-disable-next-line no-control-regex
const COLOUR = /\u001B\[(?:1|2|22|31|32|33|39)m/g;

function expectVisible(text: string): void {
  expect(visibleLines(text)).toBe(text);
}

describe('a terminal that does not know its width', () => {
  const known = Object.getOwnPropertyDescriptor(process.stdout, 'columns');
  afterEach(() => {
    if (known === undefined) Reflect.deleteProperty(process.stdout, 'columns');
    else Object.defineProperty(process.stdout, 'columns', known);
  });
  it.each([
    [0, 80],
    [undefined, 80],
    [20, 20],
  ])('and reports %p columns is taken to have %i', (columns, expected) => {
    Object.defineProperty(process.stdout, 'columns', { value: columns, configurable: true });
    expect(processIo().stdout.columns).toBe(expected);
  });
});

describe('a line for a terminal', () => {
  const style = styleOf(true);
  it.each(HOSTILE)('with %j shows it as text, within and beside our colours', (text) => {
    for (const line of [
      text,
      style.bad(text),
      `${style.strong(`a ${text} b`)} ${text}`,
      style.faint(style.good(text)),
    ]) {
      const shown = terminalLine(line);
      const outside = text.match(COLOUR) ?? [];
      expectVisible(shown.replaceAll(COLOUR, ''));
      // A colour from outside is text: only our own remain.
      const ours = terminalLine(line.replace(text, 'x').replace(text, 'x')).match(COLOUR) ?? [];
      expect(shown.match(COLOUR) ?? []).toEqual(ours);
      expect(outside.every((code) => !shown.replaceAll(COLOUR, '').includes(code))).toBe(true);
    }
  });

  it('has columns and line breaks that count visible characters', () => {
    const rows = columns([
      ['a\u202eb', 'x'],
      [style.bad('12345678'), 'y'],
    ]);
    expect(rows.map(terminalLine).map((row) => row.replaceAll(COLOUR, ''))).toEqual(['a\\u202eb  x', '12345678  y']);
    expect(rows.map(visibleWidth)).toEqual([11, 11]);
    expect(wrap('id a\nb\tc', 80)).toEqual(['id a\\u000ab\\u0009c']);
    expect(seen(seen(style.good('a\u001b[1m')))).toBe(seen(style.good('a\u001b[1m')));
  });
});

describe('commands over hostile texts', () => {
  let cwd: string;
  let database: TestDatabase;
  let ledger: Ledger;
  const env = (): Record<string, string> => ({ LEDGER_URL: database.url, TEMPORAL_ADDRESS: '127.0.0.1:1' });
  const run = async (...argv: string[]) => plumbline(argv, { cwd, env: env() });
  const onTerminal = async (...argv: string[]) => plumbline(argv, { cwd, env: env(), tty: true });

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'plumbline-terminal-'));
    await writeFile(
      join(cwd, 'plumbline.yaml'),
      'accounts:\n  main:\n    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }\n' +
        '    internal: { kind: file, path: state.json }\nledger: { url_env: LEDGER_URL }\n',
    );
    database = await createLedgerDatabase();
    ledger = createLedger(database.url);
    await recordHostileScenario(ledger);
  }, 60_000);
  afterAll(async () => {
    await ledger.close();
    await database.drop();
    await rm(cwd, { recursive: true });
  });

  it.each([
    ['runs', 'main', '-n', '500'],
    ['events', 'main', '-n', '1000'],
    ['discrepancies', 'main', '-n', '500'],
    ['interventions', 'main'],
    ['status'],
    ['status', 'main'],
    ['verify'],
  ])('%s %s: nothing reaches the terminal raw, and the JSON is exact', async (...argv) => {
    const plain = await run(...argv);
    expect(plain.out.length).toBeGreaterThan(20);
    expectVisible(plain.out + plain.err);
    const coloured = await onTerminal(...argv);
    expectVisible(coloured.out.replaceAll(COLOUR, '') + coloured.err.replaceAll(COLOUR, ''));
    const json = await run(...argv, '-o', 'json');
    expectVisible(json.out);
    expect(() => JSON.parse(json.out) as unknown).not.toThrow();
  });

  it.each([[['--tty']], [[]]])(
    'compare %j: ids, symbols and reasons of a bot are text, and exact in JSON',
    async (tty) => {
      const side = (orders: unknown[]) =>
        JSON.stringify({
          version: 1,
          as_of: '2026-11-22T15:00:00.000Z',
          scopes: ['positions', 'orders'],
          gaps: [{ scope: 'balances', reason: `not asked ${HOSTILE[0]}` }],
          positions: HOSTILE.map((symbol) => ({ symbol, side: 'long', amount: '1' })),
          orders,
        });
      const orders = HOSTILE.map((id) => ({
        id,
        client_order_id: id,
        symbol: `S${id}`,
        side: 'buy',
        type: 'limit',
        price: '1',
        amount: '1',
        filled: '0',
      }));
      await writeFile(join(cwd, 'a.json'), side(orders).replaceAll('"amount":"1"', '"amount":"2"'));
      await writeFile(join(cwd, 'b.json'), side(orders));
      const text = await plumbline(['compare', 'a.json', 'b.json'], { cwd, tty: tty.length > 0 });
      expect(text.code).toBe(1);
      expectVisible(text.out.replaceAll(COLOUR, ''));
      for (const id of HOSTILE) expect(text.out.replaceAll(/\s+/g, ' ')).toContain(seen(id).replaceAll(/ +/g, ' '));
      const json = await plumbline(['compare', 'a.json', 'b.json', '-o', 'json'], { cwd });
      expectVisible(json.out);
      const { differences } = JSON.parse(json.out) as { differences: { order_id: string | null }[] };
      const ids = new Set(differences.map((each) => each.order_id));
      for (const id of HOSTILE) expect(ids).toContain(id);
    },
  );

  it('errors quote their input as text', async () => {
    for (const word of HOSTILE.filter((each) => !each.startsWith('-'))) {
      for (const argv of [
        [word],
        ['runs', word],
        ['compare', word, word],
        ['runs', 'main', `--${word}`],
        ['diff', word],
      ]) {
        const { code, out, err } = await run(...argv);
        expect(code).not.toBe(0);
        expectVisible(out + err);
      }
    }
  });

  it('a configuration with hostile texts is reported as text, a line for each problem', async () => {
    const path = join(cwd, 'hostile.yaml');
    const text = JSON.stringify({
      accounts: Object.fromEntries(HOSTILE.map((name) => [name, { exchange: { id: name } }])),
    });
    await writeFile(path, text);
    const { out, err } = await run('check', '--config', path);
    expectVisible(out + err);
    expect(err.split('\n').length).toBeGreaterThan(HOSTILE.length);
  });
});

async function recordHostileScenario(ledger: Ledger): Promise<void> {
  await ledger.registerAccount({
    account: 'main',
    exchange: 'binanceusdm',
    policy: DEFAULT_POLICY,
    by: HOSTILE[0] ?? '',
  });
  for (const [index, text] of HOSTILE.entries()) {
    const run = index + 1;
    const difference = {
      type: 'POSITION_OPENED_EXTERNALLY',
      symbol: text,
      side: null,
      orderId: null,
      clientOrderId: null,
      exchange: { symbol: text, side: 'long', amount: '1', changedAt: null },
      internal: null,
    } as const;
    await ledger.recordVerdict(
      verdict(run, {
        requestedBy: [text],
        notCompared: [{ scope: text, missing: 'internal', reason: text }],
        confirmed: [{ ...confirmed(difference), description: `seen: ${text}`, remedy: `do: ${text}` }],
      }),
    );
  }
  const reasons = HOSTILE.map((text, index) => ({ action: text, text, at: new Date(1e12 + index).toISOString() }));
  await ledger.openIntervention({ account: 'main', interventionId: 'hostile', reasons });
}
