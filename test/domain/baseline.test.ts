import { describe, expect, it } from '@jest/globals';
import { baselineText, describeBeside } from '../../src/domain/compare/baseline.js';
import { compare } from '../../src/domain/compare/compare.js';
import type { Baseline, CompareRules } from '../../src/domain/policy/policy.js';
import type { Position, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { BTC, ETH, RULES, balance, position, sides } from './snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;
const baseline = (positions: Record<string, string>, balances: Record<string, string> = {}): Baseline => ({
  positions,
  balances,
});
const rules = (beside: Baseline): CompareRules => ({ ...RULES, compareBalances: true, baseline: beside });

function told(exchange: Fields, internal: Fields, beside: Baseline) {
  return compare(...sides(exchange, internal), rules(beside)).differences.map((difference) => ({
    type: difference.type,
    ...describeBeside(difference, beside),
  }));
}

const xrp = (total: string): Fields => ({ balances: [balance('XRP', total)] });
const held = (...signed: string[]): Fields => ({
  positions: signed.map((amount): Position =>
    position({ side: amount.startsWith('-') ? 'short' : 'long', amount: amount.replace('-', '') }),
  ),
});

describe('what the owner holds beside the bot', () => {
  it('does not make a leftover of the bot, too small to be sold, a difference', () => {
    const markets = { BTC: { amountStep: '0.00001', minAmount: '0.0001' } };
    const btc = (total: string): Fields => ({ balances: [balance('BTC', total)], markets });
    expect(told(btc('1.00006'), btc('0'), baseline({}, { BTC: '1' }))).toEqual([]);
    expect(told(btc('1.00016'), btc('0'), baseline({}, { BTC: '1' }))).toHaveLength(1);
  });

  it.each<[string, Fields, Fields, Baseline]>([
    ['balances', xrp('110'), xrp('10'), baseline({}, { XRP: '100' })],
    ['a balance that the bot does not list', xrp('100'), {}, baseline({}, { XRP: '100.0' })],
    ['a position', held('0.8'), held('0.3'), baseline({ [BTC]: '0.5' })],
    ['a position that the bot does not have', held('0.5'), {}, baseline({ [BTC]: '0.5' })],
    ['a position on the other side in one-way mode', held('0.2'), held('-0.3'), baseline({ [BTC]: '0.5' })],
    ['a position that offsets that of the bot', {}, held('-0.5'), baseline({ [BTC]: '0.5' })],
    ['a short position', held('-0.8'), held('-0.3'), baseline({ [BTC]: '-0.5' })],
    [
      'a leg in hedge mode',
      { ...held('0.5', '-0.3'), positionMode: 'hedge' },
      { ...held('-0.3'), positionMode: 'hedge' },
      baseline({ [BTC]: '0.5' }),
    ],
    [
      'a holding of the base currency, in the words of a spot market',
      { ...xrp('110'), scopes: ['balances'] },
      { ...xrp('10'), scopes: ['balances'] },
      baseline({ 'XRP/USDT': '100' }),
    ],
    [
      'a holding beside a spot position of the bot',
      { ...xrp('110'), scopes: ['balances'] },
      { positions: [position({ symbol: 'XRP/USDT', amount: '10' })], scopes: ['positions:spot'] },
      baseline({}, { XRP: '100' }),
    ],
    ['a leg where only the exchange shows two', held('0.5', '-0.3'), held('-0.3'), baseline({ [BTC]: '0.5' })],
  ])('is added to internal state: %s', (_, exchange, internal, beside) => {
    expect(told({ positionMode: null, ...exchange }, { positionMode: null, ...internal }, beside)).toEqual([]);
    // Without the baseline the same states differ.
    expect(
      compare(...sides({ positionMode: null, ...exchange }, { positionMode: null, ...internal }), {
        ...RULES,
        compareBalances: true,
      }).differences,
    ).not.toEqual([]);
  });

  it('is missed where the exchange holds less', () => {
    expect(told(held('0.3'), held('0.3'), baseline({ [BTC]: '0.5' }))).toMatchObject([
      { type: 'POSITION_SIZE_CHANGED' },
    ]);
  });

  it('is not added where internal state does not cover it', () => {
    const internal = { scopes: ['orders', 'balances:USDT'] };
    const { uncompared, differences } = compare(...sides({}, internal), rules(baseline({ [BTC]: '1' }, { XRP: '1' })));
    expect({ uncompared, differences }).toEqual({ uncompared: { exchange: 0, internal: 0 }, differences: [] });
  });

  it('is named in the words, and the remedy is about the part of the bot', () => {
    expect(told(xrp('120'), xrp('10'), baseline({}, { XRP: '100' }))).toMatchObject([
      {
        description: expect.stringMatching(
          /, 110 in .*\(the bot's side includes the baseline of 100 XRP held beside the bot\)$/,
        ),
        remedy: expect.stringMatching(/^beside the baseline of 100 XRP: record 20 XRP .* 10 XRP as a baseline/),
      },
    ]);
    expect(told(held('0.9'), held('0.3'), baseline({ [BTC]: '0.5' }))).toMatchObject([
      {
        remedy: expect.stringMatching(
          /^beside the baseline of 0.5 BTC: change 0.3 BTC long .* to 0.4 BTC long, or close 0.1 BTC/,
        ),
      },
    ]);
    expect(told(held('0.3'), held('-0.5'), baseline({ [BTC]: '0.5' }))).toMatchObject([
      {
        type: 'POSITION_OPENED_EXTERNALLY',
        remedy: expect.stringMatching(/^beside the baseline of 0.5 BTC: change 0.5 BTC short .* to 0.2 BTC short/),
      },
    ]);
  });

  it('keeps the unit of a contract that counts coins', () => {
    const symbol = 'BTC/USD:BTC';
    const rows = (amount: string): Fields => ({
      positions: [position({ symbol, amount })],
      markets: { [symbol]: { amountStep: '0.001', unit: 'base' } },
    });
    const [difference] = told(rows('1'), rows('0.2'), baseline({ [symbol]: '0.5' }));
    expect(difference?.remedy).toBe(
      "beside the baseline of 0.5 BTC: change 0.2 BTC long in the bot's state to 0.5 BTC long, or close 0.3 BTC of it on the exchange",
    );
  });

  it('that the account no longer has is not to be taken from the bot', () => {
    const [difference] = told(xrp('60'), xrp('10'), baseline({}, { XRP: '100' }));
    expect(difference?.remedy).toBe('correct the baseline of 100 XRP, which is more than the exchange holds');
    const hedge = { positionMode: 'hedge' } as const;
    const [leg] = told({ ...hedge, ...held('0.2') }, { ...hedge, ...held('0.1') }, baseline({ [BTC]: '0.5' }));
    expect(leg?.remedy).toMatch(/^correct the baseline of 0.5 BTC/);
  });

  it('changes no words of other keys', () => {
    const [difference] = told({ positions: [position({ symbol: ETH })] }, {}, baseline({ [BTC]: '0' }, { XRP: '1' }));
    expect(difference?.description).not.toContain('baseline');
    const hedge = { positionMode: 'hedge' } as const;
    const [leg] = told({ ...hedge, ...held('0.5', '-0.2') }, hedge, baseline({ [BTC]: '0.5' }));
    expect(leg?.description).not.toContain('baseline');
  });

  it('is shown on one line', () => {
    expect(baselineText(baseline({ [BTC]: '-0.5' }, { XRP: '100' }))).toBe(
      `beside the bot's: 0.5 ${BTC} short, 100 XRP`,
    );
    expect([baselineText(undefined), baselineText(baseline({}))]).toEqual([null, null]);
  });
});
