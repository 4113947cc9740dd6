import { describe, expect, it } from '@jest/globals';
import { FaultList } from '../../src/ledger/verify/fault-list.js';
import { StreakRecount } from '../../src/ledger/verify/streak-recount.js';

type Reported = [type: string, payload: object];

const done: Reported = ['RECONCILIATION_COMPLETED', {}];
const failedRun = (count: number, threshold = 3): Reported => [
  'RECONCILIATION_FAILED',
  { consecutive_failures: count, threshold, counted_by: 'ledger' },
];
const call = (count: number): Reported => [
  'MANUAL_INTERVENTION',
  {
    action: 'RECONCILIATION_FAILURE_THRESHOLD',
    consecutive_failures: count,
    threshold: 3,
    counted_by: 'ledger',
    intervene: true,
  },
];
/** As earlier versions recorded it. */
const old = ([type, payload]: Reported): Reported => [type, { ...payload, counted_by: undefined }];

function recount(events: Reported[]) {
  const faults = new FaultList('main');
  const streak = new StreakRecount(faults);
  for (const [index, [type, payload]] of events.entries()) streak.add(index + 1, type, payload);
  streak.end();
  const { failures, called } = streak;
  return { failures, called, faults: faults.all().map(({ sequence, fault }) => `${sequence}: ${fault}`) };
}

describe('a recounted streak', () => {
  it.each<[what: string, events: Reported[], result: object]>([
    ['no run', [], { failures: 0, called: false }],
    ['failures', [failedRun(1), failedRun(2)], { failures: 2, called: false }],
    [
      'failures up to the threshold',
      [failedRun(1), failedRun(2), failedRun(3), call(3)],
      { failures: 3, called: true },
    ],
    [
      'a verdict after them',
      [failedRun(1, 1), call(1), failedRun(2), done, failedRun(1)],
      { failures: 1, called: false },
    ],
    [
      'a call below the threshold, made while the ledger was away',
      [failedRun(1), call(1)],
      { failures: 1, called: true },
    ],
    ['a pause between failures', [failedRun(1), ['RECONCILIATION_PAUSED', {}], failedRun(2)], { failures: 2 }],
    ['an old streak that counted wrongly', [old(failedRun(5)), old(failedRun(1))], { failures: 1, called: false }],
    [
      'an old streak that called twice',
      [old(failedRun(3)), old(call(3)), old(failedRun(4)), old(call(4))],
      { called: true },
    ],
    ['an old streak that never called', [old(failedRun(9))], { failures: 9, called: false }],
    [
      'an old streak that the ledger counts on',
      [old(failedRun(7)), failedRun(8), call(8)],
      { failures: 8, called: true },
    ],
    ['an old streak that has called', [old(failedRun(3)), old(call(3)), failedRun(4)], { failures: 4, called: true }],
  ])('%s', (_what, events, result) => {
    expect(recount(events)).toMatchObject({ ...result, faults: [] });
  });

  it.each<[what: string, events: Reported[], faults: string[]]>([
    [
      'a count that is too large',
      [failedRun(1), failedRun(3, 9)],
      ['2: reports 3 failed runs in a row; counting again gives 2'],
    ],
    [
      'a count that did not end with a verdict',
      [failedRun(1), done, failedRun(2)],
      ['3: reports 2 failed runs in a row; counting again gives 1'],
    ],
    [
      'a call with another count',
      [failedRun(1, 1), call(2)],
      ['2: reports 2 failed runs in a row; counting again gives 1'],
    ],
    [
      'a second call',
      [failedRun(1, 1), call(1), failedRun(2, 1), call(2)],
      ['4: calls a human for a streak of failed runs that has called already'],
    ],
    [
      'no call at the threshold, at the end',
      [failedRun(1, 1)],
      ['1: reaches the threshold of failed runs, and no event calls a human'],
    ],
    [
      'no call at the threshold, in the middle',
      [failedRun(1, 1), done],
      ['1: reaches the threshold of failed runs, and no event calls a human'],
    ],
  ])('is compared with %s', (_what, events, faults) => {
    expect(recount(events).faults).toEqual(faults);
  });
});
