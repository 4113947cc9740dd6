import { log } from '@temporalio/workflow';
import { isMap } from '../domain/text/is-map.js';
import { summary } from '../domain/lifecycle/bounded.js';
import type { Account } from './account.js';
import type { AnsweredCall } from './messages.js';
import { telling } from './proxies.js';

/** How many of the newest calls are kept. More than one is acknowledged only rarely before all is resolved. */
const MAX_CALLS = 5;
const MAX_MESSAGES = 100;
const MAX_CHARACTERS = 200_000;

/** Keeps the news that a call has sent at its end. Ignores invalid content, because anybody may send the signal. */
export function keepAnswered(account: Account, payload: unknown): void {
  const call = isMap(payload) ? payload['answered'] : undefined;
  if (!isAnsweredCall(call, account.name)) return;
  const { state } = account;
  const others = state.answered.filter(({ interventionId }) => interventionId !== call.interventionId);
  state.answered = [...others, call].slice(-MAX_CALLS);
}

function isAnsweredCall(call: unknown, account: string): call is AnsweredCall {
  if (!isMap(call) || typeof call['interventionId'] !== 'string' || !Array.isArray(call['messages'])) return false;
  const messages = call['messages'] as unknown[];
  if (messages.length > MAX_MESSAGES || JSON.stringify(call).length > MAX_CHARACTERS) return false;
  return messages.every(
    (message) =>
      isMap(message) &&
      message['account'] === account &&
      message['interventionId'] === call['interventionId'] &&
      message['occasion'] === 'resolved' &&
      typeof message['channel'] === 'string' &&
      Array.isArray(message['reasons']),
  );
}

/** Sends the news of all kept calls, without waiting. News that is pending at a continue-as-new is sent again with the same keys. */
export function tellAnswered(account: Account): void {
  for (const call of account.state.answered) {
    if (!account.beingTold.has(call.interventionId)) void tell(account, call);
  }
}

async function tell({ state, beingTold }: Account, { interventionId, messages }: AnsweredCall): Promise<void> {
  beingTold.add(interventionId);
  await Promise.all(
    messages.map(async (message) => {
      const options = { summary: summary(`${message.channel}: resolved`) };
      try {
        await telling.deliver.executeWithOptions(options, [message]);
      } catch (error) {
        log.error('The news that a call is resolved was not delivered', { channel: message.channel, error });
      }
    }),
  );
  beingTold.delete(interventionId);
  state.answered = state.answered.filter((call) => call.interventionId !== interventionId);
}
