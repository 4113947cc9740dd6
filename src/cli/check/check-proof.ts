import type { AccountConfig } from '../../config/config.js';
import { FREQTRADE_GRACE_SECONDS } from '../../config/source-defaults.js';
import { proofOf } from '../../internal/proof.js';
import type { Check } from './check-answer.js';

/** What a match with the state of the account's bot proves, and whether the grace fits the loop of a Freqtrade. */
export function proofCheck({ internal, policy }: AccountConfig): Check {
  const { record, text } = proofOf(internal);
  if (record === 'mirror') return { check: 'proof', state: 'note', text, remedy: OWN_RECORD };
  if (!internal.some(({ source }) => source.kind === 'freqtrade')) {
    return { check: 'proof', state: 'ok', text, remedy: null };
  }
  const { graceSeconds } = policy;
  const isShort = graceSeconds < FREQTRADE_GRACE_SECONDS;
  return {
    check: 'proof',
    state: isShort ? 'warning' : 'ok',
    text: `${text}; a change is confirmed once it is older than ${graceSeconds} s (grace_seconds), because Freqtrade's loop takes 5 s, and 30 s after an error of the exchange`,
    remedy: isShort ? `set grace_seconds to ${FREQTRADE_GRACE_SECONDS} or more, or remove it` : null,
  };
}

const OWN_RECORD =
  "let the bot export what it recorded from its own orders and fills, not what it read from the exchange's account";
