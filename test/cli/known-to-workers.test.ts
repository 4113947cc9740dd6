import { expect, it } from '@jest/globals';
import { whoKnows } from '../../src/cli/steps/known-to-workers.js';

it('says which accounts no worker knows, and which only some', () => {
  const workers = [{ accounts: ['a', 'b'] }, { accounts: ['a'] }];
  expect(whoKnows(['a', 'b', 'c'], workers)).toEqual({
    workers: 2,
    missing: ['c'],
    partly: [{ account: 'b', by: 1 }],
  });
});

it('says nothing if no worker reports', () => {
  expect(whoKnows(['a'], [])).toEqual({ workers: 0, missing: [], partly: [] });
});
