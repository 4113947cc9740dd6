import { DISCREPANCY_TYPES, type DiscrepancyType } from '../../domain/difference/difference.js';
import { defaultRemedy, FAILURE_KINDS, meaningOf } from '../../domain/failure/failure.js';
import type { EventType } from '../../ledger/contract/ledger.js';

/** What Plumbline means by a word that it prints. */
export interface Explanation {
  word: string;
  /** What kind of word it is. */
  sort: 'discrepancy' | 'failure' | 'event' | 'setting';
  meaning: string;
  /** What a person can do. Absent where there is nothing to do. */
  todo?: string;
}

const FIX =
  '`plumbline discrepancies ACCOUNT` shows the remedy with the values. If you are not sure, change nothing on the exchange.';

const DISCREPANCIES: Record<DiscrepancyType, string> = {
  POSITION_OPENED_EXTERNALLY:
    'The exchange holds a position that the bot does not have: somebody opened it by hand or with another program, or the bot lost track of its own trade.',
  POSITION_SIZE_CHANGED:
    'Both sides have the position, with different amounts or sides: a trade by hand, a partial liquidation, or a fill that the bot missed.',
  POSITION_CLOSED_EXTERNALLY:
    'The bot has a position that the exchange does not hold any more: closed by hand, liquidated, settled, or closed by a stop that the bot missed.',
  ORDER_PLACED_EXTERNALLY:
    'An order is open on the exchange and unknown to the bot: placed by hand, by another program, or by the bot before it crashed.',
  ORDER_MISSING_ON_EXCHANGE:
    "An order is open in the bot's state and not on the exchange: filled, canceled, expired, rejected, or replaced.",
  ORDER_AMENDED_EXTERNALLY: 'An order is open on both sides with another price, trigger, amount or side.',
  ORDER_FILL_MISSED:
    "An order is open on both sides, and more of it is filled on the exchange than in the bot's state.",
  BALANCE_CHANGED_EXTERNALLY:
    'The exchange holds another amount of a currency than the bot: a deposit, a withdrawal, a transfer, a fee, or a trade that the bot missed.',
};

const EVENTS: Record<EventType, string> = {
  RECONCILIATION_COMPLETED: 'A run ended with a verdict: matched or drifted.',
  RECONCILIATION_FAILED:
    'A run ended without a verdict, because one side could not be read. Nothing is known about drift.',
  RECONCILIATION_PAUSED: 'Somebody paused the schedule. The trading gate closes when the last verdict is too old.',
  RECONCILIATION_RESUMED: 'Somebody resumed the schedule.',
  MANUAL_INTERVENTION:
    'A reason for a human was recorded: a discrepancy, failed runs in a row, or values that could not be confirmed.',
  DISCREPANCY_RESOLVED: 'A discrepancy ended: both sides agree again, or somebody closed it by hand.',
  MANUAL_REVIEW_ACKNOWLEDGED:
    'A named person acknowledged a call: the messages stop. Open discrepancies keep the trading gate closed.',
  KEY_PERMISSIONS_CHANGED: 'The exchange reports other permissions of the key than before.',
  ACCOUNT_REGISTERED: 'The account was recorded for the first time.',
  POLICY_CHANGED: 'The rules by which the account is judged, or its exchange, changed.',
  RECONCILIATION_STOPPED:
    'The account was removed from the configuration, or disabled in it. It is no longer reconciled.',
  RECONCILIATION_CANCELLED:
    "Somebody cancelled the account's workflow in Temporal. `plumbline repair ACCOUNT` starts it again.",
  REQUEST_REFUSED: "A signal to the account's workflow could not be used, and changed nothing.",
  ACCOUNT_REPAIRED: "`plumbline repair` restarted the account's workflow from the ledger's state.",
  INTERVENTION_SNOOZED: 'Somebody silenced the messages of a call until a time. A new reason that pages ends it.',
  DISCREPANCY_ACCEPTED:
    'Somebody accepted a discrepancy with these values until a time: it does not close the trading gate meanwhile.',
  ACCEPTANCE_ENDED: 'An acceptance is over: its time passed, the values changed, or the discrepancy was resolved.',
  NOTIFICATION_DELIVERED: 'A channel accepted a message of a call.',
  NOTIFICATION_FAILED: 'A channel did not accept a message of a call at the first attempt. It is tried again.',
};

/** All words except the settings. */
export function knownWords(): Explanation[] {
  return [
    ...DISCREPANCY_TYPES.map((word): Explanation => ({
      word,
      sort: 'discrepancy',
      meaning: DISCREPANCIES[word],
      todo: FIX,
    })),
    ...FAILURE_KINDS.map((word): Explanation => ({
      word,
      sort: 'failure',
      meaning: meaningOf(word),
      todo: defaultRemedy(word),
    })),
    ...Object.entries(EVENTS).map(([word, meaning]): Explanation => ({ word, sort: 'event', meaning })),
  ];
}
