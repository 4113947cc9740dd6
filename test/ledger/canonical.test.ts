import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { canonicalJson } from '../../src/ledger/store/canonical.js';
import { hashEvent } from '../../src/ledger/store/event-chain.js';

/** The same value with the keys of every object in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (value === null || typeof value !== 'object') return value;
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, field] of Object.entries(value).toReversed()) copy[key] = turned(field);
  return copy;
}

describe('canonical JSON', () => {
  it('is one text for one value, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ 10: 'ten', 9: 'nine', B: 0, a: 0 }, '{"10":"ten","9":"nine","B":0,"a":0}'],
    [{ gone: undefined, kept: null }, '{"kept":null}'],
    [{ at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['\0 \uD800 "ü"', String.raw`"\u0000 \ud800 \"ü\""`],
    [-0, '0'],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('has no text for %d', (value) => {
    expect(() => canonicalJson({ value })).toThrow(RangeError);
  });
});

it('the hash of an event stays the one that docs/ledger.md describes', () => {
  const event = {
    account: 'main',
    sequence: 2,
    id: '0b0e5a3c-6a52-4b0f-9c1e-0d6f3f0f7a11',
    type: 'RECONCILIATION_PAUSED',
    at: '2026-11-22T15:00:00.120Z',
    workflowRunId: null,
    runNumber: null,
    requestId: 'pause/a',
    payload: '{"by":"ada ü","reason":null}',
    previousHash: 'ab'.repeat(32),
  };
  // Computed independently of this code: Python's json.dumps(sort_keys=True, separators=(',', ':'), ensure_ascii=False)
  // and hashlib.
  expect(hashEvent(event)).toBe('b3d0ea519a1accad2f2c4b69d725019c8864a19fc2f6adc9529c2aa4a37b8849');
});
