import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Attributes by which the Web UI's workflow list is filtered and sorted. `plumbline migrate` registers them. */
export const ACCOUNT = defineSearchAttributeKey('PlumblineAccount', SearchAttributeType.KEYWORD);
export const EXCHANGE = defineSearchAttributeKey('PlumblineExchange', SearchAttributeType.KEYWORD);
export const OUTCOME = defineSearchAttributeKey('PlumblineOutcome', SearchAttributeType.KEYWORD);
export const CONSECUTIVE_FAILURES = defineSearchAttributeKey('PlumblineConsecutiveFailures', SearchAttributeType.INT);
export const OPEN_DISCREPANCIES = defineSearchAttributeKey('PlumblineOpenDiscrepancies', SearchAttributeType.INT);
export const PAUSED = defineSearchAttributeKey('PlumblinePaused', SearchAttributeType.BOOL);
/** See `AccountState`. Only written if the namespace is known to have them, because earlier versions did not register them. */
export const STATE = defineSearchAttributeKey('PlumblineState', SearchAttributeType.KEYWORD);
export const STATE_SINCE = defineSearchAttributeKey('PlumblineStateSince', SearchAttributeType.DATETIME);

export const SEARCH_ATTRIBUTES = [
  ACCOUNT,
  EXCHANGE,
  OUTCOME,
  CONSECUTIVE_FAILURES,
  OPEN_DISCREPANCIES,
  PAUSED,
  STATE,
  STATE_SINCE,
];
