import { describe, expect, it } from '@jest/globals';
import { RestartBudget, RESTART_WINDOW_MINUTES } from '../../packages/dev-stack/src/restart-budget.js';

describe('a part that ends again and again', () => {
  it('is started again after a wait that doubles, five times, and then no more', () => {
    const budget = new RestartBudget(() => 0);
    const waits = Array.from({ length: 6 }, () => budget.next()?.waitMs ?? null);
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, null]);
  });

  it('has its restarts back once they lie ten minutes behind', () => {
    let now = 0;
    const budget = new RestartBudget(() => now);
    for (let restart = 0; restart < 5; restart++) budget.next();
    now = RESTART_WINDOW_MINUTES * 60_000 - 1;
    expect(budget.next()).toBeNull();
    now += 1;
    expect(budget.next()).toEqual({ number: 1, waitMs: 1_000 });
  });
});
