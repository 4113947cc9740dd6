import { describe, expect, it } from '@jest/globals';
import { renderMetrics } from '../../src/http/metrics.js';
import { readRules } from './alert-rules.js';
import { readRepositoryFile } from './compose-file.js';

const rules = readRules();

/** Names of series in an expression: words that are no keyword, function, label or value. */
function seriesOf(expression: string): string[] {
  const bare = expression
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, ' ')
    .replace(/\b(on|by|without|ignoring)\s*\([^)]*\)/g, ' ')
    .replace(/\b(sum|max|min|count|increase)\b/g, ' ')
    .replace(/\b(and|or|unless)\b/g, ' ');
  return bare.match(/[a-z_]{2,}/g) ?? [];
}

describe('deploy/prometheus/rules.yml', () => {
  it('asks only for series that are served', async () => {
    const text = await renderMetrics([], { version: '0' });
    const served = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    // Prometheus' own, one for each target.
    served.add('up');
    for (const { alert, expr } of rules) {
      const series = seriesOf(expr);
      expect({ alert, some: series.length > 0 }).toEqual({ alert, some: true });
      for (const name of series)
        expect({ alert, name, served: served.has(name) }).toEqual({ alert, name, served: true });
    }
  });

  it('has a test for every rule', () => {
    const tests = readRepositoryFile('deploy/prometheus/rules.test.yml');
    for (const { alert } of rules) expect(tests).toContain(`alertname="${alert}"`);
  });
});
