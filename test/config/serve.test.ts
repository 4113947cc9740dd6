import { describe, expect, it } from '@jest/globals';
import { ConfigError, parseConfig } from '../../src/config/load-config.js';

const ACCOUNTS = `
accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
  other:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: other.json }
`;
const HASH = 'ab'.repeat(32);
const serveOf = (text: string) => parseConfig(`${ACCOUNTS}serve: ${text}\n`, '/etc/plumbline/plumbline.yaml').serve;
const problemsOf = (text: string) => {
  try {
    serveOf(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('the configuration was taken');
};

describe('serve.tokens', () => {
  it('are hashes, in the file or in files of their own', () => {
    const { tokens, metricsWithoutToken } = serveOf(
      `{ metrics_without_token: true, tokens: [{ name: ada, role: operator, sha256: "${HASH.toUpperCase()}" }, ` +
        '{ name: bot, role: gate-only, accounts: [main], sha256_file: hashes/bot }, { name: p, role: viewer, sha256_env: P }] }',
    );
    expect(tokens).toEqual([
      { name: 'ada', role: 'operator', accounts: null, sha256: HASH },
      { name: 'bot', role: 'gate-only', accounts: ['main'], sha256: { file: '/etc/plumbline/hashes/bot' } },
      { name: 'p', role: 'viewer', accounts: null, sha256: { env: 'P' } },
    ]);
    expect(metricsWithoutToken).toBe(true);
  });

  const token = (fields: string): string => `{ tokens: [{ ${fields} }] }`;
  it.each([
    ['without a hash', token('name: a, role: viewer'), 'serve.tokens[0]', /no sha256/],
    [
      'with two',
      token(`name: a, role: viewer, sha256: "${HASH}", sha256_env: A`),
      'serve.tokens[0]',
      /sha256 and sha256_env/,
    ],
    ['with the token itself', token('name: a, role: viewer, sha256: plb_x'), 'serve.tokens[0].sha256', /SHA-256/],
    ['with an unknown role', token(`name: a, role: admin, sha256: "${HASH}"`), 'serve.tokens[0].role', /gate-only/],
    ['without a name', token(`name: "", role: viewer, sha256: "${HASH}"`), 'serve.tokens[0].name', /./],
    [
      'for an unknown account',
      token(`name: a, role: viewer, accounts: [mian], sha256: "${HASH}"`),
      'serve.tokens[0].accounts[0]',
      /mian/,
    ],
    [
      'that may push for every account',
      token(`name: a, role: push, sha256: "${HASH}"`),
      'serve.tokens[0]',
      /every bot/,
    ],
    [
      'for no account',
      token(`name: a, role: viewer, accounts: [], sha256: "${HASH}"`),
      'serve.tokens[0].accounts',
      /./,
    ],
    [
      'with the name of another',
      `{ tokens: [{ name: a, role: viewer, sha256: "${HASH}" }, { name: a, role: viewer, sha256_env: B }] }`,
      'serve.tokens[1].name',
      /same name/,
    ],
    [
      'with the hash of another',
      `{ tokens: [{ name: a, role: viewer, sha256: "${HASH}" }, { name: b, role: viewer, sha256: "${HASH.toUpperCase()}" }] }`,
      'serve.tokens[1].sha256',
      /same token/,
    ],
  ])('%s are refused', (_what, text, path, message) => {
    expect(problemsOf(text)).toMatchObject([
      { path, message: expect.stringMatching(message), remedy: expect.any(String) },
    ]);
  });

  it('name the account that is probably meant', () => {
    const [problem] = problemsOf(token(`name: a, role: viewer, accounts: [mian], sha256: "${HASH}"`));
    expect(problem?.remedy).toBe('did you mean "main"?');
  });
});

describe('serve.public_url', () => {
  it('comes with the secret that signs links', () => {
    expect(serveOf('{ public_url: "https://ops.example/plumbline/", link_secret_file: secrets/link }')).toMatchObject({
      publicUrl: 'https://ops.example/plumbline',
      linkSecret: { file: '/etc/plumbline/secrets/link' },
    });
    expect(serveOf('{}')).toMatchObject({ publicUrl: null, linkSecret: null, tokens: [], metricsWithoutToken: false });
  });

  it.each([
    ['{ public_url: "https://ops.example" }', 'serve.public_url', /no link_secret/],
    ['{ link_secret_env: LINKS }', 'serve', /no public_url/],
    ['{ public_url: "ftp://ops.example", link_secret_env: LINKS }', 'serve.public_url', /http/],
    ['{ public_url: "https://ada:pw@ops.example", link_secret_env: LINKS }', 'serve.public_url', /user name/],
  ])('%s is refused', (text, path, message) => {
    expect(problemsOf(text)).toMatchObject([{ path, message: expect.stringMatching(message) }]);
  });
});
