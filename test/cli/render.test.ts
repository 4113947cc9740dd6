import { describe, expect, it } from '@jest/globals';
import { PLAIN, styleFor, styleOf } from '../../src/cli/terminal/style.js';
import { visibleWidth } from '../../src/cli/terminal/width.js';
import { columns, wrap } from '../../src/cli/terminal/table.js';
import { ago, duration, parseDuration, stamp } from '../../src/cli/terminal/time.js';

describe('lengths of time', () => {
  it.each([
    [0, '0s'],
    [-5000, '0s'],
    [45_999, '45s'],
    [60_000, '1m'],
    [200_000, '3m 20s'],
    [7_500_000, '2h 5m'],
    [86_400_000, '1d'],
    [4 * 86_400_000 + 3_600_000, '4d 1h'],
  ])('%d ms is written %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    [' 5 m ', 300_000],
    ['2', null],
    ['-2h', null],
    ['1.5h', null],
    ['2 weeks', null],
    ['', null],
  ])('%j is read as %j', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it('report the zone of a time', () => {
    expect(stamp(new Date('2026-11-22T15:00:00.123Z'))).toBe('2026-11-22 15:00:00Z');
    expect(ago(new Date(0), new Date(61_000))).toBe('1m 1s ago');
  });
});

describe('a table', () => {
  it('is as wide as its cells, whatever their colours', () => {
    const { bad } = styleOf(true);
    const lines = columns([
      ['A', 'B'],
      [bad('long cell'), 'x'],
    ]);
    expect(lines.map(visibleWidth)).toEqual([12, 12]);
    expect(lines[0]).toBe('A          B');
  });

  it('wraps a text between words, never in them', () => {
    expect(wrap('  one two three', 9, '    ')).toEqual(['  one two', '    three']);
    expect(wrap('unbreakableword', 5)).toEqual(['unbreakableword']);
  });
});

describe('colours', () => {
  const output = (isTTY: boolean) => ({ isTTY, columns: 80, write: () => {} });
  it.each([
    ['on a terminal', true, { noColor: false, forceColor: false }, true],
    ['not in a pipe', false, { noColor: false, forceColor: false }, false],
    ['not where NO_COLOR is set', true, { noColor: true, forceColor: false }, false],
    ['in a pipe where they are forced', false, { noColor: false, forceColor: true }, true],
    ['not where NO_COLOR is set, even if forced', true, { noColor: true, forceColor: true }, false],
  ])('are used %s', (_, isTTY, environment, coloured) => {
    expect(styleFor(output(isTTY), environment).good('x') !== PLAIN.good('x')).toBe(coloured);
  });
});
