import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { PushRuns } from '../../src/http/push-runs.js';
import { eventually } from '../cli/test-io.js';

/** A period ends by a timer, so never between two lines of a test that do not wait. */
const PERIOD_SECONDS = 0.4;

function runsOf(run: (account: string) => Promise<void> = async () => {}) {
  const asked: string[] = [];
  const failures: unknown[] = [];
  const runs = new PushRuns({
    run: async (account, by) => {
      asked.push(`${account} by ${by}`);
      await run(account);
    },
    failed: (_account, error) => failures.push(error),
  });
  return { runs, asked, failures };
}

describe('the runs that pushes request', () => {
  it('are requested at once, then one for all pushes of a period, by account', async () => {
    const { runs, asked } = runsOf();
    runs.pushed('main', 'bot', PERIOD_SECONDS);
    expect(asked).toEqual(['main by bot']);
    for (let count = 0; count < 50; count++) runs.pushed('main', `bot ${count}`, PERIOD_SECONDS);
    runs.pushed('other', 'bot', PERIOD_SECONDS);
    expect(asked).toEqual(['main by bot', 'other by bot']);
    await eventually(
      async () => asked.length,
      (count) => count === 3,
    );
    expect(asked[2]).toBe('main by bot 49');
    await delay(PERIOD_SECONDS * 2_500);
    expect(asked).toHaveLength(3);
    runs.pushed('main', 'later', PERIOD_SECONDS);
    expect(asked).toHaveLength(4);
    runs.close();
  });

  it('go on after one that could not be requested', async () => {
    const { runs, asked, failures } = runsOf(async () => {
      throw new Error('no Temporal server answers');
    });
    runs.pushed('main', 'bot', PERIOD_SECONDS);
    runs.pushed('main', 'bot', PERIOD_SECONDS);
    await eventually(
      async () => failures.length,
      (count) => count === 2,
    );
    expect(asked).toHaveLength(2);
    runs.close();
  });

  it('end when it closes', async () => {
    const { runs, asked } = runsOf();
    runs.pushed('main', 'bot', PERIOD_SECONDS);
    runs.pushed('main', 'bot', PERIOD_SECONDS);
    runs.close();
    await delay(PERIOD_SECONDS * 1_500);
    expect(asked).toHaveLength(1);
  });
});
