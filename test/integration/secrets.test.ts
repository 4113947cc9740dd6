import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { temporal as proto } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { CATALOGUE } from '../../src/cli/catalogue.js';
import { main } from '../../src/cli/program.js';
import { PlumblineClient } from '../../src/client.js';
import { migrateLedger } from '../../src/ledger/create-ledger.js';
import { interventionWorkflowId, reconciliationWorkflowId } from '../../src/workflows/messages.js';
import { plumbline, testIo } from '../cli/test-io.js';
import { createTestDatabase } from '../support/postgres.js';
import { testTemporal, uniqueTaskQueue } from '../support/temporal.js';
import { HostileHost } from './support/hostile-host.js';
import { ECHOES, plantSecrets, searchFor, type PlantedSecrets } from './support/planted-secrets.js';
import { startWorkerProcess, type WorkerProcess } from './support/worker-process.js';
import { eventually } from './support/world.js';

/*
 * Secrets never leave the worker. The setup is a user's: a worker process, commands, a ledger, a Temporal server.
 * Exchange and bot echo everything that was sent to them and more, in every encoding. Then everything that any part
 * stored or printed is searched for any part of any secret.
 */

const PATIENCE_MS = 240_000;

let folder: string;
let planted: PlantedSecrets;
let leaks: (text: string) => string[];
let env: Record<string, string>;
let configPath: string;
let role: { name: string; databaseUrl: string; drop(): Promise<void> };
let client: PlumblineClient;
let connection: Connection;
let worker: WorkerProcess;
const accounts: { name: string; host: HostileHost; secrets: string[] }[] = [];
/** What each place stored or printed, by its name. */
const reported = new Map<string, string>();
const queue = uniqueTaskQueue('secrets');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-secrets-'));
  planted = plantSecrets();
  leaks = searchFor(planted);
  const temporal = await testTemporal();
  role = await databaseOfARole(planted.password);
  await migrateLedger(role.databaseUrl);
  const pemFile = join(folder, 'secret.pem');
  await writeFile(pemFile, planted.pem, { mode: 0o600 });
  env = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    PLUMBLINE_LOG_LEVEL: 'trace',
    PLANTED_KEY: planted.patternKey,
    PLANTED_SECRET: planted.base64Secret,
    PLANTED_OTHER_KEY: planted.plainKey,
    PLANTED_PEM_FILE: pemFile,
    PLANTED_TOKEN: planted.token,
    PLANTED_DATABASE_URL: role.databaseUrl,
  };
  const { patternKey, base64Secret, plainKey, pem, token } = planted;
  accounts.push(
    {
      name: uniqueTaskQueue('first'),
      host: await HostileHost.start(),
      secrets: [patternKey, base64Secret, token],
    },
    { name: uniqueTaskQueue('other'), host: await HostileHost.start(), secrets: [plainKey, pem, token] },
  );
  configPath = join(folder, 'plumbline.yaml');
  await writeFile(configPath, configuration());
  connection = await Connection.connect({ address: temporal.address });
  client = new PlumblineClient(new TemporalClient({ connection, namespace: temporal.namespace }), queue);
  worker = await startWorkerProcess(configPath, env, './crash-on-signal.mjs');
  await play();
}, PATIENCE_MS);

afterAll(async () => {
  worker?.kill();
  for (const { name } of accounts)
    await client.temporal.workflow
      .getHandle(reconciliationWorkflowId(name))
      .terminate()
      .catch(() => {});
  await connection?.close();
  await Promise.all(accounts.map(({ host }) => host.stop()));
  await role?.drop();
  await rm(folder, { recursive: true, force: true });
}, PATIENCE_MS);

/** JSON is YAML. */
function configuration(): string {
  const keys = [
    { api_key_env: 'PLANTED_KEY', secret_env: 'PLANTED_SECRET' },
    { api_key_env: 'PLANTED_OTHER_KEY', secret_file: env['PLANTED_PEM_FILE'] },
  ];
  return JSON.stringify({
    reconciliation: { confirm_interval_seconds: 1, grace_seconds: 0, retry_seconds: 0, failure_threshold: 3 },
    accounts: Object.fromEntries(
      accounts.map(({ name, host }, index) => [
        name,
        {
          exchange: { id: 'binanceusdm', base_url: host.url, deadline_seconds: 60, ...keys[index] },
          internal: { kind: 'http', url: `${host.url}/state`, token_env: 'PLANTED_TOKEN', deadline_seconds: 60 },
        },
      ]),
    ),
    ledger: { url_env: 'PLANTED_DATABASE_URL' },
    worker: { task_queue: queue, metrics_port: 0 },
    serve: { port: 0 },
  });
}

/** A database whose user has the planted password. */
async function databaseOfARole(password: string): Promise<typeof role> {
  const database = await createTestDatabase();
  const name = `r${Date.now()}_${Math.floor(Math.random() * 1e6)}`;
  const admin = async (sql: string): Promise<void> => {
    const session = new Client({ connectionString: database.url });
    await session.connect();
    try {
      await session.query(sql);
    } finally {
      await session.end();
    }
  };
  await admin(`create role ${name} login superuser password ${quoted(password)}`);
  const url = new URL(database.url);
  url.username = name;
  url.password = encodeURIComponent(password);
  return {
    name,
    databaseUrl: url.href,
    // The role disappears with the server, which ends after the tests.
    drop: async () => database.drop(),
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Keeps a command's output; a failing command prints most. */
async function command(...argv: string[]): Promise<number> {
  return commandWith({}, ...argv);
}

async function commandWith(other: Record<string, string>, ...argv: string[]): Promise<number> {
  const options = { cwd: folder, env: { ...env, ...other } };
  const { code, out, err } = await plumbline([...argv, '--config', configPath], options);
  const name = `plumbline ${argv.join(' ')}`;
  reported.set(name, `${reported.get(name) ?? ''}${out}${err}`);
  return code;
}

async function play(): Promise<void> {
  expect(await command('apply', '--dry-run')).toBe(0);
  expect(await command('apply')).toBe(0);
  const first = await Promise.all(accounts.map(async ({ name }) => client.runNow(name, 'test')));
  expect(first.map(({ outcome }) => outcome)).toEqual(['matched', 'matched']);
  for (let round = 0; round < ECHOES.length + 3; round++) await playRound(round);
  for (const { host } of accounts) for (const side of ['exchange', 'bot'] as const) host.echo(side, 0, null);
  await readAll();
  await everyOtherCommand();
  reported.set("the worker's metrics", await (await fetch(`${worker.metricsUrl}/metrics`)).text());
}

/** Each encoding from both sides at once, then some from the bot alone, so that its failure becomes the run's. */
async function playRound(round: number): Promise<void> {
  const [, echo = (text: string) => text] = ECHOES[round % ECHOES.length] ?? [];
  const [{ host } = { host: null }] = accounts;
  if (host === null) throw new Error('there is an account');
  for (const { host: own, secrets } of accounts) {
    const texts = secrets.map(echo);
    own.echo('exchange', round, round < ECHOES.length ? texts : null);
    // Combines different encodings and different ways to fail.
    own.echo('bot', round + 3, texts);
  }
  // Symbols that no exchange has cost their own rows, and the position that the bot left out is a drift.
  const areSymbols = round >= ECHOES.length && host.echoesSymbols;
  const outcomes = await Promise.all(accounts.map(async ({ name }) => client.runNow(name, 'test')));
  const outcome = areSymbols ? 'drifted' : 'failed';
  expect(outcomes.map((run) => run.outcome)).toEqual([outcome, outcome]);
  const { name } = accounts[round % 2] ?? { name: '' };
  expect(await command('diff', name, ...(round % 4 < 2 ? ['-o', 'json'] : []))).toBe(areSymbols ? 1 : 2);
  expect(await command('check', name, ...(round % 4 < 2 ? ['-o', 'json'] : []))).toBe(areSymbols ? 0 : 1);
}

async function everyOtherCommand(): Promise<void> {
  const [first] = accounts;
  if (first === undefined) throw new Error('there is an account');
  const { name } = first;
  await eventually(
    async () => client.intervention(name),
    (call) => call !== null && call.notifiedTimes > 0,
    PATIENCE_MS,
  );
  const commands = [
    ['migrate'],
    ['status'],
    ['status', name, '-o', 'json'],
    ['runs', name],
    ['runs', name, '-o', 'json', '--limit', '100'],
    ['events', name],
    ['events', name, '-o', 'json', '--limit', '100'],
    ['discrepancies', name],
    ['interventions', '-o', 'json'],
    ['verify', name],
    ['snooze', name, '--for', '1h', '--by', 'ada', '--note', 'on it'],
    ['acknowledge', name, '--by', 'ada', '--note', 'seen'],
    ['accept', name, '--for', '1h', '--by', 'ada', '--note', 'known'],
    ['resolve', name, '00000000-0000-0000-0000-000000000000', '--by', 'ada', '--note', 'gone'],
    ['repair', name, '--by', 'ada'],
    ['pause', name, '--by', 'ada', '--reason', 'maintenance'],
    ['resume', name, '--by', 'ada'],
    ['force-run', name, '--by', 'ada'],
    ['run', name],
    ['notify', 'test', 'log'],
    ['check'],
    ['explain', 'ORDER_AMENDED_EXTERNALLY'],
    ['versions'],
  ];
  for (const argv of commands) await command(...argv);
  // A database that does not exist, one that refuses the user, and a server that is not PostgreSQL.
  for (const [from, to] of [
    [/\/[^/]*$/, '/nowhere'],
    [/\/\/[^:]*:/, '//nobody:'],
    [/:\d+\//, ':1/'],
  ] as const) {
    const broken = { PLANTED_DATABASE_URL: role.databaseUrl.replace(from, to) };
    for (const argv of [
      ['runs', name],
      ['migrate', '-o', 'json'],
      ['check', name],
    ]) {
      if (to !== '/nowhere' || argv[0] !== 'migrate') expect(await commandWith(broken, ...argv)).not.toBe(0);
    }
  }
  const document = join(folder, 'books.json');
  await writeFile(
    document,
    JSON.stringify({ version: 1, as_of: new Date().toISOString(), scopes: ['positions'], positions: [] }),
  );
  await command('compare', document, document);
  await command('token', 'new', '--name', 'ada', '--role', 'viewer');
  await init(first.host.url);
  await serve(name);
}

/** Writes a configuration beside a bot whose own file holds secrets, and checks it. */
async function init(url: string): Promise<void> {
  const exchange = { name: 'binance', key: planted.patternKey, secret: planted.base64Secret };
  const bot = { exchange, api_server: { enabled: true, listen_port: 1, password: planted.token } };
  await writeFile(join(folder, 'config.json'), JSON.stringify(bot));
  const flags = {
    '--exchange': 'binanceusdm',
    '--exchange-url': url,
    '--bot': 'http',
    '--bot-url': `${url}/state`,
    '--token-env': 'PLANTED_TOKEN',
    '--key-env': 'PLANTED_KEY',
    '--secret-env': 'PLANTED_SECRET',
    '--file': 'written.yaml',
  };
  const options = { cwd: folder, env: { ...env } };
  const checked = await plumbline(['init', ...Object.entries(flags).flat()], options);
  const found = await plumbline(['init', '--yes', '--print', '--ports', ''], options);
  expect(found.code).toBe(0);
  reported.set('plumbline init', [checked.out, checked.err, found.out, found.err].join('\n'));
  reported.set('what plumbline init wrote', await readFile(join(folder, 'written.yaml'), 'utf8'));
}

/** Starts `plumbline serve` and reads every page. */
async function serve(account: string): Promise<void> {
  const io = testIo({ cwd: folder, env: { ...env } });
  const served = main(['serve', '--port', '0', '--config', configPath], io);
  const url = await eventually(
    async () => /"url":"(http[^"]+)"/.exec(io.err())?.[1] ?? null,
    (found) => found !== null,
    PATIENCE_MS,
  );
  const of = `/v1/accounts/${account}`;
  for (const page of [
    '/',
    '/metrics',
    '/v1/accounts',
    of,
    `${of}/runs?limit=100`,
    `${of}/events?limit=100`,
    `${of}/discrepancies`,
    `${of}/gate`,
  ]) {
    const response = await fetch(`${url}${page}`);
    reported.set(`GET ${page}`, await response.text());
  }
  io.stop();
  expect(await served).toBe(0);
  reported.set('plumbline serve', io.out() + io.err());
}

/** Reads histories and tables as they are stored. */
async function readAll(): Promise<void> {
  for (const { name } of accounts) {
    for (const id of [reconciliationWorkflowId(name), interventionWorkflowId(name)]) {
      const handle = client.temporal.workflow.getHandle(id);
      const history = await handle.fetchHistory();
      reported.set(`history of ${id}`, historyToJSON(history));
      // In these bytes payloads are plain and not in base64.
      const bytes = proto.api.history.v1.History.encode(history).finish();
      reported.set(`history of ${id}, bytes`, Buffer.from(bytes).toString('utf8'));
      reported.set(`description of ${id}`, JSON.stringify(await handle.describe(), withoutBigInt));
    }
  }
  const session = new Client({ connectionString: role.databaseUrl });
  await session.connect();
  const tables = await session.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'plumbline'`,
  );
  for (const { name } of tables.rows) {
    const rows = await session.query<{ row: string }>(`select row_to_json(t)::text as row from plumbline.${name} t`);
    reported.set(`table ${name}`, rows.rows.map(({ row }) => row).join('\n'));
  }
  const bodies = await session.query<{ deflated: Buffer }>('select deflated from plumbline.snapshot_body');
  const texts = await Promise.all(bodies.rows.map(async ({ deflated }) => promisify(inflate)(deflated)));
  reported.set('snapshots', texts.map(String).join('\n'));
  await session.end();
}

function withoutBigInt(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

describe('planted secrets, echoed by exchange and bot in every encoding', () => {
  it('would be found by this search, whole or truncated, in every encoding', () => {
    for (const [name, secret] of Object.entries(planted)) {
      const body = secret.replace(/^-----BEGIN[^-]*-----\s*|\s*-----END[^]*$/g, '');
      for (const [, echo] of ECHOES) {
        // If two encodings give the same text, the first is reported.
        expect(leaks(`{"message":"${echo(body)}"}`)).toContainEqual(expect.stringContaining(`${name}, `));
      }
      expect(leaks(body.slice(-20))).not.toEqual([]);
    }
    expect(leaks('nothing of the kind')).toEqual([]);
  });

  it('were echoed: the stored and printed texts show where they were', () => {
    const shown = [...reported].filter(([, text]) => text.includes('[redacted]')).map(([place]) => place);
    for (const place of ['table run', 'table event', 'table intervention']) expect(shown).toContain(place);
    for (const { name } of accounts) {
      expect(shown).toContain(`history of ${reconciliationWorkflowId(name)}, bytes`);
      expect(shown).toContain(`history of ${interventionWorkflowId(name)}, bytes`);
      expect(shown).toContain(`plumbline diff ${name} -o json`);
      expect(shown).toContain(`plumbline check ${name}`);
    }
    expect(shown).toContain(`plumbline runs ${accounts[0]?.name} -o json --limit 100`);
    expect(worker.said()).toContain('[redacted]');
  });

  it('leave no command out', () => {
    const commands = [...reported.keys()].map((place) => /^plumbline ([a-z-]+)/.exec(place)?.[1]);
    // The worker is the process itself; the simulator has no secrets.
    const others = CATALOGUE.map(({ name }) => name).filter((name) => !['worker', 'simulate'].includes(name));
    expect(others.filter((name) => !commands.includes(name))).toEqual([]);
  });

  it('occur nowhere in histories, tables, pages, metrics and command output', () => {
    const found = [...reported].flatMap(([place, text]) => leaks(text).map((leak) => `${place}: ${leak}`));
    expect(found).toEqual([]);
    expect(reported.size).toBeGreaterThan(40);
  });

  it(
    'occur neither in the log of the worker nor in the output of its crash',
    async () => {
      expect(leaks(worker.said())).toEqual([]);
      const before = worker.said().length;
      const { code } = await worker.crash();
      const lastWords = worker.said().slice(before);
      expect({ code, lastWords }).toEqual({
        code: 2,
        lastWords: expect.stringMatching(/Uncaught exception: [^]*\[redacted\]/),
      });
      expect(leaks(lastWords)).toEqual([]);
    },
    PATIENCE_MS,
  );
});
