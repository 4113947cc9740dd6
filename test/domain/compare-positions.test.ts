import { describe, expect, it } from '@jest/globals';
import { compare } from '../../src/domain/compare/compare.js';
import { addDecimals } from '../../src/domain/decimal/decimal.js';
import type { Difference } from '../../src/domain/difference/difference.js';
import type { CompareRules } from '../../src/domain/policy/policy.js';
import type { Position, PositionMode } from '../../src/domain/snapshot/snapshot.js';
import { BTC, ETH, NOON, RULES, balance, position, sides } from './snapshots.js';

type Row = Partial<Position>;
type Mode = PositionMode | null;

/** What differs, as "type symbol side exchange/internal". */
function seen(exchange: Row[], internal: Row[], modes: [Mode, Mode] = ['one-way', 'one-way'], rules = RULES): string[] {
  const [outside, inside] = sides(
    { positions: exchange.map(position), positionMode: modes[0] },
    { positions: internal.map(position), positionMode: modes[1] },
  );
  return compare(outside, inside, rules).differences.map(line);
}

function line(difference: Difference): string {
  const { type, symbol, side } = difference;
  const held = [difference.exchange, difference.internal].map((row) =>
    row === null ? '-' : 'total' in row ? row.total : `${'type' in row ? row.type : row.side} ${row.amount}`,
  );
  return `${type} ${symbol}${side === null ? '' : ` ${side}`}: ${held.join(' / ')}`;
}

describe('positions in one-way mode', () => {
  it.each<[what: string, exchange: Row[], internal: Row[], differences: string[]]>([
    ['none on both sides', [], [], []],
    ['the same', [{}], [{}], []],
    ['the same number in other words', [{ amount: '0.5' }], [{ amount: '5.00e-1' }], []],
    ['opened outside', [{}], [], [`POSITION_OPENED_EXTERNALLY ${BTC}: long 0.5 / -`]],
    ['closed outside', [], [{ side: 'short' }], [`POSITION_CLOSED_EXTERNALLY ${BTC}: - / short 0.5`]],
    ['grown outside', [{ amount: '0.7' }], [{}], [`POSITION_SIZE_CHANGED ${BTC}: long 0.7 / long 0.5`]],
    ['shrunk outside', [{ amount: '0.499' }], [{}], [`POSITION_SIZE_CHANGED ${BTC}: long 0.499 / long 0.5`]],
    ['flipped, same size', [{ side: 'short' }], [{}], [`POSITION_SIZE_CHANGED ${BTC}: short 0.5 / long 0.5`]],
    [
      'flipped, tiny',
      [{ side: 'short', amount: '0.001' }],
      [{ amount: '0.001' }],
      [`POSITION_SIZE_CHANGED ${BTC}: short 0.001 / long 0.001`],
    ],
    ['half a step apart', [{ amount: '0.5005' }], [{}], []],
    [
      'more than half a step apart',
      [{ amount: '0.50051' }],
      [{}],
      [`POSITION_SIZE_CHANGED ${BTC}: long 0.50051 / long 0.5`],
    ],
    ['dust outside', [{ amount: '0.0004' }], [], []],
    ['dust inside', [], [{ amount: '0.0004' }], []],
    ['dust of the other sign', [{ amount: '0.0002' }], [{ side: 'short', amount: '0.0002' }], []],
    ['a row per trade', [{ amount: '0.5' }], [{ amount: '0.2' }, { amount: '0.3' }], []],
    [
      'a row per trade, one missed',
      [{ amount: '0.6' }],
      [{ amount: '0.2' }, { amount: '0.3' }],
      [`POSITION_SIZE_CHANGED ${BTC}: long 0.6 / long 0.5`],
    ],
    [
      'other symbols',
      [{ symbol: ETH }],
      [{}],
      [`POSITION_OPENED_EXTERNALLY ${ETH}: long 0.5 / -`, `POSITION_CLOSED_EXTERNALLY ${BTC}: - / long 0.5`],
    ],
  ])('%s', (_, exchange, internal, differences) => {
    expect(seen(exchange, internal)).toEqual(differences);
  });
});

describe('positions in hedge mode', () => {
  const both: Row[] = [{ side: 'long' }, { side: 'short', amount: '0.2' }];

  it.each<[what: string, exchange: Row[], internal: Row[], differences: string[]]>([
    ['two equal legs', both, both, []],
    ['one leg closed outside', [{ side: 'long' }], both, [`POSITION_CLOSED_EXTERNALLY ${BTC} short: - / short 0.2`]],
    ['one leg opened outside', both, [{ side: 'long' }], [`POSITION_OPENED_EXTERNALLY ${BTC} short: short 0.2 / -`]],
    [
      'one leg changed',
      [{ side: 'long' }, { side: 'short', amount: '0.3' }],
      both,
      [`POSITION_SIZE_CHANGED ${BTC} short: short 0.3 / short 0.2`],
    ],
    [
      'the other leg instead is two differences, not a flip',
      [{ side: 'short' }],
      [{ side: 'long' }],
      [
        `POSITION_OPENED_EXTERNALLY ${BTC} short: short 0.5 / -`,
        `POSITION_CLOSED_EXTERNALLY ${BTC} long: - / long 0.5`,
      ],
    ],
    [
      'legs that net to the same are not the same',
      [{ amount: '0.3' }],
      both,
      [
        `POSITION_SIZE_CHANGED ${BTC} long: long 0.3 / long 0.5`,
        `POSITION_CLOSED_EXTERNALLY ${BTC} short: - / short 0.2`,
      ],
    ],
  ])('%s', (_, exchange, internal, differences) => {
    for (const modes of [
      ['hedge', 'hedge'],
      ['hedge', null],
      [null, 'hedge'],
      ['one-way', 'hedge'],
    ] as [Mode, Mode][]) {
      expect(seen(exchange, internal, modes)).toEqual(differences);
    }
  });

  it('is reported by two legs of one symbol, for that symbol', () => {
    const differences = seen(
      [...both, { symbol: ETH, side: 'short' }],
      [{ side: 'long' }, { symbol: ETH }],
      [null, null],
    );
    expect(differences).toEqual([
      `POSITION_OPENED_EXTERNALLY ${BTC} short: short 0.2 / -`,
      `POSITION_SIZE_CHANGED ${ETH}: short 0.5 / long 0.5`,
    ]);
  });
});

describe('rows that are one position', () => {
  it('changed when the last of them changed, at an unknown time where one is unknown', () => {
    const changedAt = (times: (number | null)[]): (number | null)[] => {
      const rows = times.map((time) => position({ changedAt: time }));
      const [exchange, internal] = sides({ positions: rows }, {});
      return compare(exchange, internal, RULES).differences.map((difference) =>
        difference.type === 'POSITION_OPENED_EXTERNALLY' ? difference.exchange.changedAt : -1,
      );
    };
    expect(changedAt([NOON - 5, NOON - 3])).toEqual([NOON - 3]);
    expect(changedAt([NOON - 5, null])).toEqual([null]);
  });
});

describe('tolerance', () => {
  const apart = (by: string, tolerance: CompareRules['tolerance'], markets = {}): number => {
    const [exchange, internal] = sides(
      { positions: [position({ amount: '1' })], markets: {} },
      { positions: [position({ amount: `1.${by}` })], markets },
    );
    return compare(exchange, internal, { ...RULES, tolerance }).differences.length;
  };

  it.each<[what: string, by: string, tolerance: CompareRules['tolerance'], markets: object, differences: number]>([
    ['none known: exact', '000000000000000001', {}, {}, 1],
    ["half of the other side's market step", '0005', {}, { [BTC]: { amountStep: '0.001' } }, 0],
    ['by symbol beats the step', '0005', { [BTC]: '0.0001' }, { [BTC]: { amountStep: '0.001' } }, 1],
    ['by symbol beats "*"', '0005', { [BTC]: '0.0001', '*': '1' }, {}, 1],
    ['"*" beats the step', '9', { '*': '0.9' }, { [BTC]: { amountStep: '0.001' } }, 0],
    ['a fraction', '005', { '*': '0.5%' }, {}, 0],
    ['more than a fraction', '0050001', { '*': '0.5%' }, {}, 1],
    ['half a step where a fraction is less', '0005', { '*': '0.0001%' }, { [BTC]: { amountStep: '0.001' } }, 0],
    ['zero means exact', '0000001', { '*': '0' }, { [BTC]: { amountStep: '0.001' } }, 1],
  ])('%s', (_, by, tolerance, markets, differences) => {
    expect(apart(by, tolerance, markets)).toBe(differences);
  });
});

describe('a fraction as tolerance', () => {
  const percent = { ...RULES, tolerance: { '*': '10%' } };

  it('is one of the smaller amount, whichever side has it', () => {
    expect(seen([{ amount: '1.1' }], [{ amount: '1' }], undefined, percent)).toEqual([]);
    expect(seen([{ amount: '1' }], [{ amount: '1.1' }], undefined, percent)).toEqual([]);
    expect(seen([{ amount: '1.101' }], [{ amount: '1' }], undefined, percent)).toHaveLength(1);
  });

  it('allows no flip, and against nothing only half a step', () => {
    expect(seen([{ side: 'short' }], [{ side: 'long' }], undefined, percent)).toHaveLength(1);
    expect(seen([{ amount: '0.001' }], [], undefined, percent)).toHaveLength(1);
    expect(seen([{ amount: '0.0005' }], [], undefined, percent)).toEqual([]);
  });
});

describe('a drift within tolerance that grows from run to run', () => {
  it.each([
    ['0.001', '0.0004', 3],
    ['1%', '0.004', 2],
  ])('is seen when its sum leaves %s, %s at a time', (tolerance, step, seenAt) => {
    const rules = { ...RULES, tolerance: { [BTC]: tolerance } };
    let amount = '0.5';
    const runs = Array.from({ length: 5 }, () => {
      amount = addDecimals(amount, step);
      return seen([{ amount }], [{}], undefined, rules).length;
    });
    expect(runs.indexOf(1) + 1).toBe(seenAt);
    expect(runs.slice(seenAt - 1)).toEqual(runs.slice(seenAt - 1).map(() => 1));
  });
});

describe('balances', () => {
  const seenIn = (
    exchange: [string, string][],
    internal: [string, string][],
    rules: Partial<CompareRules> = {},
    scopes = ['balances'],
  ): string[] => {
    const [outside, inside] = sides(
      { balances: exchange.map(([currency, total]) => balance(currency, total)) },
      { balances: internal.map(([currency, total]) => balance(currency, total)), scopes },
    );
    return compare(outside, inside, { ...RULES, compareBalances: true, ...rules }).differences.map(line);
  };

  it.each<[what: string, exchange: [string, string][], internal: [string, string][], differences: string[]]>([
    ['the same', [['USDT', '1000.0']], [['USDT', '1000']], []],
    ['changed', [['USDT', '990']], [['USDT', '1000']], ['BALANCE_CHANGED_EXTERNALLY USDT: 990 / 1000']],
    ['gone outside', [], [['BTC', '1']], ['BALANCE_CHANGED_EXTERNALLY BTC: 0 / 1']],
    ['unknown inside', [['BNB', '2']], [], ['BALANCE_CHANGED_EXTERNALLY BNB: 2 / 0']],
    ['zero against none', [['BNB', '0.00']], [], []],
    [
      'a row per wallet',
      [['USDT', '10']],
      [
        ['USDT', '4'],
        ['USDT', '6'],
      ],
      [],
    ],
  ])('%s', (_, exchange, internal, differences) => {
    expect(seenIn(exchange, internal)).toEqual(differences);
  });

  it('are not compared unless asked for', () => {
    expect(seenIn([['USDT', '1']], [['USDT', '2']], { compareBalances: false })).toEqual([]);
  });

  it('of currencies for which the bot does not speak are not zero', () => {
    expect(
      seenIn(
        [
          ['BNB', '2'],
          ['USDT', '5'],
        ],
        [['USDT', '6']],
        {},
        ['balances:USDT'],
      ),
    ).toEqual(['BALANCE_CHANGED_EXTERNALLY USDT: 5 / 6']);
  });

  it('differ by more than the tolerance of their currency', () => {
    expect(seenIn([['USDT', '990']], [['USDT', '1000']], { tolerance: { USDT: '10' } })).toEqual([]);
    expect(seenIn([['USDT', '989.9']], [['USDT', '1000']], { tolerance: { USDT: '10' } })).toHaveLength(1);
  });
});
