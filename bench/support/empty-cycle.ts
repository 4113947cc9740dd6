import { condition, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';

interface Nothing {
  nothing(): Promise<void>;
}
const inParallel = proxyActivities<Nothing>({ startToCloseTimeout: '1 minute', heartbeatTimeout: '15 seconds' });

export const cycleUpdate = defineUpdate<void>('cycle');

/**
 * The cycle of a clean run (an update, two parallel activities, one more) without any work: the cost of Temporal
 * itself.
 */
export async function emptyCycle(): Promise<void> {
  let asked = 0;
  let done = 0;
  setHandler(cycleUpdate, async () => {
    const mine = ++asked;
    await condition(() => done >= mine);
  });
  for (;;) {
    await condition(() => asked > done, '1 hour');
    await Promise.all([inParallel.nothing(), inParallel.nothing()]);
    await inParallel.nothing();
    done = asked;
  }
}
