import { expect, it } from '@jest/globals';
import { RecentBodies } from '../../src/ledger/store/recent-bodies.js';
import { bodyOf } from '../../src/ledger/store/snapshot-body.js';
import { snapshot } from '../domain/snapshots.js';

const body = bodyOf(snapshot('exchange'));

it('keeps the last bodies up to its size, and forgets the oldest first', () => {
  const recent = new RecentBodies(100);
  recent.keep('a', body, 40);
  recent.keep('b', body, 40);
  recent.keep('a', body, 40);
  recent.keep('c', body, 40);
  expect(['a', 'b', 'c'].filter((digest) => recent.find(digest) !== undefined)).toEqual(['a', 'c']);
});

it('does not keep what is larger than all it may hold', () => {
  const recent = new RecentBodies(100);
  recent.keep('a', body, 101);
  expect(recent.find('a')).toBeUndefined();
  recent.keep('b', body, 100);
  expect(recent.find('b')).toBe(body);
});
