import { describe, expect, it } from '@jest/globals';
import { tradingGateOf, withFinding } from '../../../src/domain/gate/trading-gate.js';
import type { SilenceFinding } from '../../../src/domain/gate/silence-finding.js';
import { minutesAgo, totals } from '../../http/totals.js';

const finding = (kind: SilenceFinding['kind']): SilenceFinding => ({
  kind,
  since: minutesAgo(3),
  text: `the account is ${kind}`,
  remedy: 'repair it',
});

describe('a finding of the watcher', () => {
  it('closes the trading gate and says why', () => {
    const tradingGate = withFinding(tradingGateOf(totals()), finding('no_workflow'));
    expect(tradingGate).toMatchObject({ open: false, reasons: ['the account is no_workflow'] });
  });

  it('leaves lateness to the ledger, which has newer information', () => {
    expect(withFinding(tradingGateOf(totals()), finding('overdue'))).toEqual(tradingGateOf(totals()));
    expect(withFinding(tradingGateOf(totals()), null)).toEqual(tradingGateOf(totals()));
  });
});
