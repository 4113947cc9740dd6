import { beforeEach, describe, expect, it } from '@jest/globals';
import { knownKey } from '../../src/domain/account/inspection.js';
import type { AnsweredKeyAudit } from '../../src/domain/account/key-audit.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { LedgerUnderTest } from './ledger-under-test.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
beforeEach(() => {
  ({ ledger, main } = under);
});

const READS: AnsweredKeyAudit = {
  answer: 'told',
  canTrade: false,
  canWithdraw: false,
  ipRestricted: true,
  note: 'the key only reads',
};
const TRADES: AnsweredKeyAudit = { ...READS, canTrade: true, note: 'the key has enableFutures' };
const NOTHING = { canTrade: null, canWithdraw: null, ipRestricted: null };
const FAILED: AnsweredKeyAudit = { answer: 'failed', ...NOTHING, note: 'what the key may do is not known' };
const NOT_REPORTED: AnsweredKeyAudit = { answer: 'not_told', ...NOTHING, note: 'it does not report' };

async function find(key: AnsweredKeyAudit, exchange = 'binanceusdm'): Promise<void> {
  await ledger.recordFinding(main, { exchange, verifiedProfile: true, key });
}

/** The powers before and after, in each event. */
async function reported(): Promise<unknown[]> {
  const events = await ledger.events(main, { after: 1, limit: 100 });
  return events.map(({ type, payload }) => {
    const previous = payload['previous'] as { can_trade: unknown } | null;
    return [type, previous === null ? 'unknown' : previous.can_trade, payload['can_trade']];
  });
}

async function faults(): Promise<string[]> {
  return (await ledger.verify(main)).accounts.flatMap((account) => account.faults.map(({ fault }) => fault));
}

describe('what a worker finds out of a key', () => {
  it('is kept with the account, with when it was asked', async () => {
    expect((await ledger.account(main))?.inspection).toBeNull();
    await find(READS);
    expect((await ledger.account(main))?.inspection).toEqual({
      exchange: 'binanceusdm',
      verifiedProfile: true,
      key: {
        canTrade: false,
        canWithdraw: false,
        ipRestricted: true,
        note: 'the key only reads',
        exchange: 'binanceusdm',
        at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    });
    expect(await reported()).toEqual([]);
  });

  it.each([
    ['a key that only reads is no event', [READS, READS], []],
    ['a key that can trade is one event, however often it is asked', [TRADES, TRADES, TRADES], [['unknown', true]]],
    [
      'a key that is replaced is an event each time',
      [READS, TRADES, READS],
      [
        [false, true],
        [true, false],
      ],
    ],
    ['a question that failed says nothing', [FAILED, TRADES, FAILED, TRADES], [['unknown', true]]],
    ['a question that failed does not hide a change', [READS, FAILED, TRADES], [[false, true]]],
    ['an IP limit that is gone is a change', [READS, { ...READS, ipRestricted: false }], [[false, false]]],
    ['another note is none', [TRADES, { ...TRADES, note: 'in other words' }], [['unknown', true]]],
    ['an exchange that does not report is none', [NOT_REPORTED, NOT_REPORTED], []],
  ] as const)('%s', async (_name, answers, changes) => {
    for (const answer of answers) await find(answer);
    expect(await reported()).toEqual(changes.map((change) => ['KEY_PERMISSIONS_CHANGED', ...change]));
    expect(await faults()).toEqual([]);
  });

  it('is recorded once where two workers find it at the same time', async () => {
    await Promise.all([find(TRADES), find(TRADES), find(TRADES)]);
    expect(await reported()).toEqual([['KEY_PERMISSIONS_CHANGED', 'unknown', true]]);
    expect(await faults()).toEqual([]);
  });

  it('is that of the present exchange: another one is another key', async () => {
    await find(TRADES);
    await find(FAILED, 'bybit');
    const inspection = (await ledger.account(main))?.inspection ?? null;
    expect({ exchange: inspection?.exchange, key: knownKey(inspection) }).toEqual({ exchange: 'bybit', key: null });
    expect(await faults()).toEqual([]);
    await find(READS, 'bybit');
    expect(await reported()).toEqual([
      ['KEY_PERMISSIONS_CHANGED', 'unknown', true],
      ['KEY_PERMISSIONS_CHANGED', true, false],
    ]);
    expect(await faults()).toEqual([]);
  });

  it('cannot be made harmless without contradicting its event', async () => {
    await find(TRADES);
    await under.query(
      `UPDATE plumbline.account SET inspection = replace(inspection::text, '"canTrade":true', '"canTrade":false')::json WHERE account = $1`,
      [main],
    );
    expect(await faults()).toEqual([expect.stringMatching(/what the key may do is stored as .*false/)]);
  });
});
