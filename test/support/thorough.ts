/** Whether this is a run of `npm run nightly`, which takes every case where `npm test` takes a share of them. */
export const THOROUGH = process.env['PLUMBLINE_THOROUGH'] === '1';

/**
 * Chooses the cases of a run, differently in each. `npm test` prints it; PLUMBLINE_TEST_SEED=N repeats a run. Put it in the
 * title of a test that depends on it.
 */
export const TEST_SEED = Number(process.env['PLUMBLINE_TEST_SEED']);
if (!Number.isSafeInteger(TEST_SEED)) throw new Error('PLUMBLINE_TEST_SEED must be a whole number');

/** Whether this run takes the case with this number, where it takes one of `of` cases. */
export function isTaken(number: number, of: number): boolean {
  return THOROUGH || (number + TEST_SEED) % of === 0;
}

/** How often a property is tried. */
export function rounds(inNpmTest: number): number {
  return THOROUGH ? 10 * inNpmTest : inNpmTest;
}

/** What to add to a title whose test takes a share of its cases. */
export const SHARE = THOROUGH ? 'all' : `a share, PLUMBLINE_TEST_SEED=${TEST_SEED}`;
