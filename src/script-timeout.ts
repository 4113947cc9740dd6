import type { Worker as Thread } from 'node:worker_threads';
import { z } from 'zod';

/** The beginning of Node's message for a script time-out (ERR_SCRIPT_EXECUTION_TIMEOUT). Only the text leaves the thread. */
const TIMEOUT_TEXT = /^(?:Error: )?Script execution timed out after/;

/** The two answers of the SDK's workflow thread that can carry a time-out: a failed request, or a failed activation. */
const answer = z.object({
  result: z.union([
    z.object({ type: z.literal('error'), message: z.string() }),
    z.object({
      output: z.object({ completion: z.object({ failed: z.object({ failure: z.object({ message: z.string() }) }) }) }),
    }),
  ]),
});

/**
 * Calls `end` when V8 interrupts a workflow because its script timed out. `end` must end the process before it returns.
 *
 * All cached workflows share one V8 context. A script that is interrupted leaves its queued microtasks in the context's
 * queue; they run inside the next call, which belongs to another workflow. The commands that they issue (activities, timers)
 * then enter that workflow's history. The SDK only fails the interrupted workflow task and continues.
 *
 * The listener sees a thread's message before the SDK does, and messages come in order. Nothing that the context
 * computed after the interruption has reached the server by then. Call it before `Worker.create`.
 *
 * @returns a function that removes the listener
 */
export function endOnScriptTimeout(end: (what: string) => void): () => void {
  const watch = (thread: Thread): void => {
    thread.prependListener('message', (message: unknown) => {
      const what = scriptTimeoutIn(message);
      if (what !== null) end(what);
    });
  };
  process.on('worker', watch);
  return () => void process.off('worker', watch);
}

/** The text of the time-out that a message of a workflow thread reports, or null. */
export function scriptTimeoutIn(message: unknown): string | null {
  const result = answer.safeParse(message).data?.result;
  if (result === undefined) return null;
  const text = 'message' in result ? result.message : result.output.completion.failed.failure.message;
  return TIMEOUT_TEXT.test(text) ? text : null;
}
