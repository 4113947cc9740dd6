import { setTimeout as delay } from 'node:timers/promises';

export interface Bounds {
  /** How many are under way at once. */
  concurrency: number;
  /** How many begin in a second; absent: any number. */
  perSecond?: number;
}

/**
 * Does `work` for each item within the bounds; the answers in the order of the items. The first error is thrown, and nothing more
 * is begun after it.
 */
export async function mapBounded<Item, Answer>(
  items: readonly Item[],
  { concurrency, perSecond }: Bounds,
  work: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const began = performance.now();
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length && !failed; index = next++) {
      if (perSecond !== undefined) {
        const early = began + (index / perSecond) * 1000 - performance.now();
        if (early > 0) await delay(early);
      }
      try {
        answers[index] = await work(items[index] as Item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane));
  return answers;
}
