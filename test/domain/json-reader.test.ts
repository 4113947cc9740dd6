import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { JsonReader, readJson } from '../../src/domain/text/json-reader.js';
import { LIMITS, TooLargeError, type LimitName } from '../../src/domain/limits/limits.js';

const OPTIONS = { number: (text: string) => text, numericTexts: 'bounded' } as const;

function read(text: string, piece = text.length + 1): unknown {
  const reader = new JsonReader(text, OPTIONS);
  while (!reader.readOn(piece));
  return reader.value;
}

/** The document with every number replaced by its text. */
function quoted(value: unknown): unknown {
  if (typeof value === 'number') return JSON.stringify(value);
  if (Array.isArray(value)) return value.map(quoted);
  if (value instanceof Object) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, quoted(v)]));
  return value;
}

describe('a JSON document that is read in pieces', () => {
  it('is the same whatever the size of the pieces', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat({ max: 20 }), fc.constantFrom(0, 2), (value, piece, space) => {
        const text = JSON.stringify(value, null, space);
        expect(read(text, piece + 1)).toEqual(quoted(JSON.parse(text)));
      }),
    );
  });

  it('is refused at the same places whatever the size of the pieces', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.string({ minLength: 1, maxLength: 2 }), (value, at, noise) => {
        const whole = JSON.stringify(value);
        const cut = at % (whole.length + 1);
        const text = whole.slice(0, cut) + noise + whole.slice(cut);
        const outcome = (piece: number): unknown => {
          try {
            return { value: read(text, piece) };
          } catch (error) {
            return String(error);
          }
        };
        expect(outcome(1)).toEqual(outcome(text.length + 1));
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused where JSON.parse refuses it, and for a key twice', () => {
    const noise = fc.string({ minLength: 1, maxLength: 2, unit: 'binary-ascii' });
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), noise, (value, at, added) => {
        const whole = JSON.stringify(value);
        const cut = at % (whole.length + 1);
        const text = whole.slice(0, cut) + added + whole.slice(cut);
        const problemOf = (reading: (text: string) => unknown): string | null => {
          try {
            reading(text);
            return null;
          } catch (error) {
            return (error as Error).message;
          }
        };
        const problem = problemOf(read);
        if (problem?.startsWith('the same key twice') === true) return;
        expect({ text, isRefused: problem !== null }).toEqual({ text, isRefused: problemOf(JSON.parse) !== null });
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['1 2', '{}x', '[] []', '"a\u0000"', '"a\nb"', '{"a\tb":1}'])('is not %j', (text) => {
    expect(() => read(text)).toThrow('it is not JSON at line 1');
  });

  it('yields between pieces of a large document', () => {
    const text = `[${'{"a":"bcdefgh"},'.repeat(100_000)}0]`;
    let turns = 0;
    for (const pieces = readJson(text, OPTIONS); pieces.next().done !== true;) turns += 1;
    expect(turns).toBeGreaterThan(4);
  });

  it('keeps keys that mean something in JavaScript, as JSON.parse does', () => {
    const text =
      '[{"__proto__":{"a":"x"},"constructor":"y","a":"z"},{"__proto__":{"a":"w"},"constructor":"v","a":"u"}]';
    const [first] = read(text) as object[];
    expect(read(text)).toEqual(JSON.parse(text));
    expect(Object.getPrototypeOf(first)).toBe(Object.prototype);
    expect(Object.keys(first ?? {})).toEqual(['__proto__', 'constructor', 'a']);
  });

  it('reads rows whose keys differ, come in another order or are escaped', () => {
    const text = String.raw`[{"a":1,"b":2},{"b":3,"a":4},{"a":5,"ab":6},{"\u0061":7,"b":8},{"a" :9,"b":10,"c":11},{},{"a":12}]`;
    expect(read(text)).toEqual(quoted(JSON.parse(text)));
  });

  it('does not keep the document in memory for one of its texts', () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const filler = '"0123456789abcdef",'.repeat(50_000);
    gc();
    const before = process.memoryUsage().heapUsed;
    const ids = Array.from({ length: 40 }, (_, i) =>
      (read(`[${filler}"an-id-of-${i}-characters"]`) as string[]).at(-1),
    );
    gc();
    // 40 documents of 1 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(15_000_000);
    expect(new Set(ids).size).toBe(40);
  });
});

describe('a key twice', () => {
  it.each([
    ['with two texts', '{"a":"1","a":"2"}'],
    ['with a number and another', '{"a":1,"a":2}'],
    ['with null first', '{"a":null,"a":1}'],
    ['with lists, even the same', '{"a":[],"a":[]}'],
    ['deep inside', '[{"x":{"b":true,"c":1,"b":false}}]'],
    ['under an inherited name', '{"toString":1,"toString":2}'],
    ['under __proto__', '{"__proto__":1,"__proto__":2}'],
    ['written in two ways', String.raw`{"a":1,"\u0061":2}`],
  ])('%s is refused', (_, text) => {
    expect(() => read(text)).toThrow('the same key twice with different values at line 1');
  });

  it('with the same value is one key', () => {
    expect(read('{"a":"1","a":"1","b":2,"b":2,"c":null,"c":null}')).toEqual({ a: '1', b: '2', c: null });
  });
});

describe('a document beyond a limit is refused', () => {
  const deepest = LIMITS.jsonDepth.value;
  const digits = LIMITS.numberLength.value;
  it.each<[LimitName, string, string]>([
    ['jsonDepth', '['.repeat(deepest) + ']'.repeat(deepest), '['.repeat(100_000)],
    ['jsonDepth', `${'{"a":'.repeat(deepest)}1${'}'.repeat(deepest)}`, `{"x":${'[{"a":'.repeat(50_000)}`],
    ['jsonDepth', '['.repeat(deepest) + ']'.repeat(deepest), '['.repeat(deepest + 1) + ']'.repeat(deepest + 1)],
    ['numberLength', `[${'1'.repeat(digits)}]`, `[${'1'.repeat(digits + 1)}]`],
    ['numberLength', `[0.${'1'.repeat(digits - 2)}]`, `[0.${'1'.repeat(100_000)}]`],
    ['numberLength', `["${'1'.repeat(digits)}"]`, `["-${'1'.repeat(digits)}"]`],
    ['numberLength', `["${'a'.repeat(digits + 1)}"]`, `["1e${'0'.repeat(digits)}"]`],
    [
      'jsonTextLength',
      `["${'x'.repeat(LIMITS.jsonTextLength.value)}"]`,
      `["${'x'.repeat(LIMITS.jsonTextLength.value + 1)}"]`,
    ],
    [
      'jsonTextLength',
      `{"${'x'.repeat(LIMITS.jsonTextLength.value)}":1}`,
      `{"${'x'.repeat(LIMITS.jsonTextLength.value + 1)}":1}`,
    ],
  ])('of %s', (limit, just, beyond) => {
    expect(() => read(just)).not.toThrow();
    let refused: unknown = null;
    try {
      read(beyond);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(TooLargeError);
    expect((refused as TooLargeError).limit).toBe(limit);
    expect((refused as TooLargeError).message).toContain(String(LIMITS[limit].value));
    expect((refused as TooLargeError).message.length).toBeLessThan(200);
  });

  it('of jsonValues, before they fill the memory', () => {
    const beyond = `[${'[],'.repeat(LIMITS.jsonValues.value)}[]]`;
    expect(() => read(beyond)).toThrow(/more; at most 3000000 values/);
  });
});
