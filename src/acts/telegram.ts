import { threadOfId } from '../ledger/contract/message-key.js';
import type { Ledger } from '../ledger/contract/ledger.js';
import type { Acts } from './acts.js';
import type { Present } from './present.js';

/** Somebody pressed the button of a message in Telegram. */
export interface PressedButton {
  /** The message's thread. Text from outside. */
  thread: string;
  /** The name that the configuration gives this Telegram user. */
  by: string;
  channel: string;
}

/** Interventions that are searched for the thread. There are never more open ones than this. */
const MAX_INTERVENTIONS = 10_000;
const NOTE = 'I have it (Telegram)';

/**
 * Acknowledges the intervention of the message, and returns what is true now, in one line. Idempotent: an intervention that was
 * acknowledged stays so, and its message says by whom.
 *
 * @throws PlumblineError, or FailureError of the ledger
 */
export async function acknowledgeFromTelegram(
  acts: Pick<Acts, 'acknowledge' | 'present'>,
  ledger: Pick<Ledger, 'interventions'>,
  { thread, by, channel }: PressedButton,
  words: (present: Present) => string,
): Promise<string> {
  const rows = await ledger.interventions({ openOnly: true, limit: MAX_INTERVENTIONS });
  const open = rows.find(({ id }) => threadOfId(id) === thread);
  if (open === undefined) {
    return 'This call is not open any more, or the message is about several accounts: see plumbline interventions.';
  }
  const request = { by, via: 'telegram', channel, note: NOTE, requestId: `telegram/${channel}/${thread}` } as const;
  const { present } = await acts.acknowledge(open.account, request);
  return `${open.account}: acknowledged by ${by}. ${words(present)}`;
}
