import { describe, expect, it } from '@jest/globals';
import type { RunningAccount } from '../../src/cli/steps/apply-plan.js';
import { planOf } from '../../src/cli/steps/apply-plan.js';
import { renderStep } from '../../src/cli/render/apply.js';
import { PLAIN } from '../../src/cli/terminal/style.js';
import type { AccountConfig } from '../../src/config/config.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';

function account(name: string, changes: Partial<AccountConfig> = {}): AccountConfig {
  return {
    name,
    enabled: true,
    exchange: { id: 'binanceusdm', credentials: {}, baseUrl: null, deadlineSeconds: 10, weightPerMinute: null },
    internal: [
      {
        name: null,
        source: { kind: 'file', path: '/state.json', maxBytes: 1000 },
        amounts: 'base',
        rows: 'positions',
        maxAgeSeconds: null,
      },
    ],
    aliases: { symbols: {}, currencies: {} },
    policy: DEFAULT_POLICY,
    ...changes,
  };
}

const running = (names: Record<string, Partial<RunningAccount>>): Map<string, RunningAccount> =>
  new Map(
    Object.entries(names).map(([name, changes]) => [
      name,
      { exchange: 'binanceusdm', policy: structuredClone(DEFAULT_POLICY), ...changes },
    ]),
  );

describe('the plan of apply', () => {
  it('starts new accounts, leaves unchanged ones, stops removed ones', () => {
    expect(planOf([account('new'), account('same')], running({ same: {}, gone: {} }))).toEqual([
      { account: 'gone', action: 'stopped', detail: 'not in the file', changes: [] },
      { account: 'new', action: 'created', detail: 'binanceusdm', changes: [] },
      { account: 'same', action: 'unchanged', detail: null, changes: [] },
    ]);
  });

  it('stops a disabled account, and leaves alone one that does not run', () => {
    const accounts = [account('off', { enabled: false }), account('never', { enabled: false })];
    expect(planOf(accounts, running({ off: {} }))).toEqual([
      { account: 'off', action: 'stopped', detail: 'not enabled', changes: [] },
    ]);
  });

  it('says what it changes', () => {
    const policy = { ...DEFAULT_POLICY, intervalMinutes: 5, tolerance: { '*': '0.1' } };
    expect(planOf([account('main', { policy })], running({ main: { exchange: 'okx' } }))).toEqual([
      {
        account: 'main',
        action: 'configured',
        detail: 'exchange.id: okx -> binanceusdm, interval_minutes: 30 -> 5, tolerance: {} -> {"*": 0.1}',
        changes: [
          { field: 'exchange.id', before: 'okx', after: 'binanceusdm' },
          { field: 'interval_minutes', before: '30', after: '5' },
          { field: 'tolerance', before: '{}', after: '{"*": 0.1}' },
        ],
      },
    ]);
  });

  it('ignores the order in which rules are listed', () => {
    const policy = Object.fromEntries(Object.entries(DEFAULT_POLICY).toReversed()) as unknown as typeof DEFAULT_POLICY;
    expect(planOf([account('main', { policy })], running({ main: {} }))[0]?.action).toBe('unchanged');
  });

  it('configures an account whose present rules are unknown', () => {
    expect(planOf([account('main')], new Map([['main', null]]))).toEqual([
      { account: 'main', action: 'configured', detail: 'the ledger does not say what it runs with', changes: [] },
    ]);
  });

  it('is printed in the form of kubectl', () => {
    expect(renderStep({ account: 'main', action: 'unchanged', detail: null, changes: [] }, false, PLAIN)).toBe(
      'account/main unchanged',
    );
    expect(renderStep({ account: 'main', action: 'created', detail: 'okx', changes: [] }, true, PLAIN)).toBe(
      'account/main created (dry run) (okx)',
    );
  });
});
