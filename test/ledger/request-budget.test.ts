import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { createLedgerDatabase } from '../support/postgres.js';

/** Long compared with the duration of the test, so that elapsed time does not affect the result. */
const HOUR_MS = 3_600_000;

describe('the request budget of all workers', () => {
  let workers: Ledger[];
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await createLedgerDatabase();
    drop = async () => database.drop();
    workers = [createLedger(database.url), createLedger(database.url)];
  }, 30_000);
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await drop();
  });

  it('counts every request of every worker once, whoever asks first', async () => {
    const requests = Array.from({ length: 40 }, async (_, index) => workers[index % 2]?.spendBudget('one', HOUR_MS));
    const ahead = (await Promise.all(requests)).map((ms) => Math.round((ms ?? 0) / HOUR_MS)).toSorted((a, b) => a - b);
    expect(ahead).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('is given back by a request that was not sent, never to before now', async () => {
    const [first, second] = workers;
    const hours = async (cost: number) =>
      Math.round(((await first?.spendBudget('left', cost * HOUR_MS)) ?? 0) / HOUR_MS);
    expect(await hours(5)).toBe(5);
    await second?.spendBudget('left', -3 * HOUR_MS);
    expect(await hours(1)).toBe(3);
    expect(await hours(-100)).toBe(0);
    expect(await hours(2)).toBe(2);
    expect(await first?.spendBudget('never taken', -HOUR_MS)).toBe(0);
    expect(Math.round(((await first?.spendBudget('never taken', HOUR_MS)) ?? 0) / HOUR_MS)).toBe(1);
  });

  it('is one for each exchange', async () => {
    const [first] = workers;
    await first?.spendBudget('busy', 100 * HOUR_MS);
    expect(Math.round(((await first?.spendBudget('idle', HOUR_MS)) ?? 0) / HOUR_MS)).toBe(1);
  });

  it('is earned by time: requests that come slower than they cost add up to nothing', async () => {
    const [first] = workers;
    for (let count = 0; count < 5; count++) {
      expect(await first?.spendBudget('rested', 0.001)).toBeLessThanOrEqual(0.001);
    }
  });
});
