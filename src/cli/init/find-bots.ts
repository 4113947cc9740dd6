import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TradingMode } from '../../internal/freqtrade/books.js';
import { httpCall, readUpTo } from '../../net/http-client.js';
import { isConfigName, readFreqtradeConfig, type FreqtradeSettings } from './freqtrade-config.js';

/** A Freqtrade that was found by its configuration, by its port, or by both. */
export interface FoundFreqtrade {
  kind: 'freqtrade';
  /** As the user would write it; null if only the port answers. */
  file: string | null;
  url: string;
  /** Whether its API answered. */
  isUp: boolean;
  settings: FreqtradeSettings | null;
}

export type FoundDatabase =
  | { kind: 'sqlite'; path: string; bot: 'freqtrade' | 'hummingbot'; tradingMode: TradingMode | null }
  | { kind: 'url'; variable: string };

export interface Found {
  freqtrades: FoundFreqtrade[];
  databases: FoundDatabase[];
  /** Why something that looked like a bot was left out. */
  notes: string[];
}

/** Freqtrade's default, and those that its documentation gives to further bots. */
export const USUAL_PORTS = [8080, 8081, 8082, 8083, 8084] as const;
/** Loopback answers at once, or refuses at once. */
const PING_MS = 1000;
const PING_BYTES = 1000;
const MOST_CONFIGS = 20;
const MOST_DATABASES = 10;

export interface Places {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  ports: readonly number[];
}

/** Looks for bots in the folder, its `user_data`, and on the usual ports of this machine. Only reads; never throws. */
export async function findBots({ cwd, env, ports }: Places): Promise<Found> {
  const notes: string[] = [];
  const configs = (await configFiles(cwd)).flatMap((file) => {
    const settings = readFreqtradeConfig(join(cwd, file), env);
    if (!('problem' in settings)) return [{ file, settings }];
    // Other programs have a config.json, too.
    if (file.startsWith('user_data')) notes.push(settings.problem);
    return [];
  });
  const urls = new Set([
    ...configs.filter(({ settings }) => settings.api.enabled).map(({ settings }) => settings.api.url),
    ...ports.map((port) => `http://127.0.0.1:${port}`),
  ]);
  const up = new Set((await Promise.all([...urls].map(async (url) => ((await isFreqtrade(url)) ? [url] : [])))).flat());
  const known: FoundFreqtrade[] = configs.map(({ file, settings }) => ({
    kind: 'freqtrade',
    file,
    url: settings.api.url,
    isUp: settings.api.enabled && up.has(settings.api.url),
    settings,
  }));
  const unknown = [...up].filter((url) => !known.some((bot) => bot.isUp && bot.url === url));
  return {
    freqtrades: [
      ...known.toSorted((a, b) => Number(b.isUp) - Number(a.isUp)),
      ...unknown.map((url): FoundFreqtrade => ({ kind: 'freqtrade', file: null, url, isUp: true, settings: null })),
    ],
    databases: await databases(cwd, env, configs[0]?.settings.tradingMode ?? null),
    notes,
  };
}

/** Whether a Freqtrade's API answers there. `/ping` needs no password. */
export async function isFreqtrade(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(PING_MS);
  try {
    const address = `${url.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1/ping`;
    const { status, body } = await httpCall(address, { method: 'GET', headers: {}, body: null, signal });
    const { bytes } = await readUpTo(body, PING_BYTES);
    body.destroy();
    return status === 200 && /^\s*\{\s*"status"\s*:\s*"pong"\s*\}\s*$/.test(bytes.toString('utf8'));
  } catch {
    return false;
  }
}

async function configFiles(cwd: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ['user_data', '.']) {
    const names = (await namesIn(join(cwd, folder))).filter(isConfigName);
    // config.json first: the others may be of other bots, or examples.
    const order = names.toSorted(
      (a, b) => Number(b === 'config.json') - Number(a === 'config.json') || (a < b ? -1 : 1),
    );
    found.push(...order.map((name) => join(folder, name)));
  }
  return found.slice(0, MOST_CONFIGS);
}

async function databases(cwd: string, env: Places['env'], tradingMode: TradingMode | null): Promise<FoundDatabase[]> {
  const found: FoundDatabase[] = [];
  for (const path of ['tradesv3.sqlite', join('user_data', 'tradesv3.sqlite')]) {
    if (await isFile(join(cwd, path))) found.push({ kind: 'sqlite', path, bot: 'freqtrade', tradingMode });
  }
  for (const name of await namesIn(join(cwd, 'data'))) {
    const path = join('data', name);
    if (name.endsWith('.sqlite') && (await isFile(join(cwd, path)))) {
      found.push({ kind: 'sqlite', path, bot: 'hummingbot', tradingMode: null });
    }
  }
  for (const [variable, value] of Object.entries(env)) {
    if (isDatabaseUrl(variable, value)) found.push({ kind: 'url', variable });
  }
  return found.slice(0, MOST_DATABASES);
}

/** PLUMBLINE_DATABASE_URL is the ledger. */
function isDatabaseUrl(name: string, value: string | undefined): boolean {
  return (
    /(?:^|_)(?:DATABASE|DB|POSTGRES|POSTGRESQL|PG)_(?:URL|URI|DSN)$/.test(name) &&
    name !== 'PLUMBLINE_DATABASE_URL' &&
    /^postgres(?:ql)?:\/\//.test(value ?? '')
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch {
    return [];
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
