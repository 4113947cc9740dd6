import type { Policy } from '../domain/policy.js';

/**
 * Why a policy that reached the workflow cannot be taken, or null. The configuration's schema checks all of it before;
 * this holds the bounds against a caller that came another way. Synchronous: update validators must be.
 */
export function policyProblem(policy: Policy): string | null {
  const { intervalMinutes, failureThreshold, confirmations, maxLooks, settleSeconds, retrySeconds } = policy;
  if (!Number.isInteger(intervalMinutes) || intervalMinutes < 5 || intervalMinutes > 1440) {
    return `interval_minutes is ${intervalMinutes}; it must be a whole number from 5 to 1440`;
  }
  if (!Number.isInteger(failureThreshold) || failureThreshold < 1) {
    return `failure_threshold is ${failureThreshold}; it must be a whole number of at least 1`;
  }
  if (!Number.isInteger(confirmations) || confirmations < 1) {
    return `confirmations is ${confirmations}; it must be a whole number of at least 1`;
  }
  if (!Number.isInteger(maxLooks) || maxLooks < confirmations) {
    return `max_looks is ${maxLooks}; it must be a whole number of at least confirmations (${confirmations})`;
  }
  if (!(settleSeconds >= 0) || !(retrySeconds >= 0)) return 'settle_seconds and retry_seconds must not be negative';
  return null;
}
