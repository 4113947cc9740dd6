import { basename, dirname, resolve } from 'node:path';
import { z } from 'zod';
import { isMap } from '../../domain/text/is-map.js';
import type { TradingMode } from '../../internal/freqtrade/books.js';
import { readBoundedFile } from '../../runtime/bounded-file.js';
import { errorCode } from '../../runtime/error-shape.js';
import { relaxedJson } from './relaxed-json.js';

/** What a Freqtrade's configuration says about the bot, without the exchange's keys. */
export interface FreqtradeSettings {
  botName: string | null;
  /** As Freqtrade names it: `binance` also for futures. */
  exchange: string;
  tradingMode: TradingMode;
  dryRun: boolean;
  api: {
    enabled: boolean;
    /** The address for this machine, unless the port is mapped to another one. */
    url: string;
    /** For the file of variables, if the user asks for one. */
    username: string | null;
    password: string | null;
  };
}

const DEFAULT_PORT = 8080;
/** Levels of `add_config_files`; Freqtrade itself stops at 5. */
const MOST_LEVELS = 5;
const MOST_FILES = 50;
const MOST_BYTES = 1_000_000;

const text = z.string().min(1).max(1000).nullable().catch(null);
const settingsShape = z.object({
  bot_name: text.default(null),
  exchange: z.object({ name: z.string().min(1).max(100) }),
  trading_mode: z.enum(['spot', 'futures', 'margin']).catch('spot').default('spot'),
  // Freqtrade without this key trades for real.
  dry_run: z.boolean().catch(false).default(false),
  api_server: z
    .object({
      enabled: z.boolean().catch(false).default(false),
      listen_ip_address: text.default(null),
      listen_port: z.coerce.number().int().min(1).max(65_535).catch(DEFAULT_PORT).default(DEFAULT_PORT),
      username: text.default(null),
      password: text.default(null),
    })
    .catch({ enabled: false, listen_ip_address: null, listen_port: DEFAULT_PORT, username: null, password: null })
    .optional(),
});

/**
 * Reads a Freqtrade's configuration with the files that it adds (`add_config_files`) and the variables that override it
 * (`FREQTRADE__EXCHANGE__NAME`).
 *
 * @returns the problem in words if it cannot be read or is no configuration of a bot
 */
export function readFreqtradeConfig(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): FreqtradeSettings | { problem: string } {
  const files = { left: MOST_FILES };
  let merged: Record<string, unknown>;
  try {
    merged = overridden(withAdded(path, 1, files), env);
  } catch (error) {
    if (error instanceof Unreadable || error instanceof RangeError) return { problem: error.message };
    throw error;
  }
  const parsed = settingsShape.safeParse(merged);
  if (!parsed.success)
    return { problem: `${path} has no exchange.name, so it is not the configuration of a Freqtrade` };
  const { bot_name: botName, exchange, trading_mode: mode, dry_run: dryRun, api_server: api } = parsed.data;
  return {
    botName,
    exchange: exchange.name,
    tradingMode: mode === 'futures' ? 'futures' : 'spot',
    dryRun,
    api: {
      enabled: api?.enabled ?? false,
      url: `http://${reachable(api?.listen_ip_address ?? null)}:${api?.listen_port ?? DEFAULT_PORT}`,
      username: api?.username ?? null,
      password: api?.password ?? null,
    },
  };
}

class Unreadable extends Error {}

/** An API that listens on all addresses is called on loopback. */
function reachable(address: string | null): string {
  if (address === null || ['0.0.0.0', '::', '[::]', 'localhost'].includes(address)) return '127.0.0.1';
  const host = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
  return URL.canParse(`http://${host}:1`) ? host : '127.0.0.1';
}

/** Merges as Freqtrade does: a file overrides the files that it adds, and of these a later one overrides an earlier one. */
function withAdded(path: string, level: number, files: { left: number }): Record<string, unknown> {
  if (level > MOST_LEVELS || files.left-- <= 0) throw new Unreadable(`${path} adds too many files`);
  const own = readMap(path);
  const added: unknown = own['add_config_files'];
  if (!Array.isArray(added)) return own;
  const folder = dirname(path);
  let below: Record<string, unknown> = {};
  for (const name of added as unknown[]) {
    if (typeof name === 'string') below = merge(below, withAdded(resolve(folder, name), level + 1, files));
  }
  return merge(below, own);
}

function readMap(path: string): Record<string, unknown> {
  let value: unknown;
  try {
    const file = readBoundedFile(path, MOST_BYTES);
    if (file.kind !== 'text') throw new Unreadable(`${path} is ${file.kind === 'directory' ? 'a folder' : file.kind}`);
    value = relaxedJson(file.text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Unreadable(`${path} is not JSON`);
    const code = errorCode(error);
    if (code === null) throw error;
    throw new Unreadable(`${path} cannot be read (${code === 'ENOENT' ? 'there is no such file' : code})`);
  }
  if (!isMap(value)) throw new Unreadable(`${path} is not a JSON object`);
  return { ...value };
}

function merge(base: Record<string, unknown>, over: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const merged = new Map<string, unknown>(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key);
    merged.set(key, isMap(value) && isMap(below) ? merge({ ...below }, value) : value);
  }
  return Object.fromEntries(merged);
}

const PREFIX = 'FREQTRADE__';

function overridden(
  settings: Record<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  let merged = settings;
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || value === undefined) continue;
    const path = name.slice(PREFIX.length).toLowerCase().split('__');
    if (path.includes('')) continue;
    const typed = /^(?:true|t|yes)$/i.test(value) ? true : /^(?:false|f|no)$/i.test(value) ? false : value;
    merged = merge(
      merged,
      path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), typed) as Record<string, unknown>,
    );
  }
  return merged;
}

/** Whether a file may be a bot's configuration, by its name. */
export function isConfigName(path: string): boolean {
  return /^config[\w.-]*\.json$/i.test(basename(path));
}
