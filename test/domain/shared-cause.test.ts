import { describe, expect, it } from '@jest/globals';
import { FAILURE_KINDS, type Failure } from '../../src/domain/failure/failure.js';
import { readSharedCause, sharedCauseOf, type SharedCause } from '../../src/domain/failure/shared-cause.js';

const SIDES: readonly Failure['side'][] = ['exchange', 'internal', 'ledger', 'channel', 'plumbline'];

describe('the shared cause of a failure', () => {
  it.each<[Failure['side'], Failure['kind'], string, SharedCause]>([
    ['exchange', 'network', 'failure:exchange:bybit:exchange_down', { problem: 'exchange_down', exchange: 'bybit' }],
    ['exchange', 'timeout', 'failure:exchange:bybit:exchange_down', { problem: 'exchange_down', exchange: 'bybit' }],
    [
      'exchange',
      'maintenance',
      'failure:exchange:bybit:exchange_down',
      { problem: 'exchange_down', exchange: 'bybit' },
    ],
    ['exchange', 'rate_limited', 'failure:exchange:bybit:rate_limited', { problem: 'rate_limited', exchange: 'bybit' }],
    ['exchange', 'clock_skew', 'failure:exchange:bybit:clock_skew', { problem: 'clock_skew', exchange: 'bybit' }],
    ['ledger', 'ledger', 'failure:ledger:ledger_down', { problem: 'ledger_down', exchange: null }],
    ['plumbline', 'timeout', 'failure:worker:worker_down', { problem: 'worker_down', exchange: null }],
  ])('of side %s and kind %s is %s', (side, kind, text, cause) => {
    expect(sharedCauseOf({ side, kind }, 'bybit')).toBe(text);
    expect(readSharedCause(text)).toEqual(cause);
  });

  it('is absent for failures of the account itself: its key, its bot, its answer', () => {
    const shared = SIDES.flatMap((side) =>
      FAILURE_KINDS.filter((kind) => sharedCauseOf({ side, kind }, 'bybit') !== undefined).map(
        (kind) => `${side} ${kind}`,
      ),
    );
    expect(shared).toEqual([
      'exchange network',
      'exchange timeout',
      'exchange rate_limited',
      'exchange maintenance',
      'exchange clock_skew',
      'ledger ledger',
      'plumbline timeout',
    ]);
  });

  it.each(['', 'failure:exchange:bybit:exchange_down\n', 'failure:exchange:by bit:rate_limited', 'failure:bybit:bug'])(
    'is not read from %j',
    (text) => {
      expect(readSharedCause(text)).toBeNull();
    },
  );
});
