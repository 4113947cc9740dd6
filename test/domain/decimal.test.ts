import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  compareDecimals,
  equalDecimals,
  isDecimal,
  normalizeDecimal,
  withinTolerance,
} from '../../src/domain/decimal/decimal.js';
import { decimalText, rewritten } from './arbitraries.js';

describe('equal decimals', () => {
  it.each([
    ['0.5', '0.500', true],
    ['7', '7.0', true],
    ['7', '7.', true],
    ['70', '7', false],
    ['7', '70', false],
    ['0.1', '0.10000000000000000001', false],
    ['1e1', '10', true],
    ['1e1', '1e10', false],
    ['1.0e1', '1.0e10', false],
    ['1.5E1', '1.5E10', false],
    ['-0', '0', true],
    ['0.1', '.1', true],
    ['100000000000000000000.1', '100000000000000000000.10', true],
    ['100000000000000000000.1', '100000000000000000000.2', false],
  ])('%s and %s: %s', (a, b, equal) => {
    expect(equalDecimals(a, b)).toBe(equal);
    expect(equalDecimals(b, a)).toBe(equal);
    expect(compareDecimals(a, b) === 0).toBe(equal);
  });

  it('holds for every way to write a number', () => {
    fc.assert(
      fc.property(
        decimalText.chain((text) => fc.tuple(fc.constant(text), rewritten(text))),
        ([text, other]) => {
          expect(equalDecimals(text, other)).toBe(true);
          expect(normalizeDecimal(text)).toBe(normalizeDecimal(other));
        },
      ),
    );
  });

  it('agrees with the difference of the two numbers', () => {
    fc.assert(
      fc.property(decimalText, decimalText, (a, b) => {
        expect(equalDecimals(a, b)).toBe(normalizeDecimal(a) === normalizeDecimal(b));
      }),
    );
  });
});

describe('tolerance', () => {
  it.each([
    ['0.3', '0.1', '0.2', true],
    ['0.30000000000000000001', '0.1', '0.2', false],
    ['-1', '1', '1.9', false],
    ['1', '1.0', '0', true],
  ])('%s lies within %s +- %s: %s', (a, b, tolerance, within) => {
    expect(withinTolerance(a, b, tolerance)).toBe(within);
  });
});

describe('a decimal text', () => {
  it.each(['', ' 1', '1 ', '1,5', 'NaN', 'Infinity', '0x10', '1e', '--1', '+1', '1e99999'])('is not "%s"', (text) => {
    expect(isDecimal(text)).toBe(false);
    expect(() => normalizeDecimal(text)).toThrow(RangeError);
  });
});
