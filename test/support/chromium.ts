import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

const run = promisify(execFile);
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const INSTALL_MS = 240_000;

/**
 * A real Chromium, headless. Where none is installed and this process is root on a Debian system, it is installed with `apt-get`.
 *
 * @throws Error that says what to install
 */
export async function startChromium(env: Record<string, string> = {}): Promise<Browser> {
  const executablePath = (await installed()) ?? (await install());
  // Chromium's own sandbox does not start for root or in most containers; the pages are ours.
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
    env: { ...process.env, ...env },
  });
}

async function installed(): Promise<string | null> {
  for (const path of PATHS) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return null;
}

async function install(): Promise<string> {
  const advice = 'Tests of the pages need Chromium: install it, on Debian with `apt-get install chromium`.';
  if (process.getuid?.() !== 0) throw new Error(advice);
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update'], { env, timeout: INSTALL_MS });
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env, timeout: INSTALL_MS });
  } catch (error) {
    throw new Error(`${advice} apt-get failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const path = await installed();
  if (path === null) throw new Error(advice);
  return path;
}
