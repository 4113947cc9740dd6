import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What the Web UI's workflow list can be filtered and sorted by. `plumbline migrate` registers them. */
export const ACCOUNT = defineSearchAttributeKey('PlumblineAccount', SearchAttributeType.KEYWORD);
export const EXCHANGE = defineSearchAttributeKey('PlumblineExchange', SearchAttributeType.KEYWORD);
export const OUTCOME = defineSearchAttributeKey('PlumblineOutcome', SearchAttributeType.KEYWORD);
export const CONSECUTIVE_FAILURES = defineSearchAttributeKey('PlumblineConsecutiveFailures', SearchAttributeType.INT);
export const OPEN_DISCREPANCIES = defineSearchAttributeKey('PlumblineOpenDiscrepancies', SearchAttributeType.INT);
export const PAUSED = defineSearchAttributeKey('PlumblinePaused', SearchAttributeType.BOOL);

export const SEARCH_ATTRIBUTES = [ACCOUNT, EXCHANGE, OUTCOME, CONSECUTIVE_FAILURES, OPEN_DISCREPANCIES, PAUSED];
