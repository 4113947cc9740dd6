import { expect, it } from '@jest/globals';
import { readSource } from '../../src/cli/check/check-internal.js';
import { parseStateDocument } from '../../src/internal/state-document.js';

it('check keeps the warnings of a source that was read, with its name', async () => {
  const text = JSON.stringify({ version: 1, as_of: '2026-11-28T17:09:11Z', scopes: ['positions'], positions: [] });
  const now = Date.parse('2026-11-28T17:09:12Z');
  const source = {
    description: 'a database',
    warnings: () => [{ text: 'it has floats', remedy: 'use numeric' }],
    readState: async () => parseStateDocument(text, { side: 'internal', receivedAt: { startedAt: now, endedAt: now } }),
  };
  const options = { now: () => now, signal: new AbortController().signal, explain: (error: unknown) => error };
  const read = async (name: string | null, maxAgeSeconds: number) =>
    readSource({ name, source, amounts: 'base', rows: 'positions', maxAgeSeconds: null }, maxAgeSeconds, options);
  expect(await read(null, 60)).toMatchObject({ failure: null, warnings: [{ text: 'it has floats' }] });
  expect(await read('grid', 60)).toMatchObject({
    warnings: [{ text: 'source "grid": it has floats', remedy: 'use numeric' }],
  });
});
