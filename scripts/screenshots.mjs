// Takes the pictures of docs/status-page.md: `npm run build` is not needed. A real ledger with accounts in every standing, a real
// `serve`, and Chromium. Look at what it writes before you commit it.
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import './typescript-loader.mjs';

const { startPostgres } = await import('../packages/dev-stack/src/postgres.ts');
const { createLedger, ensureDatabase, migrateLedger } = await import('../src/ledger/create-ledger.ts');
const { serve } = await import('../src/http/serve.ts');
const { hashToken, newToken } = await import('../src/http/tokens.ts');
const { createLogger } = await import('../src/logging/logger.ts');
const { createRedactor } = await import('../src/redaction/redactor.ts');
const { proofOf } = await import('../src/internal/proof.ts');
const { recordPages } = await import('../test/pages/page-scenario.ts');
const { startChromium } = await import('../test/support/chromium.ts');

const target = process.argv[2] ?? new URL('../docs/images/', import.meta.url).pathname;
await mkdir(target, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'plumbline-screenshots-'));
const postgres = await startPostgres({ dataDirectory: folder, durable: false });
// The system font of most desktops is closer to Liberation Sans than to the wide one that a bare Debian falls back to.
const fonts = join(folder, 'fonts.conf');
const families = ['system-ui', 'sans-serif', 'sans', 'Segoe UI', 'Roboto'].map(
  (name) =>
    `<match target="pattern"><test name="family"><string>${name}</string></test>` +
    `<edit name="family" mode="prepend" binding="strong"><string>Liberation Sans</string></edit></match>`,
);
await writeFile(
  fonts,
  `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>${families.join('')}</fontconfig>`,
);
const browser = await startChromium({ FONTCONFIG_FILE: fonts });
const token = newToken();
const proof = proofOf([{ name: null, source: { kind: 'http' }, record: 'own' }]);

/** A served ledger under `name`, while `work` uses it. */
async function withPages(name, options, work) {
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  await ensureDatabase(url.href);
  await migrateLedger(url.href);
  const ledger = createLedger(url.href);
  await recordPages(ledger, url.href, options);
  const log = createLogger({
    name: 'serve',
    level: 'warn',
    redactor: createRedactor(),
    destination: process.stderr,
    pretty: false,
  });
  const served = await serve({
    ledger,
    host: '127.0.0.1',
    port: 0,
    version: '0.1.0',
    log,
    tokens: [{ name: 'ada', role: 'operator', accounts: null, sha256: hashToken(token) }],
    acts: { earlier: async () => null },
    proofs: new Map(['called', 'drifting', 'gaps', 'trend'].map((account) => [account, proof])),
  });
  try {
    await work(served.url);
  } finally {
    await served.close();
    await ledger.close();
  }
}

async function shot(base, name, path, { scheme = 'light', phone = false, height = 900, act = null } = {}) {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: phone ? { width: 390, height: 844 } : { width: 1100, height },
    deviceScaleFactor: phone ? 1.5 : 1,
    extraHTTPHeaders: {},
  });
  const page = await context.newPage();
  await page.goto(`${base}/login`);
  await page.fill('#token', token);
  await page.click('button.primary');
  await page.goto(base + path);
  if (!path.includes('/runs/')) await page.waitForSelector('[data-state="live"]');
  if (act !== null) await act(page);
  const file = join(target, `${name}.png`);
  await page.screenshot({ path: file, fullPage: !phone && height === 0 });
  console.log(`${file} ${Math.round((await stat(file)).size / 1024)} kB`);
  await context.close();
}

try {
  await withPages('trouble', {}, async (url) => {
    await shot(url, 'page-accounts', '/');
    await shot(url, 'page-accounts-dark', '/', { scheme: 'dark' });
    await shot(url, 'page-accounts-phone', '/', { phone: true });
    await shot(url, 'page-account', '/accounts/called?range=week', { height: 940 });
    await shot(url, 'page-account-dark', '/accounts/called?range=week', { scheme: 'dark', height: 920 });
    await shot(url, 'page-account-phone', '/accounts/called', { phone: true });
    await shot(url, 'page-account-ok', '/accounts/trend?range=month', { height: 760 });
    await shot(url, 'page-run', '/accounts/called/runs/1500', { height: 1000 });
  });
  await withPages('calm', { calmOnly: true }, async (url) => {
    await shot(url, 'page-accounts-calm', '/', { height: 560 });
  });
} finally {
  await browser.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
