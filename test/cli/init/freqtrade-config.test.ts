import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { readFreqtradeConfig } from '../../../src/cli/init/freqtrade-config.js';
import { relaxedJson } from '../../../src/cli/init/relaxed-json.js';

describe('JSON as Freqtrade reads it', () => {
  it.each([
    ['{"a": 1, // one\n "b": 2}', { a: 1, b: 2 }],
    ['{"a": [1, 2, /* last */ ], }', { a: [1, 2] }],
    ['{"a": [1,\n // nothing more\n ]}', { a: [1] }],
    ['{"url": "http://x/*y*/,]", "b": "\\", // no"}', { url: 'http://x/*y*/,]', b: '", // no' }],
    ['\uFEFF{}', {}],
  ])('%s', (text, value) => {
    expect(relaxedJson(text)).toEqual(value);
  });

  it('may have any number of comments after a comma', () => {
    expect(relaxedJson(`{"a": 1, ${'/* x */'.repeat(500)} "b": 2, ${'/* * */'.repeat(500)} }`)).toEqual({ a: 1, b: 2 });
  }, 2_000);

  it('of any value is that value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        expect(relaxedJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value))),
      ),
    );
  });

  it.each(['', '{', '{"a" 1}', '/*', '"', 'nonsense SECRET'])('refuses %j without quoting it', (text) => {
    expect(() => relaxedJson(text)).toThrow(/^it is not JSON$/);
  });
});

describe("a Freqtrade's configuration", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-init-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  async function write(name: string, content: unknown): Promise<string> {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  it('says what the bot is and where its API listens', async () => {
    const path = await write('config.json', {
      bot_name: 'alpha',
      trading_mode: 'futures',
      dry_run: true,
      exchange: { name: 'binance', key: 'k', secret: 's' },
      api_server: { enabled: true, listen_ip_address: '0.0.0.0', listen_port: 8082, username: 'u', password: 'p' },
    });
    expect(readFreqtradeConfig(path, {})).toEqual({
      botName: 'alpha',
      exchange: 'binance',
      tradingMode: 'futures',
      dryRun: true,
      api: { enabled: true, url: 'http://127.0.0.1:8082', username: 'u', password: 'p' },
    });
  });

  it('has the defaults of Freqtrade where it says nothing, or nonsense', async () => {
    const path = await write('config.json', {
      exchange: { name: 'kraken' },
      trading_mode: 7,
      api_server: { listen_port: 'x', listen_ip_address: 'a b' },
    });
    expect(readFreqtradeConfig(path, {})).toMatchObject({
      botName: null,
      tradingMode: 'spot',
      dryRun: false,
      api: { enabled: false, url: 'http://127.0.0.1:8080', username: null },
    });
  });

  it('is merged with the files that it adds, and has priority over them', async () => {
    await write('private/keys.json', '{"exchange": {"name": "okx", "key": "k"}, "bot_name": "from private",}');
    await write('more.json', {
      add_config_files: ['private/keys.json'],
      api_server: { enabled: true, listen_port: 9001 },
    });
    const path = await write('config.json', {
      add_config_files: ['more.json'],
      bot_name: 'own',
      trading_mode: 'futures',
    });
    expect(readFreqtradeConfig(path, {})).toMatchObject({
      botName: 'own',
      exchange: 'okx',
      api: { enabled: true, url: 'http://127.0.0.1:9001' },
    });
  });

  it('is overridden by variables of Freqtrade', async () => {
    const path = await write('config.json', { exchange: { name: 'okx' }, dry_run: true });
    const env = {
      FREQTRADE__DRY_RUN: 'false',
      FREQTRADE__API_SERVER__LISTEN_PORT: '8099',
      FREQTRADE__: 'x',
      FREQTRADE____A: 'y',
    };
    expect(readFreqtradeConfig(path, env)).toMatchObject({ dryRun: false, api: { url: 'http://127.0.0.1:8099' } });
  });

  it.each([
    ['no file', null, /cannot be read \(there is no such file\)/],
    ['no JSON', '{"exchange": SECRET', /is not JSON$/],
    ['a list', '[]', /is not a JSON object/],
    ['no exchange', '{"a": 1}', /has no exchange.name/],
    ['an exchange without a name', '{"exchange": {"name": 3}}', /has no exchange.name/],
    ['itself among the added files', '{"add_config_files": ["config.json"]}', /adds too many files/],
    ['an added file that is missing', '{"add_config_files": ["x.json"]}', /x.json cannot be read/],
    ['a key of the prototype', '{"__proto__": {"exchange": {"name": "okx"}}}', /has no exchange.name/],
  ])('with %s is refused with the reason', async (_, content, problem) => {
    const path = content === null ? join(folder, 'config.json') : await write('config.json', content);
    const read = readFreqtradeConfig(path, {});
    expect(read).toEqual({ problem: expect.stringMatching(problem) });
    expect(JSON.stringify(read)).not.toContain('SECRET');
  });

  it('is never more than refused, whatever the file holds', async () => {
    const keys = fc.constantFrom(
      'exchange',
      'name',
      'api_server',
      'listen_port',
      'listen_ip_address',
      'bot_name',
      'add_config_files',
    );
    const content = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.jsonValue({ maxDepth: 1 }), fc.dictionary(keys, tie('value'))),
    })).value;
    await fc.assert(
      fc.asyncProperty(content, async (value) => {
        const path = await write('any.json', JSON.stringify(value));
        const read = readFreqtradeConfig(path, {});
        expect('problem' in read ? read.problem !== '' : URL.canParse(read.api.url)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
