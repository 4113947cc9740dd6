import { describe, expect, it } from '@jest/globals';
import { gateOf } from '../../src/http/gate.js';
import { minutesAgo, NOW, totals } from './totals.js';

describe('the gate', () => {
  it('is open while the last success is recent and nobody is called', () => {
    expect(gateOf(totals(), NOW)).toEqual({
      open: true,
      reasons: [],
      lastSuccessAt: minutesAgo(5),
      ageMinutes: 5,
      maxAgeMinutes: 90,
    });
  });

  it('stays open up to the very age that is allowed', () => {
    expect(gateOf(totals({ lastSuccessAt: minutesAgo(90) }), NOW).open).toBe(true);
  });

  it('does not close for a difference in clocks of less than a minute', () => {
    expect(gateOf(totals({ lastSuccessAt: minutesAgo(-0.5) }), NOW).open).toBe(true);
  });

  it.each([
    ['an intervention is open', { openInterventions: 1 }, /call for a human is open/],
    ['a human is to be called', { callDueSince: minutesAgo(0) }, /a human is being called/],
    [
      'the intervention that is open is to get one more reason',
      { openInterventions: 1, callDueSince: minutesAgo(0) },
      /call for a human is open/,
    ],
    ['the last success is too old', { lastSuccessAt: minutesAgo(90.1) }, /90 minutes old, more than the 90 allowed/],
    ['nothing has succeeded yet', { lastSuccessAt: null }, /no reconciliation .* has succeeded yet/],
    ['the last success lies in the future', { lastSuccessAt: minutesAgo(-2) }, /future/],
    ['the time of the last success makes no sense', { lastSuccessAt: new Date(NaN) }, /age is unknown/],
    ['the reconciliation was stopped', { active: false }, /stopped/],
  ])('is closed when %s, and says so', (_, changes, reason) => {
    const gate = gateOf(totals(changes), NOW);
    expect(gate.open).toBe(false);
    expect(gate.reasons).toEqual([expect.stringMatching(reason)]);
  });

  it('tells every reason that closes it', () => {
    expect(gateOf(totals({ openInterventions: 1, lastSuccessAt: null, active: false }), NOW).reasons).toHaveLength(3);
  });
});
