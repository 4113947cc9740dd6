import { describe, expect, it } from '@jest/globals';
import { array, assert, integer, property, string } from 'fast-check';
import { pieces, shortened, shortenedBytes } from '../../src/notify/channels/shortened.js';

const text = string({ unit: 'grapheme', maxLength: 60 });
const most = integer({ min: 3, max: 40 });

describe('a shortened text', () => {
  it('stays as it is if it fits, and else ends in a mark and is no longer than allowed', () => {
    assert(
      property(text, most, (whole, limit) => {
        const short = shortened(whole, limit);
        const points = Array.from(whole);
        expect(short).toBe(points.length <= limit ? whole : `${points.slice(0, limit - 1).join('')}…`);
      }),
    );
  });

  it('in bytes likewise, and no character is cut', () => {
    assert(
      property(text, most, (whole, limit) => {
        const short = shortenedBytes(whole, limit);
        expect(Buffer.byteLength(short)).toBeLessThanOrEqual(limit);
        const fits = Buffer.byteLength(whole) <= limit;
        expect(fits ? short === whole : short.endsWith('…') && whole.startsWith(short.slice(0, -1))).toBe(true);
        expect(short.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('pieces of a text', () => {
  it('are the whole text, each within the limit', () => {
    const lines = array(text, { maxLength: 8 }).map((all) => all.join('\n'));
    assert(
      property(lines, most, (whole, limit) => {
        const found = pieces(whole, limit);
        expect(found.join('')).toBe(whole);
        for (const piece of found) {
          expect(piece.length).toBeLessThanOrEqual(limit);
          expect(piece.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  it('end with lines where lines fit', () => {
    expect(pieces('one\ntwo\nthree\n', 9)).toEqual(['one\ntwo\n', 'three\n']);
    expect(pieces('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(pieces('', 3)).toEqual([]);
    expect(pieces('a&amp;b&amp;', 6, /&amp;|[^]/gu)).toEqual(['a&amp;', 'b&amp;']);
  });
});
