import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Acts } from '../../src/acts/acts.js';
import { eventually } from '../cli/test-io.js';
import { makeToken, startServe } from '../http/api-client.js';
import { long, scriptedSides, type ScriptedSide } from '../integration/support/scripted.js';
import { startWorld, type World } from '../integration/support/world.js';
import { startChromium } from '../support/chromium.js';
import { HOSTILE_ID, HOSTILE_SYMBOL, recordPages } from './page-scenario.js';

const ada = makeToken('ada', 'operator');
const vic = makeToken('vic', 'viewer');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What a page did that it must not do. */
interface Faults {
  lines: string[];
}

/** The status page in a real Chromium, on real Temporal, PostgreSQL and workflows. */
describe('the status page in a browser', () => {
  let world: World;
  let exchange: ScriptedSide;
  let served: Awaited<ReturnType<typeof startServe>>;
  let browser: Browser;
  const open: BrowserContext[] = [];

  /** A new browser profile in which every fault of a page is collected. */
  const visit = async (options: Parameters<Browser['newContext']>[0] = {}, token: string | null = ada.token) => {
    const context = await browser.newContext({ viewport: { width: 1180, height: 900 }, ...options });
    open.push(context);
    const page = await context.newPage();
    const faults: Faults = { lines: [] };
    page.on('dialog', async (dialog) => {
      faults.lines.push(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on('pageerror', (error) => faults.lines.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to|violates/i.test(message.text())) faults.lines.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(served.url) && !request.url().startsWith('data:'))
        faults.lines.push(`elsewhere: ${request.url()}`);
    });
    if (token !== null) {
      await page.goto(`${served.url}/login`);
      await page.fill('#token', token);
      await page.press('#token', 'Enter');
      await page.waitForSelector('#accounts');
    }
    return { page, faults };
  };
  /** @param rules only these; default: all */
  const axe = async (page: Page, rules?: string[]): Promise<string[]> => {
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate<AxeResults>(
      `axe.run(${rules === undefined ? '' : JSON.stringify({ runOnly: rules })})`,
    );
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  };
  /** They have the same markup as another page, so axe would say the same. */
  const ALIKE = new Set([
    '/?show=drift',
    '/accounts/called?range=month',
    '/accounts/paused',
    '/accounts/hostile/runs/1500',
  ]);
  const PAGES = [
    '/',
    '/?show=drift',
    '/?q=nothing-has-this',
    '/accounts/called',
    '/accounts/called?range=month',
    '/accounts/gaps',
    '/accounts/hostile',
    '/accounts/paused',
    '/accounts/fresh',
    '/accounts/called/runs',
    '/accounts/called/runs/1500',
    '/accounts/hostile/runs/1500',
    '/accounts/nobody',
  ];

  beforeAll(async () => {
    const scripted = scriptedSides();
    ({ exchange } = scripted);
    [world, browser] = await Promise.all([startWorld({ sides: scripted.sides }), startChromium()]);
    await recordPages(world.ledger, world.databaseUrl, { history: false });
    const acts = new Acts({ client: async () => world.client, ledger: async () => world.ledger });
    served = await startServe({ ledger: world.ledger, acts, tokens: [ada.known, vic.known] });
    await world.start();
    await world.client.runNow(world.account, 'test');
  }, 300_000);
  afterAll(async () => {
    await Promise.all(open.map(async (context) => context.close()));
    await browser.close();
    await served.close();
    await world.stop();
  });

  it('asks for a token first, and goes where the person wanted', async () => {
    const { page, faults } = await visit({}, null);
    const answer = await page.goto(`${served.url}/accounts/called`);
    expect(answer?.status()).toBe(401);
    expect(await axe(page)).toEqual([]);
    await page.fill('#token', 'plb_wrong');
    await page.press('#token', 'Enter');
    await page.waitForSelector('#refused');
    await page.goto(`${served.url}/accounts/called`);
    await page.keyboard.press('Tab');
    await page.focus('#token');
    await page.keyboard.type(ada.token);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#verdict');
    expect(await page.textContent('h1')).toBe('called');
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.click('text=Log out');
    await page.waitForSelector('#token');
    expect(faults.lines).toEqual([]);
  });

  it('has no finding of axe and no violation of its policy, light and dark', async () => {
    const { page, faults } = await visit({ colorScheme: 'light' });
    const findings: string[] = [];
    for (const path of PAGES.filter((each) => !ALIKE.has(each))) {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(served.url + path);
      // Forms are closed at first.
      await page.evaluate(`document.querySelectorAll('details').forEach((each) => (each.open = true))`);
      findings.push(...(await axe(page)).map((finding) => `${path} ${finding}`));
      await page.emulateMedia({ colorScheme: 'dark' });
      findings.push(...(await axe(page, ['color-contrast'])).map((finding) => `${path} dark ${finding}`));
    }
    expect(findings).toEqual([]);
    expect(faults.lines).toEqual([]);
  }, 240_000);

  it('fits a phone without scrolling sideways', async () => {
    const { page } = await visit({ viewport: { width: 360, height: 740 } });
    for (const path of PAGES) {
      await page.goto(served.url + path);
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 360]);
    }
  });

  it('shows hostile ids and symbols as text', async () => {
    const { page, faults } = await visit();
    for (const path of ['/', '/accounts/hostile', '/accounts/hostile/runs/1500']) {
      await page.goto(served.url + path);
      const text = (await page.textContent('main')) ?? '';
      expect(text).toContain(path === '/' ? HOSTILE_SYMBOL : HOSTILE_ID.replace('\u202e', '\\u202e'));
      expect(await page.locator('main img, main script, [onerror]').count()).toBe(0);
    }
    expect(faults.lines).toEqual([]);
  });

  it('is walked by keyboard, from the list to an act', async () => {
    const { page } = await visit();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    const names: string[] = [];
    for (let presses = 0; presses < 40 && !names.includes('called'); presses++) {
      await page.keyboard.press('Tab');
      names.push(await page.evaluate<string>('document.activeElement.textContent.trim()'));
    }
    expect(names).toEqual(expect.arrayContaining(['Filter', 'All 16', 'called']));
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#verdict');
    await page.focus('#acknowledge summary');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('acknowledge-note');
  });

  it('shows what happens without being loaded again, and takes an act by its button', async () => {
    const { page, faults } = await visit();
    const { page: account } = await visit();
    await account.goto(`${served.url}/accounts/${world.account}`);
    for (const each of [page, account]) {
      await each.waitForSelector('[data-state="live"]');
      await each.evaluate('globalThis.kept = true');
    }
    const row = page.locator(`tr[data-account="${world.account}"]`);
    expect(await row.textContent()).toContain('Matched');
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    await world.client.runNow(world.account, 'test');
    await row.locator('.badge.intervention').waitFor();
    await account.locator('#intervention h2').waitFor();
    expect(await account.textContent('#differences')).toContain('0.5 BTC long');
    expect(await account.textContent('#news')).toContain('Needs a human');
    for (const each of [page, account]) expect(await each.evaluate('globalThis.kept')).toBe(true);

    await account.click('#acknowledge summary');
    await account.fill('#acknowledge-note', 'I have <b>it</b>');
    await account.click('#acknowledge button');
    await account.locator('.notice.done').waitFor();
    expect(await account.textContent('.notice')).toContain('Acknowledged');
    const acts = (await world.events()).filter(({ type }) => type === 'MANUAL_REVIEW_ACKNOWLEDGED');
    expect(acts.map(({ payload }) => payload)).toMatchObject([{ by: 'ada', note: 'I have <b>it</b>', via: 'http' }]);
    await row.locator('.badge.drift').waitFor();
    exchange.positions = [];
    await account.click('button:text("Run now")');
    await account.locator('.notice.done').waitFor();
    await row.locator('.badge.ok').waitFor();
    expect(faults.lines).toEqual([]);
  }, 120_000);

  it('gives a viewer no buttons', async () => {
    const { page } = await visit({}, vic.token);
    await page.goto(`${served.url}/accounts/called`);
    expect(await page.textContent('#act')).toContain('the role viewer');
    expect(await page.locator('#act button').count()).toBe(0);
  });

  it('can be read, and acts, without a script', async () => {
    const { page } = await visit({ javaScriptEnabled: false });
    expect(await page.textContent('#accounts')).toContain('called');
    await page.goto(`${served.url}/accounts/${world.account}`);
    await page.click('#pause summary');
    await page.fill('#pause-note', 'maintenance');
    await page.click('#pause button');
    expect(await page.textContent('.notice')).toContain('Paused');
    // The workflow records it a moment later.
    await eventually(
      async () => {
        await page.goto(`${served.url}/accounts/${world.account}`);
        return page.locator('button:text("Resume")').count();
      },
      (count) => count === 1,
    );
    await page.click('button:text("Resume")');
    expect(await page.textContent('.notice')).toContain('Resumed');
  });

  it('never shows an old verdict as a present one', async () => {
    const context = await browser.newContext({ extraHTTPHeaders: { authorization: `Bearer ${ada.token}` } });
    open.push(context);
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(`${served.url}/accounts/trend`);
    await page.waitForSelector('[data-state="live"]');
    expect(await page.textContent('#verdict .badge')).toContain('Matched');
    // The stream breaks, and nothing can be read.
    await page.route('**/*', async (route) => route.abort());
    await context.setOffline(true);
    await page.clock.runFor(20_000);
    await page.waitForSelector('[data-state="lost"]');
    expect(await page.textContent('#banner')).toContain('Not up to date since');
    // By its own clock the browser knows that the next run is late.
    await page.clock.runFor(32 * 60_000);
    expect(await page.textContent('#verdict .badge')).toMatch(/Unknown since \d\d:\d\d:\d\d/);
    expect(await page.textContent('#verdict')).not.toContain('Trading gate open');
    await context.setOffline(false);
    await page.unroute('**/*');
    await page.clock.runFor(20_000);
    await eventually(
      async () => {
        await page.clock.runFor(2_000);
        return page.getAttribute('#link-state', 'data-state');
      },
      (state) => state === 'live',
    );
    // It says so only once it has read everything again.
    expect(await page.textContent('#verdict .badge')).toContain('Matched');
  }, 60_000);
});
