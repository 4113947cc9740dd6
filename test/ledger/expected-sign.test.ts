import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountTotals, Ledger } from '../../src/ledger/contract/ledger.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { failed, register, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
beforeEach(() => {
  ({ ledger, main } = under);
});

async function totals(): Promise<AccountTotals> {
  const found = await ledger.account(main);
  if (found === null) throw new Error(`${main} is registered`);
  return found;
}

/** Seconds until the next sign of life is due, by the database's clock; null if none is expected. */
async function dueIn(): Promise<number | null> {
  const { expectedAt, readAt } = await totals();
  return expectedAt === null ? null : (expectedAt.getTime() - readAt.getTime()) / 1_000;
}

const LATER = new Date('2999-01-01T00:00:00.000Z');
const PAST = new Date('2001-01-01T00:00:00.000Z');

describe('a sign of life', () => {
  it('is expected at once of an account that was just registered: a run follows', async () => {
    expect(await dueIn()).toBeLessThanOrEqual(0);
    expect(await dueIn()).toBeGreaterThan(-30);
  });

  it.each([LATER, null])('is expected when the registration says: %p', async (nextRunAt) => {
    const policy = (await totals()).policy;
    await ledger.registerAccount({ account: main, exchange: 'binanceusdm', policy, nextRunAt });
    expect((await totals()).expectedAt).toEqual(nextRunAt);
    await register(ledger, main);
    expect((await totals()).expectedAt).toEqual(nextRunAt);
  });

  it('is expected within so many seconds of the last one, by the database clock', async () => {
    await ledger.expectSign(main, 3_600);
    expect(await dueIn()).toBeGreaterThan(3_590);
    await ledger.expectSign(main, 60);
    expect(await dueIn()).toBeLessThanOrEqual(60);
    expect((await ledger.verify(main)).accounts[0]?.faults).toEqual([]);
  });

  it('is expected of no account that the ledger does not know, nor of one that was stopped', async () => {
    await ledger.expectSign('nobody', 60);
    await ledger.deactivateAccount(main);
    await ledger.expectSign(main, 60);
    expect((await totals()).expectedAt).toBeNull();
    await register(ledger, main);
    expect(await dueIn()).toBeLessThanOrEqual(0);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is not expected within %p seconds', async (seconds) => {
    await expect(ledger.expectSign(main, seconds)).rejects.toThrow(RangeError);
  });

  it('is not expected while the account is paused, and when the next run is due once it is resumed', async () => {
    const change = { account: main, by: 'ada', reason: null };
    await ledger.recordPause({ ...change, paused: true, requestId: 'a' });
    expect((await totals()).expectedAt).toBeNull();
    await ledger.recordPause({ ...change, paused: false, requestId: 'b', nextRunAt: LATER });
    expect((await totals()).expectedAt).toEqual(LATER);
    await ledger.recordPause({ ...change, paused: true, requestId: 'c', nextRunAt: LATER });
    expect((await totals()).expectedAt).toBeNull();
    await ledger.deactivateAccount(main);
    await register(ledger, main);
    expect((await totals()).expectedAt).toBeNull();
  });
});

describe('a recorded run says when the next one is due', () => {
  const records = [
    ['verdict', async (run: number, fields: object) => ledger.recordVerdict(verdict(run, fields, main))],
    ['failure', async (run: number, fields: object) => ledger.recordFailure(failed(run, fields, main))],
  ] as const;

  it.each(records)('with its %s', async (_kind, record) => {
    await record(1, { nextRunAt: LATER });
    expect((await totals()).expectedAt).toEqual(LATER);
    await record(2, {});
    expect((await totals()).expectedAt).toEqual(LATER);
    await record(3, { nextRunAt: null });
    expect((await totals()).expectedAt).toBeNull();
    await record(4, { nextRunAt: PAST });
    expect((await totals()).expectedAt).toEqual(PAST);
  });

  it.each(records)(
    'with its %s, which does not shorten what is expected now where it comes late',
    async (_kind, record) => {
      await ledger.expectSign(main, 600);
      await record(1, { nextRunAt: PAST });
      expect(await dueIn()).toBeGreaterThan(590);
    },
  );

  it.each(records)(
    'with its %s, and a time that is none is an alarm, not an item that cannot be recorded',
    async (_kind, record) => {
      await record(1, { nextRunAt: LATER });
      for (const [index, time] of [new Date(Number.NaN), new Date(8.64e15), new Date(-8.64e15)].entries()) {
        await record(2 + index, { nextRunAt: null });
        await record(10 + index, { nextRunAt: time });
        expect(await dueIn()).toBeLessThanOrEqual(0);
      }
    },
  );
});
