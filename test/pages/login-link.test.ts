import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Acts } from '../../src/acts/acts.js';
import { createLedger, migrateLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { makeToken, startServe } from '../http/api-client.js';
import { startChromium } from '../support/chromium.js';
import { createTestDatabase } from '../support/postgres.js';

const ada = makeToken('ada', 'operator');

/** The link that `plumbline dev` prints: the token stands behind the # sign. */
describe('a link with a token in its fragment', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let ledger: Ledger;
  let served: Awaited<ReturnType<typeof startServe>>;
  let withoutTokens: Awaited<ReturnType<typeof startServe>>;
  let elsewhere: Server;
  let browser: Browser;
  let context: BrowserContext | null = null;

  /** A page in a new profile, with all that leaves the browser and all that the page must not do. */
  const visit = async (options: Parameters<Browser['newContext']>[0] = {}) => {
    context = await browser.newContext(options);
    const page = await context.newPage();
    const sent: string[] = [];
    const faults: string[] = [];
    page.on('request', (request) => {
      // The form itself sends the token, in its body.
      sent.push(`${request.method()} ${request.url()} ${JSON.stringify(request.headers())}`);
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to|violates/i.test(message.text())) faults.push(message.text());
    });
    return { page, sent, faults };
  };
  const linkOf = (url: string): string => `${url}/login#${ada.token}`;
  const field = async (page: Page): Promise<string> => page.inputValue('#token');

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrateLedger(database.url);
    ledger = createLedger(database.url);
    const acts = {} as Acts;
    served = await startServe({ ledger, acts, tokens: [ada.known], readWithoutToken: true });
    withoutTokens = await startServe({ ledger, acts });
    elsewhere = createServer((_, response) => {
      response
        .setHeader('content-type', 'text/html')
        .end(`<meta charset="utf-8"><a id="go" href="${linkOf(served.url)}">go</a>`);
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    browser = await startChromium();
  }, 300_000);
  afterEach(async () => {
    await context?.close();
    context = null;
  });
  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => elsewhere.close(resolve));
    await withoutTokens.close();
    await served.close();
    await ledger.close();
    await database.drop();
  });

  it('fills the field, leaves the address, and logs in by the button alone', async () => {
    const { page, sent, faults } = await visit();
    await page.goto(linkOf(served.url));
    expect(await field(page)).toBe(ada.token);
    expect(page.url()).toBe(`${served.url}/login`);
    expect(await context?.cookies()).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.viewer form');
    await page.goBack();
    await page.waitForSelector('#token');
    expect([page.url(), await field(page)]).toEqual([`${served.url}/login`, '']);
    expect([sent.filter((line) => line.includes('plb_')), faults]).toEqual([[], []]);
    expect(served.lines.filter((line) => line.includes('plb_'))).toEqual([]);
  });

  it('works in a tab that already shows the form, where the browser loads nothing', async () => {
    const { page } = await visit();
    await page.goto(`${served.url}/login`);
    await page.goto(linkOf(served.url));
    await page.waitForURL(`${served.url}/login`);
    expect(await field(page)).toBe(ada.token);
  });

  it('leaves the address of the page to which a server without tokens sends the browser', async () => {
    const { page } = await visit();
    await page.goto(linkOf(withoutTokens.url));
    expect(page.url()).toBe(`${withoutTokens.url}/`);
  });

  it('logs nobody in from a page of another site', async () => {
    const { page } = await visit();
    await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
    await page.click('#go');
    await page.waitForSelector('#token');
    expect(await context?.cookies()).toEqual([]);
    expect(page.url()).toBe(`${served.url}/login`);
  });

  it('shows the form without JavaScript', async () => {
    const { page, sent } = await visit({ javaScriptEnabled: false });
    await page.goto(linkOf(served.url));
    await page.fill('#token', ada.token);
    await page.click('form button');
    expect(page.url().startsWith(`${served.url}/`)).toBe(true);
    expect(await page.textContent('.viewer')).toContain('ada');
    expect(sent.filter((line) => line.includes('plb_'))).toEqual([]);
  });
});
