import { describe, expect, it } from '@jest/globals';
import {
  decimalsOf,
  divideDecimals,
  floorToStep,
  isMultipleOf,
  padDecimals,
} from '../../../packages/exchange-simulator/src/engine/rounding.js';

describe('numbers as exchanges write them', () => {
  it.each([
    ['0.5', 3, '0.500'],
    ['0.500', 3, '0.500'],
    ['12', 0, '12'],
    ['12', 2, '12.00'],
    ['-0.5', 1, '-0.5'],
    ['0', 3, '0.000'],
    ['-0', 2, '0.00'],
    ['-0.004', 2, '0.00'],
    ['1.005', 2, '1.01'],
    ['1e-8', 8, '0.00000001'],
    ['1E3', 1, '1000.0'],
    ['.5', 2, '0.50'],
  ])('%s with %d decimals is %s', (value, decimals, padded) => {
    expect(padDecimals(value, decimals)).toBe(padded);
  });
});

describe('steps', () => {
  it.each([
    ['0.010', 2],
    ['10', 0],
    ['0.00001', 5],
    ['1e-3', 3],
  ])('%s has %d decimals', (step, decimals) => {
    expect(decimalsOf(step)).toBe(decimals);
  });

  it.each([
    ['0.3', '0.1', true],
    ['0.35', '0.1', false],
    ['30', '10', true],
    ['1e-8', '0.00000001', true],
  ])('%s in steps of %s: %s', (value, step, multiple) => {
    expect(isMultipleOf(value, step)).toBe(multiple);
  });

  it.each([
    ['59123.456', '0.1', '59123.4'],
    ['0.3', '0.1', '0.3'],
    ['29', '10', '20'],
  ])('%s goes down to steps of %s: %s', (value, step, floored) => {
    expect(floorToStep(value, step)).toBe(floored);
  });
});

it('divides to 16 decimals, whatever others set', () => {
  expect(divideDecimals('1', '3')).toBe('0.3333333333333333');
  expect(divideDecimals('2', '3')).toBe('0.6666666666666667');
});
