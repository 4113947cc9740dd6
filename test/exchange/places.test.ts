import { describe, expect, it } from '@jest/globals';
import { Places } from '../../src/exchange/budget/places.js';

describe('a place', () => {
  it('that is freed twice is one place', async () => {
    const places = new Places(1);
    const free = await places.take(undefined);
    free();
    free();
    const freeAgain = await places.take(undefined);
    let isTaken = false;
    const next = places.take(undefined).then(() => (isTaken = true));
    await new Promise(setImmediate);
    expect(isTaken).toBe(false);
    freeAgain();
    expect(await next).toBe(true);
  });
});
