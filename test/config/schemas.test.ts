import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import ccxt from 'ccxt';
import { exchangeIds } from '../../src/config/exchange-ids.js';
import { configJsonSchema } from '../../src/config/json-schema.js';
import { suggest } from '../../src/config/suggest.js';
import { limitsPage } from '../../src/domain/limits/limits-page.js';
import { stateJsonSchema } from '../../src/internal/json-schema.js';

describe('the published JSON Schemas', () => {
  it.each([
    ['plumbline-config.schema.json', configJsonSchema()],
    ['internal-state.schema.json', stateJsonSchema()],
  ])('%s is what the code checks (renewed by `npm run schemas`)', (name, schema) => {
    const published = readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8');
    expect(published).toBe(`${JSON.stringify(schema, null, 2)}\n`);
  });
});

describe('docs/limits.md', () => {
  it('is the table of limits in the code (renewed by `npm run schemas`)', () => {
    const published = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8');
    // Prettier pads the cells and fills the lines of the text.
    const words = (page: string): string => page.replaceAll(/-{3,}/g, '---').replaceAll(/\s+/g, ' ');
    expect(words(published)).toBe(words(limitsPage()));
  });
});

const { exchanges: exchangesOfCcxt } = ccxt as { exchanges: string[] };

describe('the exchange ids', () => {
  it('are those of ccxt', () => {
    expect(Array.from(exchangeIds()).toSorted()).toEqual(exchangesOfCcxt.toSorted());
  });
});

describe('a suggestion', () => {
  const known = ['interval_minutes', 'failure_threshold', 'max_observations', 'binanceusdm', 'bybit'];
  it.each([
    ['interval_minute', 'interval_minutes'],
    ['intervalMinutes', 'interval_minutes'],
    ['INTERVAL-MINUTES', 'interval_minutes'],
    ['intreval_minutes', 'interval_minutes'],
    ['max_obesrvations', 'max_observations'],
    ['binanceusd', 'binanceusdm'],
    ['bibyt', null],
    ['bybt', 'bybit'],
    ['something', null],
    ['', null],
  ])('for %j is %j', (word, meant) => {
    expect(suggest(word, known)).toBe(meant);
  });
});
