import { setTimeout as delay } from 'node:timers/promises';

export interface Bounds {
  /** How many run at the same time. */
  concurrency: number;
  /** How many start in a second; absent: any number. */
  perSecond?: number;
}

/**
 * Does `work` for each item within the bounds and returns the answers in the order of the items. Throws the first error and
 * starts nothing after it.
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
