import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY } from '../../../src/domain/policy/policy.js';
import { tradingGateOf } from '../../../src/domain/gate/trading-gate.js';
import { minutesAgo, totals } from '../../http/totals.js';

const policyWith = (gateMaxAgeMinutes: number) => ({ ...DEFAULT_POLICY, gateMaxAgeMinutes });

describe('the trading gate', () => {
  it('is open while the last success is recent and nobody is called', () => {
    expect(tradingGateOf(totals())).toEqual({
      open: true,
      reasons: [],
      accepted: 0,
      lastSuccessAt: minutesAgo(5),
      ageMinutes: 5,
      maxAgeMinutes: 90,
    });
  });

  it('stays open up to exactly the allowed age', () => {
    expect(tradingGateOf(totals({ lastSuccessAt: minutesAgo(90) })).open).toBe(true);
  });

  it('does not close for a difference in clocks of less than a minute', () => {
    expect(tradingGateOf(totals({ lastSuccessAt: minutesAgo(-0.5) })).open).toBe(true);
  });

  it.each([
    [
      'a call reaches nobody',
      { undeliveredSince: minutesAgo(3) },
      /^nobody has been reached since .*: every channel failed/,
    ],
    ['since when a call reaches nobody is no time', { undeliveredSince: new Date(NaN) }, /nobody has been reached/],
    ['an intervention is open', { openInterventions: 1 }, /intervention is open/],
    ['a human is to be called', { callDueSince: minutesAgo(0) }, /a human is being called/],
    [
      'the intervention that is open is to get one more reason',
      { openInterventions: 1, callDueSince: minutesAgo(0) },
      /intervention is open/,
    ],
    ['the last success is too old', { lastSuccessAt: minutesAgo(90.1) }, /90 minutes old, more than the 90 allowed/],
    ['nothing has succeeded yet', { lastSuccessAt: null }, /no reconciliation .* has succeeded yet/],
    ['the last success lies in the future', { lastSuccessAt: minutesAgo(-2) }, /future/],
    ['the time of the last success makes no sense', { lastSuccessAt: new Date(NaN) }, /age is unknown/],
    ['the reconciliation was stopped', { active: false }, /stopped/],
    [
      'a discrepancy is open',
      { blockingDiscrepancies: 1 },
      /^1 discrepancy is open: look \(`plumbline diff main`\), fix .*plumbline run main.*plumbline accept main/,
    ],
    ['its sign of life is more than a minute late', { expectedAt: minutesAgo(1.1) }, /silent: .* due 66 s ago/],
    ["the database's clock makes no sense", { readAt: new Date(NaN) }, /impossible value \(the database's clock\)/],
    ['a count is not a number', { openInterventions: NaN }, /impossible value \(open interventions: NaN\)/],
    ['a count is negative', { blockingDiscrepancies: -1 }, /impossible value \(blocking discrepancies: -1\)/],
    ['a count is not whole', { acceptedDiscrepancies: 0.5 }, /impossible value \(accepted discrepancies: 0.5\)/],
    ['the streak makes no sense', { consecutiveFailures: Infinity }, /impossible value \(failed runs in a row/],
    ['no age is allowed', { policy: policyWith(0) }, /impossible value \(gate_max_age_minutes: 0\)/],
    ['a negative age is allowed', { policy: policyWith(-5) }, /impossible value \(gate_max_age_minutes: -5\)/],
    ['any age is allowed', { policy: policyWith(Infinity) }, /impossible value \(gate_max_age_minutes: Infinity\)/],
    ['the age that is allowed is not a number', { policy: policyWith(NaN) }, /impossible value \(gate_max_age/],
    ['a sign of life is expected in years', { expectedAt: new Date('9999-01-01') }, /impossible value \(the next sign/],
    ['the sign of life is invalid', { expectedAt: new Date(NaN) }, /impossible value \(the next sign of life: no time/],
  ])('is closed when %s, and says so', (_, changes, reason) => {
    const tradingGate = tradingGateOf(totals(changes));
    expect(tradingGate.open).toBe(false);
    expect(tradingGate.reasons).toContainEqual(expect.stringMatching(reason));
  });

  it('is closed for one reason if one thing is wrong', () => {
    expect(tradingGateOf(totals({ blockingDiscrepancies: 2 })).reasons).toEqual([
      expect.stringMatching(/^2 discrepancies are open/),
    ]);
  });

  it('stays open over accepted discrepancies, and counts them', () => {
    expect(tradingGateOf(totals({ acceptedDiscrepancies: 2 }))).toMatchObject({ open: true, accepted: 2 });
  });

  it('does not call a paused account silent, nor one that is a minute late', () => {
    expect(tradingGateOf(totals({ paused: true, expectedAt: minutesAgo(10) })).open).toBe(true);
    expect(tradingGateOf(totals({ expectedAt: minutesAgo(1) })).open).toBe(true);
    expect(tradingGateOf(totals({ expectedAt: null })).open).toBe(true);
  });

  it("counts ages by the database's clock, regardless of this machine's", () => {
    const readAt = minutesAgo(-100_000);
    const tradingGate = tradingGateOf(totals({ readAt, lastSuccessAt: minutesAgo(-99_990), expectedAt: null }));
    expect(tradingGate).toMatchObject({ open: true, ageMinutes: 10 });
  });

  it('reports every reason that closes it', () => {
    expect(
      tradingGateOf(totals({ openInterventions: 1, lastSuccessAt: null, active: false, blockingDiscrepancies: 1 }))
        .reasons,
    ).toHaveLength(4);
  });
});
