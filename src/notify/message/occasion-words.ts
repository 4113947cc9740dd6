import type { Occasion } from '../../domain/lifecycle/occasion.js';

/** Why a message is sent, in a few words, for a line that has no room for more. */
export const OCCASION_WORDS: Readonly<Record<Occasion, string>> = {
  called: 'A human is needed',
  reminder: 'A human is still needed',
  reason: 'A human is needed for another reason',
  acknowledged: 'A call was acknowledged',
  resolved: 'A call was resolved',
  test: 'A test of the channels',
};
