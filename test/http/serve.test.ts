import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '../../src/logging/logger.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import type { ServedLedger } from '../../src/http/serve.js';
import { serve } from '../../src/http/serve.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import type { WatchView } from '../../src/watch/finding.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { parseExposition, valueOf } from './exposition.js';
import { recordScenario } from './ledger-scenario.js';
import { minutesAgo, ToldGates, totals } from './totals.js';

interface Answer {
  status: number;
  body: unknown;
  text: string;
  headers: Headers;
}

function quietLog() {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = createLogger({ name: 'serve', level: 'info', redactor: createRedactor(), destination, pretty: false });
  return { log, lines };
}

async function start(ledger: ServedLedger, options: { host?: string; deadlineMs?: number; watch?: WatchView } = {}) {
  const { log, lines } = quietLog();
  const served = await serve({ ledger, host: '127.0.0.1', port: 0, version: '1.2.3', log, ...options });
  return { ...served, lines };
}

async function ask(url: string): Promise<Answer> {
  const response = await fetch(url);
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    text,
    body: json ? (JSON.parse(text) as unknown) : null,
    headers: response.headers,
  };
}

describe('serve, on a real ledger', () => {
  let database: TestDatabase;
  let ledger: Ledger;
  let served: Awaited<ReturnType<typeof start>>;
  const get = async (path: string): Promise<Answer> => ask(served.url + path);

  beforeAll(async () => {
    database = await createLedgerDatabase();
    ledger = createLedger(database.url);
    await recordScenario(ledger);
    served = await start(ledger);
  }, 60_000);

  afterAll(async () => {
    await served.close();
    await ledger.close();
    await database.drop();
  });

  it('is alive and ready', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok', version: '1.2.3' } });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
  });

  it('counts in its metrics what the ledger recorded', async () => {
    const { status, text, headers } = await get('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const exposition = parseExposition(text);
    const of = (name: string, account: string, type?: string): number | null =>
      valueOf(exposition, name, { account, ...(type !== undefined && { type }) });
    expect(of('reconciliation_success_total', 'drifting')).toBe(3);
    expect(of('reconciliation_failure_total', 'drifting')).toBe(1);
    expect(of('reconciliation_consecutive_failures', 'drifting')).toBe(1);
    // Counted in every run that finds it; one is open.
    expect(of('reconciliation_discrepancy_total', 'drifting', 'POSITION_OPENED_EXTERNALLY')).toBe(2);
    expect(of('reconciliation_open_discrepancies', 'drifting', 'POSITION_OPENED_EXTERNALLY')).toBe(1);
    expect(of('reconciliation_discrepancy_total', 'drifting', 'ORDER_FILL_MISSED')).toBe(0);
    expect(of('reconciliation_gate_open', 'clean')).toBe(1);
    expect(of('reconciliation_gate_open', 'drifting')).toBe(0);
    expect(of('reconciliation_gate_open', 'fresh')).toBe(0);
    expect(of('reconciliation_discrepancy_total', 'fresh', 'BALANCE_CHANGED_EXTERNALLY')).toBe(0);
    expect(exposition.types.get('process_cpu_seconds_total')).toBe('counter');
  });

  it('lists the accounts with their open discrepancies', async () => {
    const { body } = await get('/v1/accounts');
    expect(body).toMatchObject({
      accounts: [
        { account: 'clean', last_outcome: 'matched', open_discrepancies: 0, gate: { open: true } },
        {
          account: 'drifting',
          last_outcome: 'failed',
          consecutive_failures: 1,
          failure_threshold: 3,
          open_discrepancies: 1,
          open_interventions: 1,
          totals: { success: 3, failure: 1, discrepancies_by_type: { POSITION_OPENED_EXTERNALLY: 2 } },
          gate: { open: false },
        },
        { account: 'fresh', last_outcome: null, last_success_at: null, gate: { open: false } },
      ],
    });
    expect((await get('/v1/accounts/drifting')).body).toMatchObject({ account: 'drifting', exchange: 'binanceusdm' });
  });

  it('opens the trading gate with 200, closes it with 423 and its reasons', async () => {
    expect(await get('/v1/accounts/clean/gate')).toMatchObject({
      status: 200,
      body: { account: 'clean', open: true, reasons: [], max_age_minutes: 90 },
    });
    expect(await get('/v1/accounts/drifting/gate')).toMatchObject({
      status: 423,
      body: {
        open: false,
        reasons: [expect.stringContaining('intervention'), expect.stringContaining('1 discrepancy is open')],
      },
    });
    expect(await get('/v1/accounts/fresh/gate')).toMatchObject({
      status: 423,
      body: { open: false, reasons: [expect.stringContaining('succeeded')], last_success_at: null },
    });
  });

  it('has a closed trading gate for an unknown account', async () => {
    expect(await get('/v1/accounts/mian/gate')).toMatchObject({ status: 404, body: { open: false } });
  });

  it('pages runs, newest first', async () => {
    const numbers = ({ body }: Answer): number[] =>
      (body as { runs: { run_number: number }[] }).runs.map((run) => run.run_number);
    expect(numbers(await get('/v1/accounts/drifting/runs'))).toEqual([4, 3, 2, 1]);
    expect(numbers(await get('/v1/accounts/drifting/runs?limit=1&before=4'))).toEqual([3]);
    expect((await get('/v1/accounts/drifting/runs?limit=1')).body).toMatchObject({
      runs: [{ outcome: 'failed', trigger: 'forced', failure: { kind: 'timeout', where: 'orders:regular:linear' } }],
    });
  });

  it('pages events, oldest first, without a gap', async () => {
    const { body } = await get('/v1/accounts/drifting/events?after=0');
    const { events } = body as { events: { sequence: number; hash: string; previous_hash: string }[] };
    expect(events.length).toBeGreaterThan(3);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events[1]?.previous_hash).toBe(events[0]?.hash);
    const rest = await get(`/v1/accounts/drifting/events?after=${events.length - 1}`);
    expect(rest.body).toMatchObject({ events: [{ sequence: events.length }] });
  });

  it('shows discrepancies with both sides and the remedy', async () => {
    expect((await get('/v1/accounts/drifting/discrepancies?state=open')).body).toMatchObject({
      discrepancies: [
        {
          state: 'open',
          type: 'POSITION_OPENED_EXTERNALLY',
          exchange: { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.500' },
          internal: null,
          times_seen: 2,
          remedy: expect.stringContaining('add 0.5 BTC long'),
        },
      ],
    });
    expect((await get('/v1/accounts/drifting/discrepancies?state=resolved')).body).toEqual({ discrepancies: [] });
  });

  it.each([
    ['/v1/accounts/mian', 404],
    ['/v1/accounts/mian/runs', 404],
    ['/v1/accounts/mian/events', 404],
    ['/v1/accounts/mian/discrepancies', 404],
    ['/v2', 404],
    ['/v1/accounts/clean/runs?limit=0', 400],
    ['/v1/accounts/clean/runs?limit=all', 400],
    ['/v1/accounts/clean/runs?before=-1', 400],
    ['/v1/accounts/clean/events?after=x', 400],
    ['/v1/accounts/clean/discrepancies?state=closed', 400],
    ['/v1/accounts/%E0%A4%A/gate', 400],
  ])('refuses %s with %d and says why', async (path, status) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error: { message: expect.stringMatching(/\w/) } });
  });

  it('never lets an answer be cached', async () => {
    for (const path of ['/metrics', '/v1/accounts/clean/gate', '/v2']) {
      expect((await get(path)).headers.get('cache-control')).toBe('no-store');
    }
  });

  it('lets nobody act without a token, and says how to make one', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      expect((await fetch(`${served.url}/v1/accounts/clean`, { method })).status).toBe(404);
    }
    const refused = await fetch(`${served.url}/v1/accounts/clean/pause`, { method: 'POST' });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { remedy: expect.stringContaining('plumbline token new') } });
  });

  it('answers on loopback for loopback names only', async () => {
    const { port } = new URL(served.url);
    const status = async (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        request({ host: '127.0.0.1', port, path: '/v1/accounts', headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await status(`localhost:${port}`)).toBe(200);
    expect(await status('[::1]')).toBe(200);
    expect(await status('rebound.example')).toBe(421);
    expect(await status(`127.0.0.1.rebound.example:${port}`)).toBe(421);
  });
});

describe('serve, while the ledger is unreachable', () => {
  const away = 'postgres://plumbline@127.0.0.1:1/nowhere';

  it('answers 503 to every request that needs it, with a closed trading gate, and stays alive', async () => {
    const ledger = createLedger(away);
    const served = await start(ledger);
    try {
      for (const path of ['/metrics', '/readyz', '/v1/accounts', '/v1/accounts/clean', '/v1/accounts/clean/runs']) {
        const { status, body } = await ask(served.url + path);
        expect([path, status]).toEqual([path, 503]);
        expect(body).toMatchObject({ error: { kind: 'ledger', remedy: expect.stringMatching(/\w/) } });
      }
      expect(await ask(`${served.url}/v1/accounts/clean/gate`)).toMatchObject({ status: 503, body: { open: false } });
      expect((await ask(`${served.url}/healthz`)).status).toBe(200);
      expect(served.lines.join('\n')).toContain('/metrics');
    } finally {
      await served.close();
      await ledger.close();
    }
  });

  it('answers within the deadline if the database accepts connections and does not answer', async () => {
    const silence = async (): Promise<never> => new Promise(() => {});
    const ledger = {
      accounts: silence,
      account: silence,
      runs: silence,
      events: silence,
      discrepancies: silence,
      interventions: silence,
      overview: silence,
      timeline: silence,
      loadObservations: silence,
      ping: silence,
      channelTotals: silence,
      storePush: silence,
      followGates: () => ({ ask: () => {}, close: async () => {} }),
    };
    const served = await start(ledger, { deadlineMs: 50 });
    try {
      expect(await ask(`${served.url}/v1/accounts/clean/gate`)).toMatchObject({ status: 503, body: { open: false } });
      expect(await ask(`${served.url}/metrics`)).toMatchObject({
        status: 503,
        body: { error: { message: expect.stringContaining('within 50 ms') } },
      });
    } finally {
      await served.close();
    }
  });
});

describe('serve', () => {
  const ledger: ServedLedger = {
    accounts: async () => [],
    account: async () => null,
    runs: async () => [],
    events: async () => [],
    discrepancies: async () => [],
    interventions: async () => [],
    overview: async () => [],
    timeline: async () => ({ spans: [], cutAt: null }),
    loadObservations: async () => [],
    ping: async () => {},
    channelTotals: async () => [],
    storePush: async () => ({ result: 'stored' }),
    followGates: new ToldGates().followGates,
  };

  it('closes the trading gate of an account that the watcher found silent, and says why', async () => {
    const finding = {
      kind: 'task_failing' as const,
      since: minutesAgo(2),
      text: 'its task fails',
      remedy: 'repair it',
    };
    const watch: WatchView = { findingOf: (name) => (name === 'main' ? finding : null), temporalUp: () => true };
    const accounts = [totals(), totals({ account: 'other' })];
    const known: ServedLedger = {
      ...ledger,
      accounts: async () => accounts,
      account: async (name) => accounts.find(({ account }) => account === name) ?? null,
      followGates: new ToldGates(accounts).followGates,
    };
    const served = await start(known, { watch });
    try {
      const tradingGate = async (name: string) => ask(`${served.url}/v1/accounts/${name}/gate`);
      expect(await tradingGate('main')).toMatchObject({
        status: 423,
        body: { open: false, reasons: ['its task fails'] },
      });
      expect(await tradingGate('other')).toMatchObject({ status: 200, body: { open: true } });
      expect((await ask(`${served.url}/v1/accounts`)).body).toMatchObject({
        accounts: [
          { silent: { kind: 'task_failing', since: minutesAgo(2).toISOString(), remedy: 'repair it' } },
          { silent: null },
        ],
      });
    } finally {
      await served.close();
    }
  });

  it.each(['0.0.0.0', '::', '192.0.2.7', 'serve.example'])('does not listen on %s without tokens', async (host) => {
    await expect(start(ledger, { host })).rejects.toMatchObject({
      failure: { kind: 'configuration', remedy: expect.stringContaining('plumbline token new') },
    });
  });

  it('answers pending requests before it closes', async () => {
    let answer = (): void => {};
    let asked = (): void => {};
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    const slow: ServedLedger = {
      ...ledger,
      accounts: async () =>
        new Promise((resolve) => {
          answer = () => resolve([]);
          asked();
        }),
    };
    const served = await start(slow);
    const pending = ask(`${served.url}/v1/accounts`);
    await wasAsked;
    const closed = served.close();
    answer();
    expect((await pending).body).toEqual({ accounts: [] });
    await closed;
    await expect(fetch(`${served.url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('does not expose internal errors', async () => {
    const broken: ServedLedger = {
      ...ledger,
      accounts: async () => {
        throw new Error('postgres://user:password@host refused');
      },
    };
    const served = await start(broken);
    try {
      const { status, text } = await ask(`${served.url}/v1/accounts`);
      expect(status).toBe(500);
      expect(text).not.toContain('password');
    } finally {
      await served.close();
    }
  });
});
