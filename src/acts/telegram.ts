import { tellsAbout } from '../domain/lifecycle/intervention.js';
import { threadOfId } from '../ledger/contract/message-key.js';
import type { InterventionRow, Ledger } from '../ledger/contract/ledger.js';
import type { NamedCall } from '../ledger/contract/notifications.js';
import { mapBounded } from '../runtime/map-bounded.js';
import type { Acts } from './acts.js';
import type { Present } from './present.js';

/** Somebody pressed the button of a message in Telegram. */
export interface PressedButton {
  /** The message's thread. Text from outside. */
  thread: string;
  /** The service's own id of the message; null if Telegram does not name it. */
  receipt: string | null;
  /** The name that the configuration gives this Telegram user. */
  by: string;
  channel: string;
  /** Other channels that may have sent the message. */
  others: readonly string[];
}

/** Interventions that are searched for the thread. There are never more open ones than this. */
const MAX_INTERVENTIONS = 10_000;
/** How many calls are acknowledged at the same time. Telegram shows the answer only if it comes within some seconds. */
const CONCURRENCY = 16;
/** How many accounts an answer names. It has at most 200 characters. */
const MAX_NAMES = 3;
const NOTE = 'I have it (Telegram)';

type Words = (present: Present) => string;
type ActingLedger = Pick<Ledger, 'interventions' | 'namedIn'>;

/**
 * Acknowledges the intervention of the message, or all that it names, and returns the result in one line. Idempotent: an
 * intervention that was acknowledged stays acknowledged, and its message says by whom.
 *
 * @throws PlumblineError, or FailureError of the ledger
 */
export async function acknowledgeFromTelegram(
  acts: Pick<Acts, 'acknowledge' | 'present'>,
  ledger: ActingLedger,
  pressed: PressedButton,
  words: Words,
): Promise<string> {
  const rows = await ledger.interventions({ openOnly: true, limit: MAX_INTERVENTIONS });
  const only = rows.find(({ id }) => threadOfId(id) === pressed.thread);
  if (only !== undefined) {
    const { present } = await acts.acknowledge(only.account, requestOf(pressed));
    return `${only.account}: acknowledged by ${pressed.by}. ${words(present)}`;
  }
  const named = await namedIn(ledger, pressed);
  const open = rows.filter(({ id }) => named.has(id));
  if (open.length === 0) return 'This call is not open any more: see plumbline interventions.';
  return acknowledgeAll(acts, pressed, open, named);
}

/** The calls of the pressed message by their ids. Empty if the button does not belong to the message. */
async function namedIn(
  ledger: ActingLedger,
  { thread, receipt, channel, others }: PressedButton,
): Promise<Map<string, NamedCall>> {
  if (receipt === null) return new Map();
  const calls = await Promise.all([channel, ...others].map(async (name) => ledger.namedIn(name, receipt)));
  const ofButton = calls.flat().filter(({ key }) => threadOfId(key) === thread);
  return new Map(ofButton.map((call) => [call.interventionId, call]));
}

/** A call with a reason that the message does not show stays open, because nobody has seen that reason. */
async function acknowledgeAll(
  acts: Pick<Acts, 'acknowledge'>,
  pressed: PressedButton,
  open: readonly InterventionRow[],
  named: ReadonlyMap<string, NamedCall>,
): Promise<string> {
  const seen = open.filter((row) => isSeen(row, named));
  const grown = open.filter((row) => !isSeen(row, named)).map(({ account }) => account);
  const failed: string[] = [];
  await mapBounded(seen, { concurrency: CONCURRENCY }, async ({ account }) =>
    acts.acknowledge(account, requestOf(pressed)).catch(() => failed.push(account)),
  );
  const done = seen.length - failed.length;
  const parts = [`${done} of ${open.length} accounts acknowledged by ${pressed.by}`];
  if (grown.length > 0) parts.push(`still open, with a new reason: ${namesOf(grown)}`);
  if (failed.length > 0) parts.push(`not acknowledged, press again: ${namesOf(failed)}`);
  return `${parts.join('; ')}.`;
}

/** Whether the message shows every reason of the call. */
function isSeen({ id, reasons }: InterventionRow, named: ReadonlyMap<string, NamedCall>): boolean {
  const told = named.get(id)?.reasons ?? [];
  return reasons.every((reason) => tellsAbout(told, reason));
}

function namesOf(accounts: readonly string[]): string {
  const more = accounts.length - MAX_NAMES;
  return `${accounts.slice(0, MAX_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function requestOf({ by, channel, thread }: PressedButton) {
  return { by, via: 'telegram', channel, note: NOTE, requestId: `telegram/${channel}/${thread}` } as const;
}
