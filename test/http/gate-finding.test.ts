import { describe, expect, it } from '@jest/globals';
import { gateOf, withFinding } from '../../src/http/gate.js';
import type { Finding } from '../../src/watch/finding.js';
import { minutesAgo, totals } from './totals.js';

const finding = (kind: Finding['kind']): Finding => ({
  kind,
  since: minutesAgo(3),
  text: `the account is ${kind}`,
  remedy: 'repair it',
});

describe('what the watcher finds', () => {
  it('closes the gate and says why', () => {
    const gate = withFinding(gateOf(totals()), finding('no_workflow'));
    expect(gate).toMatchObject({ open: false, reasons: ['the account is no_workflow'] });
  });

  it('leaves lateness to the ledger, which knows better', () => {
    expect(withFinding(gateOf(totals()), finding('overdue'))).toEqual(gateOf(totals()));
    expect(withFinding(gateOf(totals()), null)).toEqual(gateOf(totals()));
  });
});
