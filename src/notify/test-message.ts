import { visible } from '../domain/text/shown-text.js';
import type { Message } from './channel.js';

export interface TestRequest {
  /** Different for each test, at most 64 characters of A-Z, a-z, 0-9, "-" and "_". */
  key: string;
  channel: string;
  by: string;
  /** The accounts whose calls use this channel. If there are none: at least one account of the configuration. */
  accounts: readonly string[];
  /** Whether calls of these accounts use this channel. */
  isUsed: boolean;
  now: Date;
}

const LISTED = 10;
const LONGEST_NAME = 40;

/** The message of `plumbline notify test`. It says at once that nothing is wrong. */
export function testMessage({ key, channel, by, accounts, isUsed, now }: TestRequest): Message {
  const [first = 'none'] = accounts;
  const sender = visible(by).slice(0, LONGEST_NAME);
  const more = accounts.length > LISTED ? ` and ${accounts.length - LISTED} more` : '';
  const use = isUsed
    ? `Calls for these accounts use this channel: ${accounts.slice(0, LISTED).join(', ')}${more}.`
    : 'No account of the configuration uses this channel, so it gets no calls.';
  return {
    key,
    thread: key,
    occasion: 'test',
    severity: 'notify',
    // One is enough, because a service may make an alert for each account.
    accounts: [first],
    subject: `Plumbline: test of ${channel}, nothing is wrong`,
    text: [
      `${sender} tests the channel ${channel} of Plumbline, which watches trading accounts. Nothing is wrong, and nobody has to do anything.`,
      use,
    ].join('\n'),
    link: null,
    since: now.toISOString(),
    canAcknowledge: false,
  };
}
