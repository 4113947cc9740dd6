import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { atOnce } from '../../src/domain/pieces.js';
import { exactJson, type ExactJson } from '../../src/domain/text/exact-json.js';
import { JsonTextError } from '../../src/domain/text/json-reader.js';

const parseExactJson = (text: string): ExactJson => atOnce(exactJson(text));

/** The document with every number replaced by its text. */
function quoted(value: unknown): ExactJson {
  if (typeof value === 'number') return JSON.stringify(value);
  if (Array.isArray(value)) return value.map(quoted);
  if (value instanceof Object)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, quoted(inner)]));
  return value as ExactJson;
}

describe('exact JSON', () => {
  it.each([
    ['0.10', '0.10'],
    ['-0', '-0'],
    ['1e-8', '1e-8'],
    ['123456789012345678901234567890.123456789', '123456789012345678901234567890.123456789'],
    ['{"a":1,"b":[2.50,"3"]}', { a: '1', b: ['2.50', '3'] }],
    [String.raw`{"a\"1":"x\\","n":1}`, { 'a"1': 'x\\', n: '1' }],
    ['{"text":"price 1.50, \\u0031","on":true,"off":null}', { text: 'price 1.50, 1', on: true, off: null }],
    [' [ ] ', []],
  ])('reads %s with its own digits', (text, expected) => {
    expect(parseExactJson(text)).toEqual(expected);
  });

  it.each(['', '01', '1.', '.5', '+1', '-', '1e', '0x1', 'NaN', '1 2', '[1,]', '{"a":1', '"a', '{1:2}', "'a'"])(
    'refuses %s',
    (text) => {
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
    },
  );

  it('reads every document as JSON.parse does, but for the numbers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseExactJson(text)).toEqual(quoted(JSON.parse(text)));
      }),
    );
  });

  it('refuses every text that JSON.parse refuses, and no other but one with a key twice', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.string({ minLength: 1, maxLength: 2 }), (value, at, noise) => {
        const whole = JSON.stringify(value);
        const text = whole.slice(0, at % (whole.length + 1)) + noise + whole.slice(at % (whole.length + 1));
        const accepted = (parse: (text: string) => unknown): boolean => {
          try {
            parse(text);
            return true;
          } catch (error) {
            return error instanceof JsonTextError && /the same key twice/.test(error.message);
          }
        };
        expect(accepted(parseExactJson)).toBe(accepted(JSON.parse));
      }),
      { numRuns: 2000 },
    );
  });
});
