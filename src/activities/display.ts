import { Context } from '@temporalio/activity';
import type { Display } from './activity-messages.js';
import type { ActivityDependencies } from './dependencies.js';

/** The search attributes that earlier versions did not register. */
const ATTRIBUTES = ['PlumblineState', 'PlumblineStateSince'];
const ANSWER_MS = 3_000;
const ASK_AGAIN_MS = 600_000;
const ASK_AGAIN_UNTIL_THERE_MS = 60_000;
/** A new search attribute reaches all processes of the server within a minute. */
const SPREAD_MS = 90_000;

/** Never throws: if the server does not answer, the state is not shown. */
export function createDisplay({
  statusUrl,
  now,
}: Pick<ActivityDependencies, 'statusUrl' | 'now'>): (account: string) => Promise<Display> {
  let isThere = false;
  let wasMissing = false;
  let thereSinceMs = 0;
  let askAtMs = 0;

  async function look(): Promise<void> {
    if (now() < askAtMs) return;
    askAtMs = now() + ASK_AGAIN_UNTIL_THERE_MS;
    const { client } = Context.current();
    const { namespace } = client.options;
    const { customAttributes } = await client.withDeadline(Date.now() + ANSWER_MS, async () =>
      client.connection.operatorService.listSearchAttributes({ namespace }),
    );
    const isNow = ATTRIBUTES.every((name) => name in (customAttributes ?? {}));
    if (isNow && !isThere) thereSinceMs = wasMissing ? now() + SPREAD_MS : now();
    isThere = isNow;
    wasMissing ||= !isNow;
    if (isNow) askAtMs = now() + ASK_AGAIN_MS;
  }

  return async (account) => {
    await look().catch(() => undefined);
    return { indexed: isThere && now() >= thereSinceMs, statusUrl: statusUrl?.(account) ?? null };
  };
}
