import { describe, expect, it } from '@jest/globals';
import { aboutKey, explanationsOf } from '../../src/cli/explain/find.js';
import { knownSettings } from '../../src/cli/explain/settings.js';
import { knownWords } from '../../src/cli/explain/words.js';
import type { DiscrepancyRow } from '../../src/ledger/contract/ledger.js';
import { plumbline } from './test-io.js';

describe('plumbline explain', () => {
  it.each([
    ['POSITION_CLOSED_EXTERNALLY', /type of discrepancy.*closed by hand, liquidated/s],
    ['internal_stale', /kind of failure.*the bot may be frozen.*what to do:/s],
    ['acceptance_ended', /ACCEPTANCE_ENDED {2}type of event/],
    ['interval_minutes', /^reconciliation\.interval_minutes, accounts\.\S+ {2}setting\n.*Default: /s],
  ])('explains %s', async (word, text) => {
    const { code, out } = await plumbline(['explain', word], { width: 400 });
    expect(code).toBe(0);
    expect(out).toMatch(text);
  });

  it('suggests a word for one that is mistyped, and names the account for what may be a key', async () => {
    const { code, out, err } = await plumbline(['explain', 'interval_minuts']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('did you mean interval_minutes?');
    expect((await plumbline(['explain', 'BTC/USDT:USDT'])).err).toContain('--account NAME');
  });

  it('answers programs with JSON', async () => {
    const { out } = await plumbline(['explain', 'bug', '-o', 'json']);
    expect(JSON.parse(out)).toMatchObject({ key: 'bug', explanations: [{ sort: 'failure' }], discrepancies: [] });
  });

  it('has a meaning for each word, and settings with their whole path', () => {
    for (const { word, meaning } of knownWords()) expect(`${word}: ${meaning}`).toMatch(/: [A-Z`].{20,}\.$/);
    expect(explanationsOf('serve.port', knownSettings())).toHaveLength(1);
    expect(explanationsOf('port', knownSettings()).map(({ word }) => word)).toContain('serve.port');
  });

  it('finds the discrepancies of a symbol, a currency, an order or an id', () => {
    const row = (id: string, identity: string, symbol: string) => ({ id, identity, symbol }) as DiscrepancyRow;
    const rows = [
      row('one', 'position|BTC/USDT:USDT', 'BTC/USDT:USDT'),
      row('two', 'order-terms|ETH/USDT:USDT|id:17', 'ETH/USDT:USDT'),
    ];
    const ids = (key: string): string[] => aboutKey(key, rows).map(({ id }) => id);
    expect(ids('BTC/USDT:USDT')).toEqual(['one']);
    expect(ids('ETH')).toEqual(['two']);
    expect(ids('17')).toEqual(['two']);
    expect(ids('two')).toEqual(['two']);
    expect(ids('1')).toEqual([]);
  });
});
