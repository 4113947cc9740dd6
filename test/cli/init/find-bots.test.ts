import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findBots, isFreqtrade } from '../../../src/cli/init/find-bots.js';
import { exchangeIdOf } from '../../../src/internal/freqtrade/exchange-names.js';
import { freqtrade, json, servers } from '../../internal/freqtrade/bot-server.js';

const portOf = (url: string): number => Number(new URL(url).port);

describe('bots that are found', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-init-'));
  });
  afterEach(async () => {
    await servers.end();
    await rm(folder, { recursive: true });
  });
  const find = async (ports: number[] = [], env: Record<string, string> = {}) => findBots({ cwd: folder, env, ports });
  async function write(name: string, content: unknown): Promise<void> {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  const bot = (name: string, port: number) => ({
    bot_name: name,
    exchange: { name: 'binance' },
    api_server: { enabled: true, listen_port: port },
  });

  it('are none in an empty folder', async () => {
    expect(await find([1])).toEqual({ freqtrades: [], databases: [], notes: [] });
  });

  it('are those with a configuration, those that answer first', async () => {
    const url = await freqtrade({});
    await write('user_data/config.json', bot('silent', 1));
    await write('user_data/config-live.json', bot('alpha', portOf(url)));
    await write('config.json', { name: 'of another program' });
    await write('user_data/config.broken.json', '{');
    const { freqtrades, notes } = await find([]);
    expect(freqtrades.map(({ file, url: at, isUp, settings }) => [file, at, isUp, settings?.botName])).toEqual([
      [join('user_data', 'config-live.json'), url, true, 'alpha'],
      [join('user_data', 'config.json'), 'http://127.0.0.1:1', false, 'silent'],
    ]);
    expect(notes).toEqual([expect.stringMatching(/config.broken.json is not JSON/)]);
  });

  it('are also those that only answer on a port', async () => {
    const url = await freqtrade({});
    const { freqtrades } = await find([portOf(url), 1]);
    expect(freqtrades).toEqual([{ kind: 'freqtrade', file: null, url, isUp: true, settings: null }]);
  });

  it('are counted once, by configuration and port', async () => {
    const url = await freqtrade({});
    await write('config.json', bot('alpha', portOf(url)));
    expect((await find([portOf(url)])).freqtrades).toHaveLength(1);
  });

  it('are databases of bots, and variables with the URL of one', async () => {
    await write('tradesv3.sqlite', '');
    await write('tradesv3.dryrun.sqlite', '');
    await write('data/grid.sqlite', '');
    const env = {
      DATABASE_URL: 'postgresql://u:p@h/d',
      BOT_DB_URL: 'mysql://h/d',
      PLUMBLINE_DATABASE_URL: 'postgres://h/ledger',
      DATABASE_URL_OLD: 'postgres://h/d',
    };
    expect((await find([], env)).databases).toEqual([
      { kind: 'sqlite', path: 'tradesv3.sqlite', bot: 'freqtrade', tradingMode: null },
      { kind: 'sqlite', path: join('data', 'grid.sqlite'), bot: 'hummingbot', tradingMode: null },
      { kind: 'url', variable: 'DATABASE_URL' },
    ]);
  });

  it.each([
    ['another JSON', { status: 'ok' }, 200],
    ['an error', { status: 'pong' }, 500],
    ['more than that', { status: 'pong', and: 'more' }, 200],
  ])('are no servers that answer with %s', async (_, body, status) => {
    const url = await servers.serve((__, response) => json(response, body, status));
    expect(await isFreqtrade(url)).toBe(false);
  });

  it('are no servers that never answer, or never end', async () => {
    const silent = await servers.serve(() => {});
    const endless = await servers.serve((_, response) => {
      response.writeHead(200);
      const writing = setInterval(() => response.write('x'.repeat(1000)), 1);
      response.on('close', () => clearInterval(writing));
    });
    const started = performance.now();
    expect(await Promise.all([silent, endless].map(isFreqtrade))).toEqual([false, false]);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("ccxt's id of a Freqtrade's exchange", () => {
  it.each([
    ['binance', 'futures', 'binanceusdm'],
    ['binance', 'spot', 'binance'],
    ['bybit', 'futures', 'bybit'],
    ['okx', 'futures', 'okx'],
    ['gateio', 'spot', 'gate'],
    ['huobi', 'spot', 'htx'],
    ['constructor', 'spot', 'constructor'],
  ] as const)('of %s and %s is %s', (name, mode, id) => {
    expect(exchangeIdOf(name, mode)).toBe(id);
  });
});
