import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy/policy.js';
import { sameSettings } from '../../src/ledger/write/settings.js';

const same = (a: Partial<Policy>, b: Partial<Policy>): boolean =>
  sameSettings(
    { exchange: 'okx', active: true, policy: { ...DEFAULT_POLICY, ...a } },
    { exchange: 'okx', active: true, policy: { ...DEFAULT_POLICY, ...b } },
  );
const ignoring = (only: string[]): Partial<Policy> => ({
  ignore: { ...DEFAULT_POLICY.ignore, onlyClientOrderIdPrefixes: only },
});
const beside = (xrp: string): Partial<Policy> => ({ baseline: { positions: {}, balances: { XRP: xrp } } });

describe('settings are the same', () => {
  it.each<[string, Partial<Policy>, Partial<Policy>, boolean]>([
    [
      'with another notation of a tolerance',
      { tolerance: { BTC: '0.10+0.50%' } },
      { tolerance: { BTC: '0.5%+0.1' } },
      true,
    ],
    ['not with another tolerance', { tolerance: { BTC: '0.1+0.5%' } }, { tolerance: { BTC: '0.5+0.1%' } }, false],
    ['not without its percentage', { tolerance: { BTC: '0.1+0.5%' } }, { tolerance: { BTC: '0.1' } }, false],
    ['with another notation of a baseline', beside('100'), beside('1e2'), true],
    ['not with another baseline', beside('100'), beside('101'), false],
    ['not without the baseline', beside('100'), {}, false],
    ['with prefixes in another order', ignoring(['a', 'b']), ignoring(['b', 'a']), true],
    ['not with other prefixes', ignoring(['a', 'b']), ignoring(['a']), false],
  ])('%s', (_, a, b, expected) => {
    expect(same(a, b)).toBe(expected);
  });
});
