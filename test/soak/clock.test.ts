import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabase } from '../support/postgres.js';
import { testTemporal } from '../support/temporal.js';
import { soakClock } from './clock-soak.js';

// `npm run soak-clock` is the long version. On a busy machine runs begin slowly, so this test does not check lateness
// itself.
const WORKFLOWS = 36;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let temporal: Awaited<ReturnType<typeof testTemporal>>;
beforeAll(async () => {
  [database, temporal] = await Promise.all([createTestDatabase(), testTemporal()]);
}, 60_000);
afterAll(async () => database.drop());

it('no workflow sleeps again after its timer fired while it was cold and a query met it, and all replay', async () => {
  const result = await soakClock({
    temporal,
    databaseUrl: database.url,
    workflows: WORKFLOWS,
    kinds: ['meeting'],
    untilMs: 0,
    window: { fromMs: 12_000, toMs: 20_000 },
    report: () => {},
  });
  expect(result.ticks).toBeGreaterThan(0);
  expect(result).toMatchObject({ sleptAgain: 0, failedReplays: 0, failedTasks: 0 });
}, 300_000);
