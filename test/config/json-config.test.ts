import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { jsonConfig } from '../../src/config/json-config.js';
import { parseYaml } from '../../src/config/yaml-text.js';

/** The same text for the YAML parser alone: a comment is no JSON. */
const asYaml = (json: string): unknown => parseYaml(`${json}\n# a comment`).value;

describe('a configuration that is JSON', () => {
  it('has the value that it has as YAML', () => {
    const key = fc.stringMatching(/^[a-z_<~-]{1,8}$/);
    const scalar = fc.oneof(fc.string({ maxLength: 20 }), fc.integer(), fc.double({ noNaN: true }), fc.boolean());
    const leaf = fc.oneof(scalar, fc.constant(null), fc.constantFrom('0.10', '<<', '*', '__proto__'));
    const { map } = fc.letrec((tie) => ({
      map: fc.dictionary(fc.oneof(key, fc.constantFrom('tolerance', 'baseline', '<<', 'null')), tie('value'), {
        maxKeys: 4,
      }),
      value: fc.oneof({ depthSize: 'small' }, leaf, tie('map'), fc.array(tie('value'), { maxLength: 3 })),
    }));
    fc.assert(
      fc.property(map, (document) => {
        const json = JSON.stringify(document);
        expect(jsonConfig(json)).toEqual({ value: asYaml(json), problems: [] });
      }),
    );
  });

  it('keeps the text of amounts', () => {
    const json = '{"a": {"tolerance": {"BTC": 0.10, "deep": [{"x": 0.10}, 0.10]}}, "baseline": [0.10], "b": 0.10}';
    const deep = [{ x: '0.10' }, 0.1];
    expect(jsonConfig(json)?.value).toEqual({ a: { tolerance: { BTC: '0.10', deep } }, baseline: [0.1], b: 0.1 });
    expect(jsonConfig(json)?.value).toEqual(asYaml(json));
  });

  it.each([
    ['YAML', 'a: 1'],
    ['a flow map that is no JSON', '{a: 1}'],
    ['a key twice with one value', '{"a": 1, "b": {"c": "x", "c": "x"}}'],
    ['a key twice with two values', '{"a": 1, "a": 2}'],
    ['something after the document', '{"a": 1}\n# a comment'],
    ['an unfinished document', '{"a": 1'],
    ['a long text', JSON.stringify({ a: 'x'.repeat(4_097) })],
    ['a long key', JSON.stringify({ ['x'.repeat(4_097)]: 1 })],
    ['deep nesting', `${'{"a":'.repeat(21)}1${'}'.repeat(21)}`],
  ])('is left to the YAML parser: %s', (_, text) => {
    expect(jsonConfig(text)).toBeNull();
  });

  it('nests as deep as YAML may', () => {
    const deep = `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`;
    expect(jsonConfig(deep)?.value).toEqual(asYaml(deep));
    expect(parseYaml(`${'{"a":'.repeat(21)}1${'}'.repeat(21)}`).problems).toHaveLength(1);
  });

  it('has places', () => {
    expect(parseYaml('{\n  "a": {\n    "b": 1 } }').placeOf(['a', 'b'])).toEqual({ line: 3, column: 5 });
  });
});
