import { expect, it } from '@jest/globals';
import { profileNotes } from '../../src/cli/check/profile-notes.js';
import { parseConfig } from '../../src/config/load-config.js';

const account = (id: string, more = ''): string =>
  `{ exchange: { id: ${id}, api_key_env: K, secret_env: S${more} }, internal: { kind: file, path: s.json } }`;

it('names each enabled account that the generic profile reads, or that is not live', () => {
  const { accounts } = parseConfig(
    `accounts:
  live: ${account('bybit')}
  regional: ${account('bybiteu')}
  unverified: ${account('coinex')}
  practice: ${account('bybit', ', demo: true')}
  off: ${account('mexc').replace(/}$/, ', reconciliation: { enabled: false } }')}
  both: ${account('deribit', ', testnet: true')}
`,
    '/etc/plumbline.yaml',
  );
  expect(profileNotes(accounts).map(({ account: name, warning }) => [name, warning])).toEqual([
    ['unverified', 'unverified profile'],
    ['practice', 'demo'],
    ['both', 'unverified profile'],
    ['both', 'testnet'],
  ]);
});
