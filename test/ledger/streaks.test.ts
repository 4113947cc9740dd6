import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { NOON } from '../domain/snapshots.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { eventTypes, failed, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
beforeEach(() => {
  ({ ledger, main } = under);
});

const startOf = (run: number) => new Date(NOON + run * 60_000);
const fail = async (run: number, fields = {}) =>
  ledger.recordFailure(failed(run, { startedAt: startOf(run), ...fields }, main));
const succeed = async (run: number) => ledger.recordVerdict(verdict(run, { startedAt: startOf(run) }, main));
const faults = async () => (await ledger.verify(main)).accounts[0]?.faults;

describe('failed runs in a row', () => {
  it('are counted by the ledger, whatever the caller counts', async () => {
    await fail(1, { consecutiveFailures: 7 });
    await fail(2, { consecutiveFailures: 1 });
    expect(await ledger.streak(main)).toEqual({ failures: 2, called: false });
    const reported = (await ledger.events(main, { after: 1 })).map(({ payload }) => payload['consecutive_failures']);
    expect(reported).toEqual([1, 2]);
    const stored = await under.query(
      `SELECT consecutive_failures::int AS count FROM plumbline.run WHERE account = $1 ORDER BY id`,
      [main],
    );
    expect(stored).toEqual([{ count: 1 }, { count: 2 }]);
    expect(await faults()).toEqual([]);
  });

  it('call at the threshold and once, and a verdict begins a new streak that calls again', async () => {
    const answers = [await fail(1), await fail(2), await fail(3), await fail(4)];
    expect(answers.map(({ calls }) => calls.map(({ text }) => text.slice(0, 37)))).toEqual([
      [],
      [],
      ['3 runs in a row failed (threshold 3):'],
      [],
    ]);
    expect(await ledger.streak(main)).toEqual({ failures: 4, called: true });
    await succeed(5);
    expect(await ledger.streak(main)).toEqual({ failures: 0, called: false });
    for (const run of [6, 7, 8]) await fail(run);
    expect((await eventTypes(ledger, main)).filter((type) => type.startsWith('MANUAL'))).toHaveLength(2);
    expect(await faults()).toEqual([]);
  });

  it('call where the threshold is lowered in the middle of a streak', async () => {
    await fail(1, { threshold: 10 });
    await fail(2, { threshold: 10 });
    expect((await fail(3, { threshold: 2 })).calls).toHaveLength(1);
    expect(await faults()).toEqual([]);
  });

  it('are taken as called where the caller did so while the ledger was away, below the threshold too', async () => {
    await fail(1, { consecutiveFailures: 3, thresholdReached: true });
    expect(await ledger.streak(main)).toEqual({ failures: 1, called: true });
    await fail(2, { consecutiveFailures: 4, thresholdReached: true });
    await fail(3);
    expect((await eventTypes(ledger, main)).filter((type) => type.startsWith('MANUAL'))).toHaveLength(1);
    expect(await faults()).toEqual([]);
  });

  it('do not grow by a second delivery, which gets the first answer', async () => {
    const first = await fail(1, { threshold: 1 });
    expect(first.calls).toHaveLength(1);
    expect(await fail(1, { threshold: 1 })).toEqual(first);
    expect(await ledger.streak(main)).toEqual({ failures: 1, called: true });
  });

  it('do not grow by a run whose verdict is recorded already: the failure that was built without its answer gets it', async () => {
    await fail(1);
    const committed = await succeed(2);
    expect(await fail(2, { consecutiveFailures: 2 })).toEqual(committed);
    expect(await ledger.streak(main)).toEqual({ failures: 0, called: false });
    expect(await faults()).toEqual([]);
  });
});

describe('who asked for a run', () => {
  it('is reported by its event, and nothing where nobody did', async () => {
    await ledger.recordVerdict(verdict(1, { requestedBy: ['ada', 'bob'] }, main));
    await ledger.recordVerdict(verdict(2, { requestedBy: [] }, main));
    await fail(3, { requestedBy: ['eve'] });
    await fail(4);
    const events = await ledger.events(main, { after: 1 });
    expect(events.map(({ payload }) => payload['requested_by'])).toEqual([
      ['ada', 'bob'],
      undefined,
      ['eve'],
      undefined,
    ]);
  });
});
