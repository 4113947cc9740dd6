import { conditionalOrdersAreCovered, historyIsAskedFirst, lostEventIsFound } from './orders.js';
import { olderThanTheLookBack, resolvedByState } from './orders.js';
import { dustIsNoPosition, fundingIsNoFill, legsAreTwo, liquidationIsNamed } from './positions.js';
import { lateFillIsCountedOnce, oldSnapshotDoesNotConfirm, oneDiscrepancyOneCall } from './races.js';
import type { Scenario } from './scenario.js';
import { failedQueryIsNotFlat, outageIsNotNotFound, partIsNotZero } from './unanswered.js';
import { vanishedIsSeenAndFailureClearsNothing } from './unanswered.js';

/** Fifteen failures that trading systems really had; the last one happened in two ways. */
export const scenarios: readonly Scenario[] = [
  failedQueryIsNotFlat,
  oldSnapshotDoesNotConfirm,
  oneDiscrepancyOneCall,
  outageIsNotNotFound,
  resolvedByState,
  olderThanTheLookBack,
  lateFillIsCountedOnce,
  historyIsAskedFirst,
  fundingIsNoFill,
  conditionalOrdersAreCovered,
  partIsNotZero,
  liquidationIsNamed,
  lostEventIsFound,
  vanishedIsSeenAndFailureClearsNothing,
  dustIsNoPosition,
  legsAreTwo,
];
