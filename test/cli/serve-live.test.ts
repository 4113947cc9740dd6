import { expect, it } from '@jest/globals';
import { replaceLive, type ServeLive } from '../../src/cli/steps/serve-live.js';

const live = (names: readonly string[], accounts: readonly string[] = []): ServeLive => ({
  tokens: names.map((name) => ({ name, role: 'viewer', accounts: null, sha256: name })),
  pushes: new Map(accounts.map((account) => [account, { maxBytes: 1, runEverySeconds: null }])),
  proofs: new Map(),
});

it('changes tokens and accounts in place, and says whether the tokens changed', () => {
  const held = live(['ann', 'ben'], ['old', 'both']);
  const { tokens, pushes } = held;
  expect(replaceLive(held, live(['ann', 'ben'], ['both', 'new']))).toBe(false);
  expect([...pushes.keys()]).toEqual(['both', 'new']);
  expect(replaceLive(held, live(['ben']))).toBe(true);
  expect(tokens.map(({ name }) => name)).toEqual(['ben']);
  expect([...pushes.keys()]).toEqual([]);
});

it('never goes from tokens to none while it runs, because everybody could read then', () => {
  const held = live(['ann']);
  expect(replaceLive(held, live([]))).toBe(false);
  expect(held.tokens).toHaveLength(1);
  const open = live([]);
  expect(replaceLive(open, live(['ann']))).toBe(false);
  expect(open.tokens).toEqual([]);
});
