import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { knownTokens } from '../../src/cli/steps/serve-tokens.js';
import { parseConfig } from '../../src/config/load-config.js';
import { identify } from '../../src/http/tokens.js';
import { plumbline } from './test-io.js';

const ACCOUNTS = `
accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
ledger: { url_env: LEDGER_URL }
`;

describe('plumbline token new', () => {
  it('prints a token once, and the lines for the configuration', async () => {
    const { code, out, err } = await plumbline([
      'token',
      'new',
      '--name',
      'ada # "x"',
      '--role',
      'operator',
      '--accounts',
      'main, ',
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [token = '', ...rest] = out.split('\n');
    expect(token).toMatch(/^plb_[A-Za-z0-9_-]{43}$/);
    const yaml = out.slice(out.indexOf('serve:'));
    expect(rest.join('\n')).not.toContain(token);
    const { serve } = parseConfig(ACCOUNTS + yaml, '/etc/plumbline.yaml');
    const known = knownTokens(serve.tokens, () => '');
    expect(identify(token, known)).toEqual({ name: 'ada # "x"', role: 'operator', accounts: new Set(['main']) });
  });

  it('answers programs, and makes another one each time', async () => {
    const make = async () => {
      const { out } = await plumbline(['token', 'new', '--name', 'bot', '--role', 'gate-only', '-o', 'json']);
      return JSON.parse(out) as { value: string; entry: Record<string, unknown> };
    };
    const [first, second] = [await make(), await make()];
    expect(first.entry).toEqual({ name: 'bot', role: 'gate-only', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(first.value).toMatch(/^plb_/);
    expect(first.value).not.toBe(second.value);
  });

  it.each([
    [['token', 'new', '--role', 'viewer'], /--name/],
    [['token', 'new', '--name', 'a'], /--role/],
    [['token', 'new', '--name', 'a', '--role', 'admin'], /viewer/],
    [['token', 'new', '--name', ' ', '--role', 'viewer'], /empty/],
  ])('refuses %j', async (argv, says) => {
    const { code, err } = await plumbline(argv);
    expect(code).toBe(64);
    expect(err).toMatch(says);
  });
});

describe('plumbline serve', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-token-'));
  });
  afterAll(async () => rm(folder, { recursive: true }));
  const serve = async (section: string, ...argv: string[]) => {
    await writeFile(join(folder, 'plumbline.yaml'), `${ACCOUNTS}serve: ${section}\n`);
    const env = { LEDGER_URL: 'postgres://plumbline@127.0.0.1:1/nowhere', SHORT: 'short', HASH: 'plb_no-hash' };
    return plumbline(['serve', '--port', '0', ...argv], { cwd: folder, env });
  };

  it('does not start beyond loopback without tokens, and says how to make one', async () => {
    for (const answer of [await serve('{ host: 0.0.0.0 }'), await serve('{}', '--host', '::')]) {
      expect(answer.code).toBe(2);
      expect(answer.err).toMatch(/others can reach it, and has no tokens[^]*what to do: .*plumbline token new/);
    }
  });

  it('does not start with a guessable link secret, or an invalid hash', async () => {
    expect(await serve('{ public_url: "https://ops.example", link_secret_env: SHORT }')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/5 bytes; it needs 32[^]*openssl/),
    });
    const wrong = await serve('{ tokens: [{ name: ada, role: viewer, sha256_env: HASH }] }');
    expect(wrong).toMatchObject({ code: 2, err: expect.stringMatching(/not a SHA-256/) });
    expect(wrong.err).not.toContain('plb_no-hash');
  });
});
