import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DiscrepancyRow, Ledger } from '../../src/ledger/contract/ledger.js';
import { ETH, NOON } from '../domain/snapshots.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { eventTypes, openedOutside, orderPlaced, register, sizeChanged, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
beforeEach(() => {
  ({ ledger, main } = under);
});

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const startOf = (run: number) => new Date(NOON + run * 60_000);

const run = async (number: number, fields: Parameters<typeof verdict>[1]) =>
  ledger.recordVerdict(verdict(number, { startedAt: startOf(number), ...fields }, main));
const accept = async (fields: Partial<Parameters<Ledger['acceptDiscrepancies']>[0]> = {}) =>
  ledger.acceptDiscrepancies({
    account: main,
    discrepancyIds: null,
    by: 'ada',
    until: inDays(1),
    note: 'hedged elsewhere',
    ...fields,
  });
const faults = async () => (await ledger.verify(main)).accounts[0]?.faults;
const counts = async () => {
  const totals = await ledger.account(main);
  return { blocking: totals?.blockingDiscrepancies, accepted: totals?.acceptedDiscrepancies };
};
const lastOf = async (type: string) => (await ledger.events(main)).findLast((event) => event.type === type)?.payload;

/** The run's intervention was opened and acknowledged. */
async function callAcknowledged(number: number): Promise<void> {
  const reason = { action: 'X', text: 'x', at: startOf(number).toISOString() };
  const interventionId = `${main}/${number}`;
  await ledger.openIntervention({ account: main, interventionId, reasons: [reason] });
  await ledger.acknowledgeIntervention({ interventionId, by: 'ada', note: 'seen' });
}

/** Moves the end of every acceptance of the account into the past, directly in the database. */
async function expire(): Promise<void> {
  const until = '2001-01-01T00:00:00.000Z';
  await under.query(
    'UPDATE plumbline.discrepancy SET accepted_until = $2 WHERE account = $1 AND accepted_by IS NOT NULL',
    [main, until],
  );
}

async function only(): Promise<DiscrepancyRow> {
  const [row, ...others] = await ledger.discrepancies(main);
  if (row === undefined || others.length > 0) throw new Error(`${main} has one discrepancy`);
  return row;
}

describe('an open discrepancy', () => {
  it('blocks until somebody accepts it as it is, by name, with a note and until a time', async () => {
    await run(1, { confirmed: [openedOutside(), orderPlaced('17')] });
    expect(await counts()).toEqual({ blocking: 2, accepted: 0 });
    const rows = await ledger.discrepancies(main);
    const placed = rows.find(({ type }) => type === 'ORDER_PLACED_EXTERNALLY');
    const until = inDays(2);
    const accepted = await accept({ discrepancyIds: [placed?.id ?? ''], until });
    expect(accepted).toEqual([
      { ...placed, accepted: { by: 'ada', note: 'hedged elsewhere', until, at: expect.any(Date) } },
    ]);
    expect(await counts()).toEqual({ blocking: 1, accepted: 1 });
    const names = (await ledger.discrepancies(main)).map((row) => row.accepted?.by ?? null);
    expect(new Set(names)).toEqual(new Set(['ada', null]));
    expect(await lastOf('DISCREPANCY_ACCEPTED')).toEqual({
      by: 'ada',
      note: 'hedged elsewhere',
      until: until.toISOString(),
      discrepancy_id: placed?.id,
      identity: orderPlaced('17').identity,
      type: 'ORDER_PLACED_EXTERNALLY',
      difference: JSON.parse(JSON.stringify(placed?.difference)),
    });
    expect(await accept({ until })).toHaveLength(2);
    expect(await counts()).toEqual({ blocking: 0, accepted: 2 });
    // The discrepancy that was already accepted like this records no second event.
    expect((await eventTypes(ledger, main)).filter((type) => type === 'DISCREPANCY_ACCEPTED')).toHaveLength(2);
    expect(await faults()).toEqual([]);
  });

  it('that is accepted again has the terms of the last acceptance, with an event each', async () => {
    await run(1, { confirmed: [openedOutside()] });
    await accept();
    await accept({ by: 'bob', note: 'until the weekend', until: inDays(5) });
    expect((await only()).accepted).toMatchObject({ by: 'bob', note: 'until the weekend' });
    expect((await eventTypes(ledger, main)).filter((type) => type === 'DISCREPANCY_ACCEPTED')).toHaveLength(2);
    expect(await faults()).toEqual([]);
  });

  it('blocks only where its type calls a human, and where the policy names no types that can be read', async () => {
    await register(ledger, main, { interveneOn: ['ORDER_PLACED_EXTERNALLY'] });
    await run(1, { confirmed: [openedOutside()] });
    expect(await counts()).toEqual({ blocking: 0, accepted: 0 });
    for (const altered of ['{"interveneOn": null}', '{}', 'null']) {
      await under.query(`UPDATE plumbline.account SET policy = $2 WHERE account = $1`, [main, altered]);
      expect(await counts()).toEqual({ blocking: 1, accepted: 0 });
    }
  });

  it.each(['infinity', '9999-01-01', '2001-01-01'])(
    'blocks where its acceptance was altered to end at %s',
    async (end) => {
      await run(1, { confirmed: [openedOutside()] });
      await accept();
      await under.query('UPDATE plumbline.discrepancy SET accepted_until = $2 WHERE account = $1', [main, end]);
      expect(await counts()).toEqual({ blocking: 1, accepted: 0 });
      expect(await faults()).toEqual([
        { account: main, sequence: null, fault: expect.stringMatching(/^acceptance of/) },
      ]);
    },
  );

  it('that is accepted without an event is a fault', async () => {
    await run(1, { confirmed: [openedOutside()] });
    await under.query(
      `UPDATE plumbline.discrepancy SET accepted_by = 'eve', accepted_note = 'n', accepted_at = now(),
         accepted_until = now() + interval '1 day' WHERE account = $1`,
      [main],
    );
    expect(await faults()).toEqual([{ account: main, sequence: null, fault: expect.stringMatching(/gives null$/) }]);
  });
});

describe('what cannot be accepted is refused, and nothing of the request is recorded', () => {
  it.each<[what: string, until: () => Date]>([
    ['a time that has passed', () => new Date(Date.now() - 1_000)],
    ['a time more than 366 days ahead', () => inDays(366.1)],
    ['no time', () => new Date(Number.NaN)],
    ['the end of time', () => new Date(8.64e15)],
  ])('%s', async (_what, until) => {
    await run(1, { confirmed: [openedOutside()] });
    await expect(accept({ until: until() })).rejects.toMatchObject({
      failure: { kind: 'configuration', message: expect.stringMatching(/366 days at most/) },
    });
    expect((await only()).accepted).toBeNull();
  });

  it('a discrepancy that is resolved, that is of another account, or that is none', async () => {
    await run(1, { confirmed: [openedOutside(), orderPlaced('17')] });
    await run(2, { agreed: [orderPlaced('17').identity] });
    const [resolved] = await ledger.discrepancies(main, { state: 'resolved' });
    const [open] = await ledger.discrepancies(main, { state: 'open' });
    await register(ledger, `${main}-b`);
    for (const id of [resolved?.id, "it's none", '\0']) {
      await expect(accept({ discrepancyIds: [open?.id ?? '', id ?? ''] })).rejects.toMatchObject({
        failure: { kind: 'configuration', message: expect.stringMatching(/has no open discrepancy/) },
      });
    }
    const elsewhere = accept({ account: `${main}-b`, discrepancyIds: [open?.id ?? ''] });
    await expect(elsewhere).rejects.toThrow(/has no open discrepancy/);
    expect(await counts()).toEqual({ blocking: 1, accepted: 0 });
    await expect(accept({ account: 'nobody' })).rejects.toThrow(/does not know the account/);
  });
});

describe('an acceptance', () => {
  beforeEach(async () => {
    await run(1, { confirmed: [openedOutside()] });
    await callAcknowledged(1);
    await accept();
  });

  it('stays and calls nobody while its values are unchanged, seen or not', async () => {
    expect((await run(2, { confirmed: [openedOutside()] })).calls).toEqual([]);
    expect((await run(3, {})).calls).toEqual([]);
    expect(await counts()).toEqual({ blocking: 0, accepted: 1 });
    expect(await lastOf('ACCEPTANCE_ENDED')).toBeUndefined();
    expect(await faults()).toEqual([]);
  });

  it.each<[what: string, isCalled: boolean]>([
    ['while no call is open', false],
    ['also while a call for something else is open', true],
  ])('ends where the values change, which calls, %s', async (_what, isCalled) => {
    if (isCalled) await ledger.openIntervention({ account: main, interventionId: `${main}/open`, reasons: [] });
    const answer = await run(2, { confirmed: [openedOutside('0.7')] });
    expect(answer.calls).toEqual([
      {
        action: 'POSITION_OPENED_EXTERNALLY',
        text: `${openedOutside().description} (ada had accepted it as it was: ${openedOutside().description})`,
      },
    ]);
    expect(await lastOf('ACCEPTANCE_ENDED')).toMatchObject({ why: 'changed', by: 'ada', intervene: false });
    expect((await only()).accepted).toBeNull();
    expect(await counts()).toEqual({ blocking: 1, accepted: 0 });
    expect((await ledger.account(main))?.callDueSince).not.toBeNull();
    expect(await faults()).toEqual([]);
  });

  it('ends if its discrepancy turns into another type, which calls a human only by the policy', async () => {
    await register(ledger, main, { interveneOn: ['POSITION_OPENED_EXTERNALLY'] });
    expect((await run(2, { confirmed: [sizeChanged()] })).calls).toEqual([]);
    expect(await lastOf('ACCEPTANCE_ENDED')).toMatchObject({ why: 'changed' });
    expect(await faults()).toEqual([]);
  });

  it('ends if both sides agree, which calls nobody', async () => {
    const answer = await run(2, { agreed: [openedOutside().identity] });
    expect(answer).toMatchObject({ outcome: 'matched', calls: [], resolved: 1 });
    expect(await lastOf('ACCEPTANCE_ENDED')).toMatchObject({ why: 'resolved', intervene: false });
    expect(await only()).toMatchObject({ state: 'resolved', accepted: null });
    expect(await faults()).toEqual([]);
  });

  it.each<[what: string, fields: Parameters<typeof verdict>[1], stands: string]>([
    ['seen again', { confirmed: [{ ...openedOutside(), description: 'in new words' }] }, 'still differs'],
    ['not seen, and not agreed on', {}, 'is still open'],
  ])('ends with its time, at the next run, which calls again: %s', async (_what, fields, stands) => {
    await expire();
    expect(await counts()).toEqual({ blocking: 1, accepted: 0 });
    const answer = await run(2, fields);
    const description = fields?.confirmed?.[0]?.description ?? openedOutside().description;
    expect(answer.calls).toEqual([
      {
        action: 'POSITION_OPENED_EXTERNALLY',
        text: `BTC/USDT:USDT ${stands}; ada had accepted it until 2001-01-01T00:00:00.000Z: ${description}`,
      },
    ]);
    expect(await lastOf('ACCEPTANCE_ENDED')).toMatchObject({ why: 'expired', intervene: true });
    expect((await ledger.account(main))?.callDueSince).not.toBeNull();
    expect(await faults()).toEqual([]);
    expect((await run(3, fields)).calls).toEqual([]);
  });

  it('ends with its time, which calls nobody where its type does not', async () => {
    await register(ledger, main, { interveneOn: ['ORDER_PLACED_EXTERNALLY'] });
    await expire();
    expect((await run(2, { confirmed: [openedOutside()] })).calls).toEqual([]);
    expect(await lastOf('ACCEPTANCE_ENDED')).toMatchObject({ why: 'expired', intervene: false });
    expect(await faults()).toEqual([]);
  });

  it('of one says nothing of a discrepancy that opens beside it', async () => {
    const answer = await run(2, { confirmed: [openedOutside(), openedOutside('2', ETH)] });
    expect(answer.calls).toHaveLength(1);
    expect(await counts()).toEqual({ blocking: 1, accepted: 1 });
  });

  it('does not outlive its discrepancy: one that recurs blocks', async () => {
    await run(2, { agreed: [openedOutside().identity] });
    await run(3, { confirmed: [openedOutside()] });
    expect(await counts()).toEqual({ blocking: 1, accepted: 0 });
    expect(await faults()).toEqual([]);
  });
});
