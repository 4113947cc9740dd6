// Workflows that show what V8's script timeout leaves behind. They run instead of Plumbline's own.
import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

const activities = proxyActivities({ startToCloseTimeout: '1 minute' });

/** On `loop` it queues a microtask that calls an activity, and never returns. */
export async function loops() {
  setHandler(defineSignal('loop'), () => {
    void Promise.resolve().then(() => activities.ofTheLoopingWorkflow());
    for (;;);
  });
  await condition(() => false);
}

/** Only counts its signals; it calls no activity. */
export async function stands() {
  let pokes = 0;
  setHandler(defineSignal('poke'), () => void pokes++);
  await condition(() => pokes === 1_000_000);
}
