import { describe, expect, it } from '@jest/globals';
import { changesSince } from '../../src/cli/commands/discrepancies.js';
import { follow } from '../../src/cli/steps/follow.js';
import type { DiscrepancyRow } from '../../src/ledger/contract/ledger.js';

/** Follows the given answers one by one, and stops when they are used up. */
async function followAll(answers: (number[] | Error)[]): Promise<{ seen: number[]; troubles: string[] }> {
  const controller = new AbortController();
  const seen: number[] = [];
  const troubles: string[] = [];
  await follow<number>({
    news: async () => {
      const answer = answers.shift() ?? [];
      if (answers.length === 0) controller.abort();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    emit: (item) => seen.push(item),
    trouble: (error) => troubles.push(String(error)),
    signal: controller.signal,
    pollMs: 1,
  });
  return { seen, troubles };
}

describe('following', () => {
  it('emits what comes, in order, until it is stopped', async () => {
    expect(await followAll([[1, 2], [], [3], [4]])).toEqual({ seen: [1, 2, 3, 4], troubles: [] });
  });

  it('continues after errors and reports each error once', async () => {
    const { seen, troubles } = await followAll([
      [1],
      new Error('away'),
      new Error('away'),
      [2],
      new Error('again'),
      [3],
    ]);
    expect(seen).toEqual([1, 2, 3]);
    expect(troubles).toEqual(['Error: away', 'Error: again']);
  });

  it('fails if the first call fails', async () => {
    await expect(followAll([new Error('no such account'), []])).rejects.toThrow('no such account');
  });
});

describe('changes of discrepancies', () => {
  const row = (id: string, state: 'open' | 'resolved') => ({ id, state }) as DiscrepancyRow;

  it('begin with the rows that were asked for, then report what opened and what was resolved', () => {
    const changes = changesSince([row('a', 'open')]);
    expect(changes([row('a', 'open'), row('old', 'resolved')])).toEqual([row('a', 'open')]);
    expect(changes([row('a', 'open'), row('old', 'resolved')])).toEqual([]);
    expect(changes([row('b', 'open'), row('a', 'resolved'), row('old', 'resolved')])).toEqual([
      row('b', 'open'),
      row('a', 'resolved'),
    ]);
    expect(changes([row('b', 'open'), row('a', 'open')])).toEqual([row('a', 'open')]);
  });
});
