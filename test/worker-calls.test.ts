import { expect, it } from '@jest/globals';
import { parseConfig } from '../src/config/load-config.js';
import type { Ledger } from '../src/ledger/contract/ledger.js';
import { createLogger } from '../src/logging/logger.js';
import { createRedactor } from '../src/redaction/redactor.js';
import { createCalls } from '../src/worker-calls.js';
import { wanted } from './ledger/wanted.js';

const CONFIG = `
accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }
    internal: { kind: file, path: state.json }
serve: { public_url: "https://ops.example", link_secret_env: LINKS }
`;

const redactor = createRedactor();
const calls = createCalls({
  config: parseConfig(CONFIG, '/etc/plumbline/plumbline.yaml'),
  ledger: { overview: async () => [], discrepancies: async () => [] } as unknown as Ledger,
  redactor,
  logger: createLogger({ name: 'test', level: 'silent', redactor, destination: { write: () => {} }, pretty: false }),
  resolveSecret: () => 'a secret of at least 32 bytes, for tests',
});
const linkOf = async (...accounts: string[]) => {
  const members = accounts.map((account) => wanted(account, { interventionId: `call-${account}` }));
  return (await calls.compose({ key: 'k', members, previousThread: null }, undefined)).link;
};

it('a message about one account has a link that acts once', async () => {
  expect(await linkOf('main')).toMatchObject({ url: expect.stringMatching(/^https:\/\/ops\.example\/a\/[\w.-]+$/) });
});

it('a message about several accounts has a link to the list of those that need a human', async () => {
  expect(await linkOf('main', 'second')).toEqual({
    url: 'https://ops.example/?show=intervention',
    label: 'See the accounts',
  });
});
