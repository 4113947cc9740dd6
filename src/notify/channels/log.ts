import { LOG_CHANNEL } from '../../domain/policy/channel-name.js';
import type { InterventionReason } from '../../domain/lifecycle/intervention.js';
import type { ChannelLog } from '../channel-parts.js';
import type { Channel } from '../channel.js';
import { OCCASION_WORDS } from '../message/occasion-words.js';
import { isCall } from './message-views.js';

export interface Notification {
  account: string;
  exchange: string;
  /** The number of this notification within the intervention, from 1. */
  count: number;
  reasons: readonly InterventionReason[];
}

/** One log line of level error per notification. Only interventions that were started before channels existed use it. */
export function createLogChannel(log: Pick<ChannelLog, 'error'>): (call: Notification) => Promise<void> {
  return async ({ account, exchange, count, reasons }) => {
    const latest = reasons.at(-1)?.text ?? 'no reason given';
    const message = count === 1 ? 'A human is needed' : `A human is still needed (notification ${count})`;
    const acknowledge = `plumbline acknowledge ${account} --by NAME --note TEXT`;
    log.error({ account, exchange, count, reasons, acknowledge }, `${message}: ${account} on ${exchange}: ${latest}`);
  };
}

/**
 * The channel that always exists: one line per message in the worker's log. A call has level error, news level info. The line has
 * no link, because whoever has a one-time link can act, and more people and programs read logs than get messages.
 */
export function createLogLines(name: string, log: ChannelLog): Channel {
  return {
    name,
    kind: LOG_CHANNEL,
    async deliver(message, { signal }) {
      signal.throwIfAborted();
      const { key, thread, occasion, severity, accounts, subject, text, since } = message;
      const [account] = accounts;
      const fields = {
        ...(accounts.length === 1 ? { account } : { accounts }),
        occasion,
        severity,
        since,
        text,
        key,
        thread,
      };
      const line = `${OCCASION_WORDS[occasion]}: ${subject}`;
      if (isCall(message)) log.error(fields, line);
      else log.info(fields, line);
      return { id: null, thread: null };
    },
  };
}
