import { isMap } from '../domain/text/is-map.js';
import { DEFAULT_POLICY, type Policy } from '../domain/policy/policy.js';

/** The grace of an account whose bot is a Freqtrade, seconds. */
export const FREQTRADE_GRACE_SECONDS = 60;

/**
 * Freqtrade works in a loop of 5 s, and sleeps 30 s after a temporary error of the exchange. With the general grace of 30 s a
 * fill that it books right after such a sleep would be confirmed as drift. Eight observations last longer than this grace.
 */
const FREQTRADE_POLICY: Policy = Object.freeze({
  ...DEFAULT_POLICY,
  graceSeconds: FREQTRADE_GRACE_SECONDS,
  maxLooks: 8,
});

/** The policy of an account whose fields are not set: it depends on the loop of its bot. `internal` may be unchecked. */
export function policyDefaults(internal: unknown): Policy {
  const sources: unknown[] = Array.isArray(internal) ? internal : [internal];
  const isFreqtrade = sources.some((source) => isMap(source) && source['kind'] === 'freqtrade');
  return isFreqtrade ? FREQTRADE_POLICY : DEFAULT_POLICY;
}
