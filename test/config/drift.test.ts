import { describe, expect, it } from '@jest/globals';
import { changesInYaml } from '../../src/config/policy-in-yaml.js';
import { ConfigError, parseConfig } from '../../src/config/load-config.js';
import { DEFAULT_POLICY, type DriftRule } from '../../src/domain/policy/policy.js';

const file = (defaults: string, own = ''): string => `
reconciliation: { ${defaults} }
accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: BINANCE_KEY, secret_env: BINANCE_SECRET }
    internal: { kind: http, url: "http://127.0.0.1:8080/state" }
    ${own === '' ? '' : `reconciliation: { ${own} }`}
`;
const policyOf = (text: string) => parseConfig(text, '/etc/plumbline.yaml').accounts[0]?.policy;

function problemOf(text: string) {
  try {
    parseConfig(text, '/etc/plumbline.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.problems[0];
    throw error;
  }
  return undefined;
}

describe('rules for drifts', () => {
  it('are read, with one type or symbol or a list of them, and exact sizes', () => {
    const drift = `[
      { types: POSITION_SIZE_CHANGED, notional_below: 50.10, action: record },
      { symbols: [BTC/USDT:USDT, ETH/USDT:USDT], notional_at_least: "1e3", action: page, close_gate: true },
      { types: [BALANCE_CHANGED_EXTERNALLY], symbols: BNB, action: ignore }]`;
    expect(policyOf(file(`drift: ${drift}`))?.drift).toEqual([
      { types: ['POSITION_SIZE_CHANGED'], notionalBelow: '50.1', action: 'record' },
      { symbols: ['BTC/USDT:USDT', 'ETH/USDT:USDT'], notionalAtLeast: '1000', action: 'page', closeGate: true },
      { types: ['BALANCE_CHANGED_EXTERNALLY'], symbols: ['BNB'], action: 'ignore' },
    ]);
  });

  it('of the account come before those of all accounts, so that they decide first', () => {
    const both = file('drift: [{ action: notify }]', 'drift: [{ symbols: BTC/USDT:USDT, action: page }]');
    expect(policyOf(both)?.drift?.map(({ action }) => action)).toEqual(['page', 'notify']);
    expect(policyOf(file('interval_minutes: 30', 'drift: [{ action: page }]'))?.drift).toEqual([{ action: 'page' }]);
  });

  it('are absent from the policy if there are none, so that policies of earlier versions stay equal', () => {
    expect(policyOf(file('interval_minutes: 30'))).not.toHaveProperty('drift');
  });

  it.each<[string, string, { path: string; message?: RegExp; remedy?: RegExp }]>([
    ['no action', '[{ notional_below: 5 }]', { path: 'reconciliation.drift[0].action', remedy: /add action/ }],
    ['an unknown action', '[{ action: pages }]', { path: 'reconciliation.drift[0].action', message: /"pages"/ }],
    [
      'an unknown key',
      '[{ notional_bellow: 5, action: page }]',
      { path: 'reconciliation.drift[0].notional_bellow', remedy: /notional_below/ },
    ],
    ['an unknown type', '[{ types: ORDER_LOST, action: page }]', { path: 'reconciliation.drift[0].types' }],
    ['a negative size', '[{ notional_below: -5, action: page }]', { path: 'reconciliation.drift[0].notional_below' }],
    ['a size in words', '[{ notional_below: much, action: page }]', { path: 'reconciliation.drift[0].notional_below' }],
    ['an empty list', '[]', { path: 'reconciliation.drift' }],
    ['no types at all', '[{ types: [], action: page }]', { path: 'reconciliation.drift[0].types' }],
    [
      'a gate that an ignored drift closes',
      '[{ action: ignore, close_gate: true }]',
      { path: 'reconciliation.drift[0].close_gate' },
    ],
    [
      'sizes that no drift has',
      '[{ notional_at_least: 5, notional_below: 5, action: page }]',
      { path: 'reconciliation.drift[0].notional_below', message: /can never fit/ },
    ],
  ])('with %s are refused', (_name, drift, { path, message = /./, remedy = /./ }) => {
    const problem = problemOf(file(`drift: ${drift}`));
    expect(problem?.path).toBe(path);
    expect(problem?.message).toMatch(message);
    expect(problem?.remedy).toMatch(remedy);
  });

  it('of account and defaults together are refused if there are too many', () => {
    const rules = (count: number) => `drift: [${Array(count).fill('{ action: page }').join(', ')}]`;
    expect(policyOf(file(rules(60), rules(40)))?.drift).toHaveLength(100);
    expect(problemOf(file(rules(60), rules(41)))?.message).toMatch(/it must list 1 to 100 rules/);
  });

  it('are written in the words of the file, which reads them again', () => {
    const rules: DriftRule[] = [
      {
        types: ['ORDER_FILL_MISSED'],
        symbols: ['BTC/USDT:USDT'],
        notionalBelow: '50',
        action: 'record',
        closeGate: true,
      },
      { notionalAtLeast: '0.5', action: 'notify' },
    ];
    const [change] = changesInYaml(DEFAULT_POLICY, { ...DEFAULT_POLICY, drift: rules });
    expect(change).toEqual({
      field: 'drift',
      before: '(not set)',
      after:
        '[{types: [ORDER_FILL_MISSED], symbols: [BTC/USDT:USDT], notional_below: 50, action: record, close_gate: true}, {notional_at_least: 0.5, action: notify}]',
    });
    expect(policyOf(file(`drift: ${change?.after}`))?.drift).toEqual(rules);
  });
});
