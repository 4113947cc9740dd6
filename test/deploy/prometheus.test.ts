import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { promtool, startPrometheus, type TestPrometheus } from '../support/prometheus.js';
import { readRules } from './alert-rules.js';
import { repository } from './compose-file.js';
import { DASHBOARDS, queriesOf, readDashboard } from './dashboards.js';
import { startScrapedStack, STOPPED, TROUBLED, type ScrapedStack } from './scraped-stack.js';

/** Far above the normal duration: the package may have to be installed. */
const PATIENCE_MS = 300_000;
const RULES = `${repository}/deploy/prometheus/rules.yml`;
const SELECTED = `{account="${STOPPED}"}`;

describe('a real Prometheus that scrapes the stack', () => {
  let stack: ScrapedStack;
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    stack = await startScrapedStack();
    prometheus = await startPrometheus(stack.targets, RULES);
    const seen = async (expression: string): Promise<void> => {
      const end = Date.now() + 60_000;
      while ((await prometheus.query(expression)).length === 0) {
        if (Date.now() > end) throw new Error(`it did not come within a minute: ${expression}`);
        await delay(100);
      }
    };
    // Both `serve` and the worker, and those that are down.
    await seen('count(up) == 5 and count(up == 1) == 3');
    await stack.moveOn();
    await seen(`count(increase(reconciliation_discrepancy_total[1m]) > 0) == 2`);
    await seen('increase(reconciliation_duration_seconds_count[1m]) > 0');
    await seen('ALERTS{alertstate="firing"}');
  }, PATIENCE_MS);

  afterAll(async () => {
    await prometheus?.stop();
    await stack?.close();
  }, PATIENCE_MS);

  it.each(DASHBOARDS)('answers each query of the dashboard %s', async (name) => {
    const queries = queriesOf(readDashboard(name), TROUBLED);
    expect(queries.length).toBeGreaterThan(15);
    const empty: string[] = [];
    for (const { panel, expr } of queries) {
      if ((await prometheus.query(expr)).length === 0) empty.push(`${panel}: ${expr}`);
    }
    expect(empty).toEqual([]);
  });

  it('answers each query for an account that is well, except those that show trouble', async () => {
    const empty = new Set<string>();
    for (const { panel, expr } of queriesOf(readDashboard('account'), 'clean')) {
      if ((await prometheus.query(expr)).length === 0) empty.add(panel);
    }
    expect([...empty]).toEqual([
      'Open discrepancies by type',
      'Confirmed discrepancies by type',
      "Pings that its dead man's switch did not accept",
    ]);
  });

  it('answers one row for each account in each column of the table of accounts', async () => {
    const { panels } = readDashboard('fleet');
    const columns = panels.find(({ type, title }) => type === 'table' && title === 'Accounts')?.targets ?? [];
    expect(columns.length).toBeGreaterThan(5);
    for (const { expr } of columns) {
      const rows = await prometheus.query(expr);
      // Another label would make Grafana join nothing.
      expect(rows.map(({ labels }) => Object.keys(labels))).toEqual(rows.map(() => ['account']));
      expect(new Set(rows.map(({ labels }) => labels['account'])).size).toBe(rows.length);
    }
  });

  it('offers the accounts to choose from', async () => {
    const { templating } = readDashboard('account');
    const { definition = '' } = templating.list.find(({ name }) => name === 'account') ?? {};
    const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
    expect(await prometheus.labelValues(label, selector)).toEqual(expect.arrayContaining([TROUBLED, STOPPED]));
  });

  it('fires each rule for the trouble it is for, once however many serve show the account', async () => {
    for (const { alert, expr } of readRules()) {
      const found = (await prometheus.query(expr)).map(({ labels: { account, channel, instance } }) =>
        [account, channel, instance].join(),
      );
      expect({ alert, some: found.length > 0 }).toEqual({ alert, some: true });
      expect({ alert, found: [...new Set(found)] }).toEqual({ alert, found });
    }
  });

  it('fires no rule for an account that was stopped, whatever state it was left in', async () => {
    expect(await prometheus.query(`plumbline_account_active${SELECTED} == 0`)).toHaveLength(2);
    for (const { alert, expr } of readRules()) {
      const accounts = (await prometheus.query(expr)).map(({ labels }) => labels['account']);
      expect({ alert, accounts }).toEqual({ alert, accounts: accounts.filter((each) => each !== STOPPED) });
    }
  });
});

describe('deploy/prometheus', () => {
  it(
    'is clean for promtool',
    async () => {
      await expect(promtool('check', 'rules', '--lint=all', '--lint-fatal', RULES)).resolves.toBeUndefined();
      await expect(promtool('test', 'rules', RULES.replace('.yml', '.test.yml'))).resolves.toBeUndefined();
    },
    PATIENCE_MS,
  );
});

describe('deploy/grafana', () => {
  it('is what `npm run dashboards` writes', async () => {
    const check = promisify(execFile)(process.execPath, ['scripts/dashboards.mjs', '--check'], { cwd: repository });
    await expect(check).resolves.toMatchObject({ stderr: '' });
  });

  it.each(DASHBOARDS)('%s takes its data source from a variable, and says what each panel shows', (name) => {
    const { templating, panels } = readDashboard(name);
    expect(templating.list).toContainEqual(expect.objectContaining({ name: 'datasource', type: 'datasource' }));
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title, type, datasource, description, gridPos } of panels) {
      expect({ title, fits: gridPos.x + gridPos.w <= 24 }).toEqual({ title, fits: true });
      if (type === 'row') continue;
      expect({ title, datasource, isDescribed: description !== undefined }).toEqual({
        title,
        datasource: { type: 'prometheus', uid: '${datasource}' },
        isDescribed: true,
      });
    }
  });
});
