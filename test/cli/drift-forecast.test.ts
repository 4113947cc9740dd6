import { describe, expect, it } from '@jest/globals';
import { renderPlan } from '../../src/cli/render/apply.js';
import type { PlannedStep } from '../../src/cli/steps/apply-plan.js';
import { forecastOf } from '../../src/cli/steps/drift-forecast.js';
import { PLAIN } from '../../src/cli/terminal/style.js';
import { changesInYaml } from '../../src/config/policy-in-yaml.js';
import { recordOf } from '../../src/domain/policy/drift-rules.js';
import { DEFAULT_POLICY, type DriftRule, type Policy } from '../../src/domain/policy/policy.js';
import type { AccountTotals, DiscrepancyRow } from '../../src/ledger/contract/ledger.js';
import { openedOutside, orderPlaced, sizeChanged } from '../ledger/records.js';
import { NOW, totals as accountTotals } from '../http/totals.js';

const TIERS: DriftRule[] = [
  { notionalBelow: '100', action: 'record' },
  { notionalBelow: '1000', action: 'notify' },
  { action: 'page' },
];

type Confirmed = ReturnType<typeof openedOutside>;

function row(
  { identity, difference, description, remedy }: Confirmed,
  fields: Partial<DiscrepancyRow> = {},
): DiscrepancyRow {
  const { type, symbol } = difference;
  const seen = {
    openedAt: NOW,
    lastSeenAt: NOW,
    timesSeen: 1,
    state: 'open',
    resolvedAt: null,
    ignoredBy: null,
  } as const;
  const words = { id: identity, identity, type, symbol, description, remedy, difference };
  return { ...words, ...seen, decision: null, accepted: null, ...fields };
}

function printed(before: Policy, after: Policy, open: DiscrepancyRow[], totals: Partial<AccountTotals> = {}): string[] {
  const changes = changesInYaml(before, after);
  const step: PlannedStep = { account: 'main', action: 'configured', detail: null, changes };
  const known = accountTotals({ policy: before, ...totals });
  return renderPlan(step, open.length === 0 ? null : forecastOf(known, open, after), PLAIN);
}

const withRules = (drift: DriftRule[]): Policy => ({ ...DEFAULT_POLICY, drift });
const decidedBy = (drift: DriftRule[], found: Confirmed, price: string | null) =>
  row(found, { decision: recordOf(found.difference, withRules(drift), price) });

describe('the dry run of apply', () => {
  it('shows each changed field in the words of the file', () => {
    const after = { ...DEFAULT_POLICY, intervalMinutes: 5, settleSeconds: 20, drift: TIERS.slice(0, 1) };
    expect(printed(DEFAULT_POLICY, after, [])).toEqual([
      'account/main configured (dry run)',
      '  interval_minutes: 30 -> 5',
      '  confirm_interval_seconds: 10 -> 20',
      '  drift: (not set) -> [{notional_below: 100, action: record}]',
    ]);
  });

  it('shows what becomes of an open discrepancy, and of the gate', () => {
    const open = [
      decidedBy([{ notionalBelow: '1', action: 'record' }, { action: 'page' }], sizeChanged('0.5', '0.499'), '60000'),
    ];
    const lines = printed(
      withRules([{ notionalBelow: '1', action: 'record' }, { action: 'page' }]),
      withRules(TIERS),
      open,
      {
        blockingDiscrepancies: 1,
      },
    );
    expect(lines.slice(2)).toEqual([
      '  with the next run, 1 open discrepancy:',
      '    POSITION_SIZE_CHANGED BTC/USDT:USDT: page -> record',
      '  the trading gate would open',
    ]);
  });

  it('says that the gate stays closed where something else closes it', () => {
    const open = [decidedBy([{ action: 'page' }], sizeChanged('0.5', '0.499'), '60000')];
    const lines = printed(withRules([{ action: 'page' }]), withRules(TIERS), open, {
      blockingDiscrepancies: 1,
      openInterventions: 1,
    });
    expect(lines.at(-1)).toMatch(/^ {2}the trading gate stays closed: a (call|human)|an intervention is open/);
  });

  it('shows the ranges of values where the value is not known yet', () => {
    const lines = printed(DEFAULT_POLICY, withRules(TIERS), [row(openedOutside('0.5'))], { blockingDiscrepancies: 1 });
    expect(lines.slice(3)).toEqual([
      '    POSITION_OPENED_EXTERNALLY BTC/USDT:USDT: page -> record below 100, notify from 100, page from 1000 (its value is not known before that run)',
      '  the trading gate is closed; whether it opens depends on the values above',
    ]);
  });

  it('says that a person is called, and which discrepancy is accepted', () => {
    const recorded = decidedBy([{ action: 'record' }], sizeChanged('0.5', '0.4'), '60000');
    const accepted = {
      ...decidedBy([{ action: 'record' }], orderPlaced('17'), '60000'),
      accepted: { by: 'ada', note: 'hedge', until: new Date('2026-11-22T16:00:00Z'), at: NOW },
    };
    const lines = printed(withRules([{ action: 'record' }]), withRules([{ action: 'page' }]), [recorded, accepted]);
    expect(lines.slice(2)).toEqual([
      '  with the next run, 2 open discrepancies:',
      '    POSITION_SIZE_CHANGED BTC/USDT:USDT: record -> page (a person is called)',
      '    ORDER_PLACED_EXTERNALLY BTC/USDT:USDT: record -> page (accepted until 2026-11-22 16:00:00Z)',
      '  the trading gate would close',
    ]);
  });

  it('names the gate where a rule sets it', () => {
    const rules: DriftRule[] = [{ action: 'record', closeGate: true }];
    const lines = printed(DEFAULT_POLICY, withRules(rules), [row(openedOutside())], { blockingDiscrepancies: 1 });
    expect(lines[3]).toBe('    POSITION_OPENED_EXTERNALLY BTC/USDT:USDT: page -> record with the gate closed');
  });
});
