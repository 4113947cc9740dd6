import { beforeEach, describe, expect, it } from '@jest/globals';
import { tradingGateOf } from '../../src/domain/gate/trading-gate.js';
import type { DriftRule } from '../../src/domain/policy/policy.js';
import type { DiscrepancyRow, Ledger, VerdictRecord } from '../../src/ledger/contract/ledger.js';
import { BTC, ETH, NOON } from '../domain/snapshots.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { openedOutside, register, sizeChanged, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
beforeEach(() => {
  ({ ledger, main } = under);
});

/** Below 100: recorded. Below 1000: a person is notified. Above: paged. */
const RULES: DriftRule[] = [
  { notionalBelow: '100', action: 'record' },
  { notionalBelow: '1000', action: 'notify' },
  { action: 'page' },
];
const PRICE = '60000';
const startOf = (number: number) => new Date(NOON + number * 60_000);

const run = async (number: number, confirmed: VerdictRecord['confirmed'], fields: Partial<VerdictRecord> = {}) =>
  ledger.recordVerdict(
    verdict(
      number,
      { startedAt: startOf(number), confirmed, drift: { prices: { [BTC]: PRICE }, dismissed: {} }, ...fields },
      main,
    ),
  );
/** The bot has the amount more or less than the exchange's half a coin. */
const drift = (amount: string) => sizeChanged('0.5', amount);
const withRules = async (drift: DriftRule[] | null = RULES) => register(ledger, main, drift === null ? {} : { drift });
const faults = async () => (await ledger.verify(main)).accounts[0]?.faults;
const totals = async () => {
  const found = await ledger.account(main);
  if (found === null) throw new Error(`${main} is registered`);
  return found;
};
const gate = async () => tradingGateOf(await totals());

async function only(): Promise<DiscrepancyRow> {
  const [row, ...others] = await ledger.discrepancies(main, { state: 'open' });
  if (row === undefined || others.length > 0) throw new Error(`${main} has one open discrepancy`);
  return row;
}

/** An intervention holds the calls of the run. */
async function called(number: number, calls: { action: string; text: string }[]): Promise<void> {
  const reasons = calls.map((call) => ({ ...call, at: startOf(number).toISOString() }));
  await ledger.openIntervention({ account: main, interventionId: `${main}/${number}`, reasons });
}

describe('a policy with rules for drifts', () => {
  it('records a small drift, calls nobody and leaves the trading gate open', async () => {
    await withRules();
    const recorded = await run(1, [drift('0.499')]);
    expect(recorded).toMatchObject({ outcome: 'drifted', openDiscrepancies: 1, calls: [] });
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 0, callDueSince: null });
    expect(await gate()).toMatchObject({ open: true });
    expect((await only()).decision).toEqual({ action: 'record', closeGate: false, rule: 1, price: PRICE, value: '60' });
    const event = (await ledger.events(main)).findLast(({ type }) => type === 'MANUAL_INTERVENTION');
    expect(event?.payload).toMatchObject({ intervene: false, decision: { action: 'record', rule: 1, price: PRICE } });
    expect(await faults()).toEqual([]);
  });

  it('pages for a large one and closes the gate', async () => {
    await withRules();
    const { calls } = await run(1, [drift('0.1')]);
    expect(calls).toMatchObject([{ action: 'POSITION_SIZE_CHANGED', severity: 'page', closesGate: true }]);
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 1 });
    expect(await gate()).toMatchObject({ open: false });
    expect(await faults()).toEqual([]);
  });

  it('notifies somebody of a medium one, and the discrepancy alone closes no gate', async () => {
    await withRules();
    const { calls } = await run(1, [drift('0.49')]);
    expect(calls).toMatchObject([{ severity: 'notify', closesGate: false }]);
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 0 });
  });

  it('pages if no price is known', async () => {
    await withRules();
    const { calls } = await run(1, [drift('0.499')], { drift: { prices: {}, dismissed: {} } });
    expect(calls).toMatchObject([{ severity: 'page', closesGate: true }]);
    expect((await only()).decision).toMatchObject({ rule: 3, price: null, value: null });
  });

  it('makes one call for the differences of one cause, with the highest severity of them', async () => {
    await withRules([{ symbols: [ETH], action: 'notify' }, { action: 'page' }]);
    const both = [openedOutside('1', BTC), openedOutside('1', ETH)];
    const causes = [{ kind: 'unexplained' as const, text: 'both', identities: both.map(({ identity }) => identity) }];
    const { calls } = await run(1, both, { causes });
    expect(calls).toEqual([{ action: 'POSITION_OPENED_EXTERNALLY', text: 'both', severity: 'page', closesGate: true }]);
  });
});

describe('a drift that grows while it is open', () => {
  it('calls when it passes a threshold, and again when it passes the next', async () => {
    await withRules();
    expect((await run(1, [drift('0.499')])).calls).toEqual([]);
    const second = await run(2, [drift('0.49')]);
    expect(second.calls).toMatchObject([{ severity: 'notify', closesGate: false }]);
    await called(2, second.calls);
    const third = await run(3, [drift('0.4')]);
    expect(third.calls).toMatchObject([{ severity: 'page', closesGate: true }]);
    await called(3, third.calls);
    expect((await only()).decision).toMatchObject({ action: 'page', rule: 3, value: '6000' });
    expect((await run(4, [drift('0.3')])).calls).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it('is called for when only its price rises, and its decision keeps the price while nothing else changes', async () => {
    await withRules();
    await run(1, [drift('0.499')]);
    await run(2, [drift('0.499')], { drift: { prices: { [BTC]: '70000' }, dismissed: {} } });
    expect((await only()).decision).toMatchObject({ price: PRICE });
    const { calls } = await run(3, [drift('0.499')], { drift: { prices: { [BTC]: '120000' }, dismissed: {} } });
    expect(calls).toMatchObject([{ severity: 'notify', text: expect.stringContaining('it was open before') }]);
    expect((await only()).decision).toMatchObject({ action: 'notify', price: '120000', value: '120' });
    expect(await faults()).toEqual([]);
  });

  it('is not called for while a person accepts these values', async () => {
    await withRules();
    await run(1, [drift('0.499')]);
    const until = new Date(Date.now() + 3_600_000);
    await ledger.acceptDiscrepancies({ account: main, discrepancyIds: null, by: 'ada', note: 'hedge', until });
    const raised = { drift: { prices: { [BTC]: '600000' }, dismissed: {} } };
    expect((await run(2, [drift('0.499')], raised)).calls).toEqual([]);
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 0, acceptedDiscrepancies: 1 });
    expect((await run(3, [drift('0.4')])).calls).toMatchObject([{ severity: 'page' }]);
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 1, acceptedDiscrepancies: 0 });
    expect(await faults()).toEqual([]);
  });
});

describe('a changed policy decides again with the next run', () => {
  it('opens the gate for what is now only recorded, and closes it again, with a call', async () => {
    await withRules(null);
    await run(1, [drift('0.499')]);
    expect((await only()).decision).toBeNull();
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 1 });
    await withRules();
    expect((await run(2, [drift('0.499')])).calls).toEqual([]);
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 0 });
    await withRules([{ action: 'page' }]);
    const { calls } = await run(3, [drift('0.499')]);
    expect(calls).toMatchObject([{ severity: 'page', closesGate: true }]);
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 1 });
    await withRules(null);
    expect((await run(4, [drift('0.499')])).calls).toEqual([]);
    expect((await only()).decision).toBeNull();
    expect(await faults()).toEqual([]);
  });

  it('calls for what a rule recorded if the rule is gone', async () => {
    await withRules();
    await run(1, [drift('0.499')]);
    await withRules(null);
    const { calls } = await run(2, [drift('0.499')]);
    expect(calls.map((call) => Object.keys(call))).toEqual([['action', 'text']]);
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 1 });
    await withRules();
    await run(3, [drift('0.499')]);
    await withRules(null);
    expect((await run(4, [], { compared: [] })).calls).toHaveLength(1);
    expect(await faults()).toEqual([]);
  });

  it('also changes the decision on a discrepancy that the run did not see', async () => {
    await withRules();
    await run(1, [drift('0.499')]);
    await withRules([{ action: 'page' }]);
    const { calls } = await run(2, [], { compared: [] });
    expect(calls).toMatchObject([{ action: 'POSITION_SIZE_CHANGED', severity: 'page', closesGate: true }]);
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 1 });
    await withRules([{ symbols: [BTC], action: 'record' }]);
    expect((await run(3, [], { compared: [] })).calls).toEqual([]);
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 0 });
    expect(await faults()).toEqual([]);
  });

  it('opens the gate for an open discrepancy that a rule now leaves out; it stays open until both sides agree', async () => {
    await withRules([{ action: 'page' }]);
    const wrong = drift('0.1');
    await run(1, [wrong]);
    await withRules([{ notionalBelow: '100', action: 'ignore' }, { action: 'page' }]);
    await run(2, [], { drift: { prices: { [BTC]: PRICE }, dismissed: { [wrong.identity]: 1 } } });
    expect(await only()).toMatchObject({ ignoredBy: 'drift rule 1', decision: { action: 'ignore', closeGate: false } });
    expect(await totals()).toMatchObject({ blockingDiscrepancies: 0 });
    await run(3, [], { agreed: [wrong.identity] });
    expect(await ledger.discrepancies(main)).toMatchObject([{ state: 'resolved', ignoredBy: null }]);
    expect(await faults()).toEqual([]);
  });
});

describe('without rules', () => {
  it('a verdict records and calls as in versions without rules', async () => {
    await withRules(null);
    const plain = verdict(1, { startedAt: startOf(1), confirmed: [drift('0.1')] }, main);
    const { calls } = await ledger.recordVerdict(plain);
    expect(calls.map((call) => Object.keys(call))).toEqual([['action', 'text']]);
    const event = (await ledger.events(main)).findLast(({ type }) => type === 'MANUAL_INTERVENTION');
    expect(event?.payload).not.toHaveProperty('decision');
  });
});

describe('verify', () => {
  it.each([
    ['another action', `replace(decision::text, 'page', 'record')::json`],
    ['an open gate', `replace(decision::text, 'true', 'false')::json`],
    ['another price', `replace(decision::text, '60000', '1')::json`],
    ['none', 'NULL, closes_gate = NULL'],
    ['one that opens the gate', 'decision, closes_gate = false'],
  ])('finds that a decision was changed: %s', async (_name, changed) => {
    await withRules();
    await run(1, [drift('0.1')]);
    expect(await faults()).toEqual([]);
    await under.query(`UPDATE plumbline.discrepancy SET decision = ${changed} WHERE account = $1`, [main]);
    expect((await faults())?.[0]?.fault).toContain('was changed');
  });
});
