import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { renderInterventions } from '../../src/cli/render/intervention.js';
import { PLAIN } from '../../src/cli/terminal/style.js';
import { NOON } from '../domain/snapshots.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { openedOutside, orderPlaced, register, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
beforeEach(async () => {
  ({ ledger, main } = under);
  await register(ledger, main);
});

const run = async (number: number, fields: Parameters<typeof verdict>[1]) =>
  ledger.recordVerdict(verdict(number, { startedAt: new Date(NOON + number * 60_000), ...fields }, main));
const idOf = async (type: string) => {
  const row = (await ledger.discrepancies(main)).find((each) => each.type === type && each.state === 'open');
  if (row === undefined) throw new Error(`no open ${type}`);
  return row.id;
};
const resolve = async (...discrepancyIds: string[]) =>
  ledger.resolveDiscrepancies({
    account: main,
    discrepancyIds,
    by: 'ada',
    via: 'cli',
    note: 'the contract was delisted',
  });

describe('a discrepancy that no run can close', () => {
  it('is closed by a named human, in the chain, and the trading gate follows', async () => {
    await run(1, { confirmed: [openedOutside(), orderPlaced('17')] });
    await run(2, { confirmed: [orderPlaced('17')] });
    const id = await idOf('POSITION_OPENED_EXTERNALLY');
    await ledger.acceptDiscrepancies({
      account: main,
      discrepancyIds: [id],
      by: 'ben',
      until: new Date(Date.now() + 86_400_000),
      note: 'for now',
    });
    expect(await resolve(id)).toMatchObject([{ id, state: 'resolved', accepted: null }]);
    const totals = await ledger.account(main);
    expect(totals?.openDiscrepancies).toMatchObject({ POSITION_OPENED_EXTERNALLY: 0, ORDER_PLACED_EXTERNALLY: 1 });
    const events = await ledger.events(main);
    expect(events.slice(-2)).toMatchObject([
      {
        type: 'DISCREPANCY_RESOLVED',
        payload: { discrepancy_id: id, by: 'ada', via: 'cli', note: 'the contract was delisted' },
      },
      { type: 'ACCEPTANCE_ENDED', payload: { discrepancy_id: id, why: 'resolved', by: 'ben' } },
    ]);
    await run(3, { confirmed: [orderPlaced('17')] });
    expect((await ledger.verify(main)).accounts[0]?.faults).toEqual([]);
  });

  it('is not closed while the last verdict still sees it', async () => {
    await run(1, { confirmed: [openedOutside()] });
    const id = await idOf('POSITION_OPENED_EXTERNALLY');
    await expect(resolve(id)).rejects.toThrow(/Run 1 still saw discrepancy/);
    expect(await idOf('POSITION_OPENED_EXTERNALLY')).toBe(id);
  });

  it('is not closed twice, nor under another id', async () => {
    await run(1, { confirmed: [openedOutside()] });
    await run(2, {});
    const id = await idOf('POSITION_OPENED_EXTERNALLY');
    await resolve(id);
    await expect(resolve(id)).rejects.toThrow(/no open discrepancy/);
    await expect(resolve('x')).rejects.toThrow(/no open discrepancy "x"/);
  });

  it('is a fault where the row says more than the event', async () => {
    await run(1, { confirmed: [openedOutside()] });
    await run(2, {});
    const id = await idOf('POSITION_OPENED_EXTERNALLY');
    await resolve(id);
    await under.query("UPDATE plumbline.discrepancy SET resolved_at = now() - interval '1 day' WHERE id = $1", [id]);
    await run(3, {});
    expect(JSON.stringify((await ledger.verify(main)).accounts[0]?.faults)).toContain('resolution of discrepancy');
  });
});

describe('what is not compared', () => {
  const unknown = { scope: 'positions', symbol: 'FTM/USDT:USDT', code: 'SYMBOL_UNKNOWN' as const, reason: 'delisted' };
  const gap = { ...unknown, missing: 'internal' as const };

  it('is counted by reason', async () => {
    await run(1, { notCompared: [gap, { scope: 'balances', missing: 'internal', reason: 'not answered' }] });
    expect((await ledger.account(main))?.notCompared).toMatchObject({
      SYMBOL_UNKNOWN: 1,
      NOT_COVERED: 1,
      SWITCHED_OFF: 0,
    });
    await run(2, { notCompared: [] });
    expect((await ledger.account(main))?.notCompared).toMatchObject({ SYMBOL_UNKNOWN: 0, NOT_COVERED: 0 });
  });

  it('calls a human once until it is gone, if the policy says so', async () => {
    const calls = async (number: number, notCompared: (typeof gap)[]) =>
      (await run(number, { notCompared })).calls.map(({ action, text }) => `${action} ${text}`);
    expect(await calls(1, [gap])).toEqual([]);
    await run(2, { notCompared: [] });
    await ledger.registerAccount({
      account: main,
      exchange: 'binanceusdm',
      policy: { ...DEFAULT_POLICY, interveneOnNotCompared: ['SYMBOL_UNKNOWN'] },
    });
    const call = 'NOT_COMPARED positions FTM/USDT:USDT is no longer compared: delisted';
    expect(await calls(3, [gap])).toEqual([call]);
    const of = async () =>
      (await ledger.events(main)).filter(({ payload }) => payload['action'] === 'NOT_COMPARED').length;
    await calls(4, [gap]);
    expect(await of()).toBe(1);
    await calls(5, []);
    await calls(6, [gap]);
    expect(await of()).toBe(2);
    expect((await ledger.verify(main)).accounts[0]?.faults).toEqual([]);
  });
});

describe('an open intervention', () => {
  it('shows its reasons as they were, and what is open now', async () => {
    await run(1, { confirmed: [openedOutside('0.5')] });
    const reason = { action: 'POSITION_OPENED_EXTERNALLY', text: 'first words', at: new Date(NOON).toISOString() };
    await ledger.openIntervention({ account: main, interventionId: `${main}/1`, reasons: [reason] });
    const moved = { ...openedOutside('0.7'), description: 'the exchange holds 0.7 BTC' };
    await run(2, { confirmed: [moved] });
    const listed = async () => (await ledger.interventions({ account: main }))[0];
    const shown = async () =>
      renderInterventions(await ledger.interventions({ account: main }), new Date(), PLAIN, 100).join('\n');
    expect(await listed()).toMatchObject({
      reasons: [{ text: 'first words' }],
      now: ['the exchange holds 0.7 BTC'],
    });
    expect(await shown()).toMatch(/first words[\s\S]*now: the exchange holds 0.7 BTC/);
    await run(3, { agreed: [moved.identity] });
    expect((await listed())?.now).toEqual([]);
  });
});
