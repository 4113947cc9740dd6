import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { PlumblineConfig } from './config.js';
import { ConfigError } from './config-error.js';

/** How often files are looked at. A change counts when two looks in a row see the same, so that no half-written file is read. */
const LOOK_EVERY_MS = 1_000;

export type ReloadReason = 'SIGHUP' | 'its file changed' | 'a file of a secret changed';

export interface ReloadOptions {
  /** What the process started with. */
  config: PlumblineConfig;
  /** Reads the file again. @throws ConfigError */
  load: () => PlumblineConfig;
  /** Replaces what the process made of its configuration. If it throws, the former one stays. */
  take: (config: PlumblineConfig) => void | Promise<void>;
  /** The values that the process cannot change while it runs, by the name of their setting. */
  fixed: (config: PlumblineConfig) => Readonly<Record<string, unknown>>;
  log: { info(fields: object, message: string): void; error(fields: object, message: string): void };
  metrics: { inUse(digest: string, since: Date): void; reloaded(result: 'taken' | 'refused'): void };
  lookEveryMs?: number;
}

export interface ConfigReload {
  /** SHA-256 of the file in use; empty if it could not be read. */
  readonly digest: string;
  /** Reads the configuration again, after a reload that is going on. Never throws. */
  reload(reason: ReloadReason): Promise<void>;
  close(): void;
}

/**
 * Reads the configuration again on request, and when its file or a file that it names for a secret changes. Files are looked at
 * by name, so it does not matter whether they are written, replaced by a rename, or reached through a symbolic link that moves
 * (Kubernetes); and it works on file systems that report no changes.
 */
export function watchConfig(options: ReloadOptions): ConfigReload {
  const { load, take, fixed, log, metrics } = options;
  const started = fixed(options.config);
  const { path } = options.config;
  let current = options.config;
  let digest = digestOf(path);
  let seen = stampsOf(current);
  let changing: Stamps | null = null;
  let work = Promise.resolve();
  metrics.inUse(digest, new Date());

  const once = async (reason: ReloadReason): Promise<void> => {
    // Before the file is read: a change in between is seen at the next look.
    seen = stampsOf(current);
    const read = digestOf(path);
    try {
      const next = load();
      await take(next);
      current = next;
      digest = read;
      // The new file may name other secrets.
      seen = stampsOf(current);
      metrics.inUse(digest, new Date());
      metrics.reloaded('taken');
      const needed = changed(started, fixed(next));
      const accounts = next.accounts.map(({ name }) => name);
      const rest = needed.length === 0 ? '' : `; restart needed for ${needed.join(', ')}`;
      log.info({ path, reason, accounts, digest: digest.slice(0, 12) }, `Configuration read again${rest}`);
    } catch (error) {
      metrics.reloaded('refused');
      log.error({ path, reason }, `The changed configuration is refused, the former one stays: ${oneLine(error)}`);
    }
  };
  const reload = async (reason: ReloadReason): Promise<void> => {
    work = work.then(async () => once(reason));
    return work;
  };
  const look = (): void => {
    const now = stampsOf(current);
    if (isSame(now, seen)) changing = null;
    else if (changing !== null && isSame(now, changing)) {
      const reason = now.get(path) === seen.get(path) ? 'a file of a secret changed' : 'its file changed';
      changing = null;
      seen = now;
      void reload(reason);
    } else changing = now;
  };
  const timer = setInterval(look, options.lookEveryMs ?? LOOK_EVERY_MS);
  timer.unref();
  return {
    get digest() {
      return digest;
    },
    reload,
    close: () => clearInterval(timer),
  };
}

type Stamps = ReadonlyMap<string, string>;

function stampsOf(config: PlumblineConfig): Stamps {
  return new Map([config.path, ...secretFiles(config)].map((path) => [path, stampOf(path)]));
}

function isSame(one: Stamps, other: Stamps): boolean {
  return one.size === other.size && [...one].every(([path, stamp]) => other.get(path) === stamp);
}

/** Follows symbolic links. */
function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs}`;
  } catch {
    return 'unreadable';
  }
}

/** Every `{ file }` in the configuration, which is how it names the file of a secret. */
function secretFiles(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === 'file' && typeof only[1] === 'string') return [only[1]];
  return entries.flatMap(([, inner]) => secretFiles(inner));
}

function digestOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return '';
  }
}

function changed(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** The first problems of a configuration, or the error's message, in one line. */
function oneLine(error: unknown): string {
  if (error instanceof ConfigError) {
    const texts = error.problems.slice(0, 3).map(({ path, line, message }) => {
      const place = line === null ? '' : ` (line ${line})`;
      return path === '' ? message : `${path}${place}: ${message}`;
    });
    const more = error.problems.length - texts.length;
    return [...texts, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  }
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}
