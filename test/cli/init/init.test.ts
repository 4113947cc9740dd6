import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  DEMO_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../../packages/exchange-simulator/src/simulator.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { freqtrade, SECRETS, servers } from '../../internal/freqtrade/bot-server.js';
import { plumbline } from '../test-io.js';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'plumbline-init-')));
});
afterEach(async () => {
  await servers.end();
  await rm(folder, { recursive: true });
});

// No bot of this machine is found by its port.
const init = async (args: string[], options: { typed?: string; env?: Record<string, string> } = {}) =>
  plumbline(['init', '--ports', '', ...args], { cwd: folder, width: 400, ...options });
const names = async (): Promise<string[]> => (await readdir(folder)).toSorted();
const written = async (): Promise<string> => readFile(join(folder, 'plumbline.yaml'), 'utf8');

describe('plumbline init without a terminal', () => {
  const ALL = ['--exchange', 'binanceusdm', '--bot', 'freqtrade', '--bot-url', 'http://127.0.0.1:8080'];

  it('names every option that is missing, as wrong usage, and writes nothing', async () => {
    const { code, out, err } = await init([]);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(
      /stdin is not a terminal.*2 answers.*--bot freqtrade\|http\|file\|push\|sql\|nautilus\|hummingbot, --exchange ID/,
    );
    expect(await names()).toEqual([]);
  });

  it.each([
    [['--yes'], /with --yes nothing is asked/],
    [['-o', 'json'], /with -o json nothing is asked/],
    [['--exchange', 'okx', '--bot', 'http'], /missing: --bot-url URL/],
    [['--exchange', 'okx', '--bot', 'file'], /missing: --bot-file FILE/],
    [['--exchange', 'okx', '--bot', 'sql'], /missing: --database-env NAME/],
    [['--exchange', 'okx', '--bot', 'push', '--notify', 'telegram'], /missing: --notify-set chat_id=/],
    [['--exchange', 'binanse', '--bot', 'push'], /--exchange ID: .*did you mean "binance"/],
    [['--exchange', 'okx', '--bot', 'push', '--account', 'A b'], /--account NAME: a name has a-z/],
    [
      ['--exchange', 'okx', '--bot', 'push', '--key-env', 'k3y'.repeat(10)],
      /--key-env NAME: .*name of an environment variable/,
    ],
    [['--exchange', 'okx', '--bot', 'http', '--bot-url', 'ftp://x'], /--bot-url URL: .*http:\/\//],
    [['--exchange', 'okx', '--bot', 'push', '--notify-set', 'a=b'], /--notify-set needs --notify/],
    [['--exchange', 'okx', '--bot', 'push', '--notify', 'ntfy', '--notify-set', 'x'], /field=value/],
    [['--exchange', 'okx', '--bot', 'nonsense'], /Allowed choices are freqtrade/],
    [['--exchange', 'okx', '--bot', 'push', '--print', '--env-file'], /--print writes nothing/],
  ])('refuses %j as wrong usage', async (args, message) => {
    const { code, err } = await init(args);
    expect({ code, err }).toEqual({ code: 64, err: expect.stringMatching(message) });
    expect(await names()).toEqual([]);
  });

  it('writes a file that every command loads, and says what to do next in the right order', async () => {
    const { code, out } = await init([...ALL, '--bot-name', 'alpha']);
    expect(code).toBe(0);
    const { accounts } = loadConfig(join(folder, 'plumbline.yaml'));
    expect(accounts).toMatchObject([
      {
        name: 'alpha',
        exchange: {
          id: 'binanceusdm',
          credentials: { apiKey: { env: 'BINANCE_KEY' }, secret: { env: 'BINANCE_SECRET' } },
        },
        internal: [
          { source: { kind: 'freqtrade', bot: { botName: 'alpha' }, username: { env: 'FREQTRADE_USERNAME' } } },
        ],
      },
    ]);
    const order = [
      'export BINANCE_KEY=',
      'export FREQTRADE_PASSWORD=',
      ' check --config',
      ' dev --config',
      ' status alpha',
      ' apply -f',
    ];
    const places = order.map((text) => out.indexOf(text));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(out).toContain('Nobody is called yet');
    expect(await names()).toEqual(['plumbline.yaml']);
  });

  it.each([
    ['okx', ['OKX_KEY', 'OKX_SECRET', 'OKX_PASSPHRASE']],
    ['hyperliquid', ['HYPERLIQUID_ADDRESS']],
    ['kucoinfutures', ['KUCOIN_KEY', 'KUCOIN_SECRET', 'KUCOIN_PASSPHRASE']],
    ['kraken', ['KRAKEN_KEY', 'KRAKEN_SECRET']],
  ])('names the credentials that %s needs', async (id, variables) => {
    const { out } = await init(['--exchange', id, '--bot', 'push', '-o', 'json']);
    const document = z.object({ variables: z.array(z.object({ name: z.string() })) }).parse(JSON.parse(out));
    expect(document.variables.map(({ name }) => name)).toEqual(variables);
  });

  it.each([
    ['push', [], / token new --name bot --role push --accounts main/],
    ['http', ['--bot-url', 'http://127.0.0.1:8081/state'], /Let the bot answer http:\/\/127.0.0.1:8081\/state/],
    ['file', ['--bot-file', 'state.json'], /write its state to state.json/],
    ['sql', ['--database-env', 'BOT_DB'], /Replace the example queries/],
    ['hummingbot', ['--bot-file', 'data/a.sqlite', '--connector', 'okx_perpetual'], /docs\/hummingbot.md/],
    ['nautilus', ['--trader-id', 'T-1'], /export NAUTILUS_REDIS_URL=/],
  ])('says what a bot of kind %s still needs', async (kind, args, step) => {
    const { code, out } = await init(['--exchange', 'okx', '--bot', kind, ...args]);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(step) });
  });

  it('sets any channel, and names what it needs', async () => {
    const args = [
      '--notify',
      'email',
      '--notify-set',
      'host=mail',
      'from=a@b.c',
      'to=d@e.f,g@h.i',
      'port=25',
      'tls=none',
    ];
    expect((await init(['--exchange', 'okx', '--bot', 'push', ...args])).code).toBe(0);
    expect(loadConfig(join(folder, 'plumbline.yaml')).notify.channels).toMatchObject([
      { kind: 'email', settings: { to: ['d@e.f', 'g@h.i'], port: 25 } },
    ]);
  });

  it('prints alone with --print: the file on stdout, and nothing is written', async () => {
    await writeFile(join(folder, 'plumbline.yaml'), 'mine');
    const { code, out } = await init([...ALL, '--print']);
    expect(code).toBe(0);
    expect(out).toMatch(/^# yaml-language-server/);
    expect(await written()).toBe('mine');
  });

  it.each(['a file', 'a link to a file', 'a link to nowhere'])('does not overwrite %s', async (what) => {
    if (what === 'a file') await writeFile(join(folder, 'plumbline.yaml'), 'mine');
    else await symlink(what === 'a link to a file' ? '/etc/passwd' : 'nowhere', join(folder, 'plumbline.yaml'));
    const { code, err } = await init(ALL);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/plumbline.yaml exists.*\n.*--force/) });
    expect(await names()).toEqual(['plumbline.yaml']);
  });

  it('overwrites with --force, behind a link, too', async () => {
    await mkdir(join(folder, 'real'));
    await writeFile(join(folder, 'real', 'it.yaml'), 'mine');
    await symlink(join('real', 'it.yaml'), join(folder, 'plumbline.yaml'));
    expect((await init([...ALL, '--force'])).code).toBe(0);
    expect(await readFile(join(folder, 'real', 'it.yaml'), 'utf8')).toContain('binanceusdm');
    expect(await readdir(join(folder, 'real'))).toEqual(['it.yaml']);
  });

  it.each([
    ['missing/plumbline.yaml', /create its folder first/],
    ['taken/plumbline.yaml', /choose a path in a folder/],
  ])('says why %s cannot be written', async (file, message) => {
    await writeFile(join(folder, 'taken'), '');
    const { code, err } = await init([...ALL, '--file', file]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) });
    expect(await names()).toEqual(['taken']);
  });
});

describe('plumbline init beside a Freqtrade', () => {
  const PASSWORD = `it's $HOME "secret" \\ of the API`;
  const config = (fields: Record<string, unknown> = {}) =>
    JSON.stringify({
      bot_name: 'Alpha: #1',
      trading_mode: 'futures',
      exchange: { name: 'binance', key: 'KEY-OF-THE-BOT', secret: 'SECRET-OF-THE-BOT' },
      api_server: { enabled: true, listen_port: 1, username: 'freqtrader', password: PASSWORD },
      ...fields,
    });
  const place = async (text = config()): Promise<void> => {
    await mkdir(join(folder, 'user_data'), { recursive: true });
    await writeFile(join(folder, 'user_data', 'config.json'), text);
  };

  it('takes with --yes what its configuration says, and no secret', async () => {
    await place();
    expect((await init(['--yes'])).code).toBe(0);
    expect(loadConfig(join(folder, 'plumbline.yaml')).accounts).toMatchObject([
      {
        name: 'alpha-1',
        exchange: { id: 'binanceusdm' },
        internal: [{ source: { url: 'http://127.0.0.1:1', bot: { botName: 'Alpha: #1' } } }],
      },
    ]);
    for (const secret of ['OF-THE-BOT', 'freqtrader', 'secret"']) expect(await written()).not.toContain(secret);
  });

  it('takes the file that is named, on spot with the wallet as lower bound', async () => {
    await writeFile(join(folder, 'bot.json'), config({ trading_mode: 'spot', exchange: { name: 'okx' } }));
    const { code } = await init(['--freqtrade-config', 'bot.json']);
    expect(code).toBe(0);
    const [account] = loadConfig(join(folder, 'plumbline.yaml')).accounts;
    expect(account).toMatchObject({ exchange: { id: 'okx' }, policy: { atLeast: ['*'] } });
    expect(account?.internal).toMatchObject([{ source: { bot: { tradingMode: 'spot' } } }]);
  });

  it.each([
    ['is missing', null, /there is no such file/],
    ['is no JSON', 'PASSWORD', /is not JSON/],
  ])('says that a named file %s', async (_, text, message) => {
    if (text !== null) await writeFile(join(folder, 'bot.json'), text);
    const { code, err } = await init(['--freqtrade-config', 'bot.json', '--yes']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) });
    expect(err).not.toContain('PASSWORD');
  });

  it('says that its API is off and that it is a dry run', async () => {
    await place(config({ dry_run: true, api_server: { enabled: false } }));
    const { out } = await init(['--yes']);
    expect(out).toMatch(/Set api_server.enabled: true/);
    expect(out).toMatch(/The bot is a dry run/);
  });

  it('writes the variables on demand, for this user alone, so that a shell reads them exactly', async () => {
    await place();
    const { code, out } = await init(['--yes', '--env-file']);
    expect(code).toBe(0);
    expect(out).toContain('set -a; . ./plumbline.env; set +a');
    expect(out).not.toContain('$HOME');
    expect((await stat(join(folder, 'plumbline.env'))).mode & 0o777).toBe(0o600);
    const read = execFileSync(
      '/bin/sh',
      ['-c', '. ./plumbline.env; printf "%s|%s|%s" "$FREQTRADE_USERNAME" "$FREQTRADE_PASSWORD" "$BINANCE_KEY"'],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    expect(read).toBe(`freqtrader|${PASSWORD}|`);
    expect(await readFile(join(folder, 'plumbline.env'), 'utf8')).not.toContain('OF-THE-BOT');
  });

  it('never overwrites a file of variables, and writes nothing else then', async () => {
    await place();
    await writeFile(join(folder, 'plumbline.env'), 'MINE=1');
    const { code, err } = await init(['--yes', '--force', '--env-file']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/plumbline.env exists/) });
    expect(await names()).toEqual(['plumbline.env', 'user_data']);
  });

  it('finds the database of a Hummingbot', async () => {
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data', 'conf_mm.sqlite'), '');
    const { code } = await init(['--exchange', 'binanceusdm'], { typed: '1\n\n\n\n\n\n\n\n' });
    expect(code).toBe(0);
    expect(loadConfig(join(folder, 'plumbline.yaml')).accounts[0]?.internal[0]?.source).toMatchObject({
      kind: 'hummingbot',
      connector: 'binance_perpetual',
    });
  });

  it('writes paths relative to the folder of the configuration', async () => {
    await mkdir(join(folder, 'conf'));
    await writeFile(join(folder, 'tradesv3.sqlite'), '');
    const { code } = await init(['--file', 'conf/plumbline.yaml'], { typed: '1\nokx\n\n\n\n\n\n' });
    expect(code).toBe(0);
    expect(loadConfig(join(folder, 'conf', 'plumbline.yaml')).accounts[0]?.internal[0]?.source).toMatchObject({
      kind: 'sql',
      database: { kind: 'sqlite', path: join(folder, 'tradesv3.sqlite') },
    });
  });
});

describe('plumbline init on a terminal', () => {
  it('asks what the command line does not say, and asks again after an answer that cannot be used', async () => {
    const typed = [
      'push',
      'binanse',
      'abcdefghij0123456789XYZ',
      'okx',
      'y',
      '',
      'abcdefghij0123456789XYZ',
      'OKX_READ',
      '',
      '3',
      '',
      '-100',
      'My Bot',
      'bot',
      'n',
      'y',
      '',
    ];
    const { code, err } = await init([], { typed: typed.join('\n') });
    expect(err).toContain('did you mean "binance"?');
    expect(err).toContain('the name of an environment variable');
    expect(err).toContain('a name has a-z');
    expect(code).toBe(0);
    expect(loadConfig(join(folder, 'plumbline.yaml'))).toMatchObject({
      accounts: [
        {
          name: 'bot',
          exchange: {
            id: 'okx',
            credentials: {
              apiKey: { env: 'OKX_KEY' },
              secret: { env: 'OKX_READ' },
              password: { env: 'OKX_PASSPHRASE' },
            },
          },
        },
      ],
      notify: { channels: [{ kind: 'telegram', settings: { chatId: '-100' } }] },
    });
  });

  it('writes nothing if the answer is no', async () => {
    const { code, err } = await init(['--exchange', 'okx', '--bot', 'push'], { typed: '\n\n\nn\nn\n' });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('nothing was written') });
    expect(await names()).toEqual([]);
  });

  it.each([
    ['the first question', '\u0003'],
    ['a later one', 'push\nokx\n\u0003'],
    ['the last one', 'push\nokx\n\n\n\n\u0003'],
    ['the end of input', 'push\nokx\n\u0004'],
  ])('leaves nothing behind after Ctrl-C at %s', async (_, typed) => {
    const { code, err } = await init([], { typed });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('nothing was written') });
    expect(await names()).toEqual([]);
  });

  it('asks nothing on a build server', async () => {
    const { code, err } = await init([], { typed: 'push\n', env: { CI: 'true' } });
    expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining('with CI set nothing is asked') });
  });

  it('gives up on a program that types without end', async () => {
    const { code, err } = await init([], { typed: 'x\n'.repeat(1000) });
    expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining('no usable answer in 20 tries') });
  });

  it('shows a hostile name of a bot without its control characters', async () => {
    await mkdir(join(folder, 'user_data'));
    const bot = {
      bot_name: '\u001b[2Jx\n  enabled: false',
      exchange: { name: 'okx' },
      api_server: { enabled: true, listen_port: 1 },
    };
    await writeFile(join(folder, 'user_data', 'config.json'), JSON.stringify(bot));
    const { code, err, out } = await init([], { typed: '1\n\n\n\n\n\n\n\n\n' });
    expect(code).toBe(0);
    expect(err + out).not.toContain('\u001b[2J');
    expect(loadConfig(join(folder, 'plumbline.yaml')).accounts[0]).toMatchObject({ enabled: true });
  });
});

describe('plumbline init with everything set', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ port: 0 });
  }, 60_000);
  afterAll(async () => {
    await simulator.close();
  });
  const env = {
    ...SECRETS,
    BINANCE_KEY: DEMO_CREDENTIALS.apiKey,
    BINANCE_SECRET: DEMO_CREDENTIALS.secret,
  };
  const args = (url: string) => [
    '--exchange',
    'binanceusdm',
    '--exchange-url',
    `${simulator.url}/binanceusdm`,
    '--bot',
    'freqtrade',
    '--bot-url',
    url,
    '--username-env',
    'FT_USERNAME',
    '--password-env',
    'FT_PASSWORD',
  ];

  it('checks what it wrote, and leaves out the steps that are done', async () => {
    const url = await freqtrade({ health: { last_process: new Date().toISOString() } });
    const { code, out } = await init(args(url), { env });
    expect(out).toContain('✓ a run would succeed');
    expect(out).not.toContain('export ');
    expect(out).not.toMatch(/\n {6}\S+ check /);
    expect(code).toBe(0);
  });

  it('exits with 1 if a run would fail, and keeps the file', async () => {
    const url = await freqtrade({ config: { dry_run: true } });
    const { code, out } = await init([...args(url), '-o', 'json'], { env });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ file: join(folder, 'plumbline.yaml'), check: { ready: false } });
    expect(await names()).toEqual(['plumbline.yaml']);
  });

  it('finds a running Freqtrade by its port', async () => {
    const url = await freqtrade({ health: { last_process: new Date().toISOString() } });
    const found = ['init', '--ports', new URL(url).port, '--yes', '--no-check', '--exchange', 'bybit', '-o', 'json'];
    const { code, out } = await plumbline(found, { cwd: folder });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      configuration: { accounts: { main: { internal: { kind: 'freqtrade', url } } } },
    });
  });
});
