import { describe, expect, it } from '@jest/globals';
import { SharedRead } from '../../src/ledger/read/shared-read.js';

/** Reads that end on request. */
function slowReads() {
  const reads: { names: string[]; end: (answers?: Record<string, number>) => void; fail: (error: Error) => void }[] =
    [];
  const read = async (names: readonly string[]): Promise<ReadonlyMap<string, number>> =>
    new Promise((resolve, reject) => {
      reads.push({
        names: [...names],
        end: (answers = {}) => resolve(new Map(Object.entries(answers))),
        fail: reject,
      });
    });
  return { reads, read };
}

describe('a shared read', () => {
  it('answers all waiting callers with one read that begins after their requests', async () => {
    const { reads, read } = slowReads();
    const shared = new SharedRead(read, 1_000_000);
    const first = shared.get('a');
    const later = [shared.get('a'), shared.get('b'), shared.get('b'), shared.get('nobody')];
    expect(reads.map(({ names }) => names)).toEqual([['a']]);
    reads[0]?.end({ a: 1 });
    expect(await first).toBe(1);
    expect(reads.map(({ names }) => names)).toEqual([['a'], ['a', 'b', 'nobody']]);
    // The state when the second read ran, not what the first one found.
    reads[1]?.end({ a: 2, b: 3 });
    expect(await Promise.all(later)).toEqual([2, 3, 3, null]);
    expect(reads).toHaveLength(2);
  });

  it('rejects the callers of a failed read, and no others', async () => {
    const { reads, read } = slowReads();
    const shared = new SharedRead(read, 1_000_000);
    const first = shared.get('a');
    const second = shared.get('a');
    reads[0]?.fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    reads[1]?.end({ a: 1 });
    expect(await second).toBe(1);
  });

  it('starts further reads in parallel to a slow one, up to a limit', async () => {
    const { reads, read } = slowReads();
    const shared = new SharedRead(read, 0);
    const answers = Array.from({ length: 6 }, async (_, index) => shared.get(String(index)));
    expect(reads.map(({ names }) => names)).toEqual([['0'], ['1'], ['2'], ['3']]);
    for (let index = 0; index < 5; index++) {
      reads[index]?.end(Object.fromEntries(Array.from({ length: 6 }, (_, name) => [name, index])));
      await new Promise(setImmediate);
    }
    expect(reads.map(({ names }) => names)).toEqual([['0'], ['1'], ['2'], ['3'], ['4', '5']]);
    expect(await Promise.all(answers)).toEqual([0, 1, 2, 3, 4, 4]);
  });

  it('waits for a quick read', async () => {
    const { reads, read } = slowReads();
    const shared = new SharedRead(read, 1_000_000);
    void shared.get('a');
    void shared.get('b');
    await new Promise(setImmediate);
    expect(reads).toHaveLength(1);
  });
});
