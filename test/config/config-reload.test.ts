import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PlumblineConfig } from '../../src/config/config.js';
import { watchConfig, type ConfigReload } from '../../src/config/config-reload.js';
import { loadConfig } from '../../src/config/load-config.js';

const yaml = (accounts: readonly string[], queue = 'plumbline'): string =>
  `accounts:\n${accounts
    .map(
      (name) =>
        `  ${name}:\n    exchange: { id: binanceusdm, api_key_file: key-${name}, secret_env: S }\n    internal: { kind: file, path: s.json }\n`,
    )
    .join('')}worker: { task_queue: ${queue} }\n`;

const LOOK_MS = 20;

describe('a configuration that changes', () => {
  let folder: string;
  let path: string;
  let watched: ConfigReload;
  let taken: string[][];
  let lines: string[];
  let results: string[];
  let fail = false;

  const start = (): void => {
    watched = watchConfig({
      config: loadConfig(path),
      load: () => loadConfig(path),
      take: ({ accounts }: PlumblineConfig) => {
        if (fail) throw new Error('the token "ann"\n  has no hash');
        taken.push(accounts.map(({ name }) => name));
      },
      fixed: ({ worker }) => ({ 'worker.task_queue': worker.taskQueue }),
      log: { info: (_fields, text) => lines.push(text), error: (_fields, text) => lines.push(text) },
      metrics: { inUse: () => {}, reloaded: (result) => results.push(result) },
      lookEveryMs: LOOK_MS,
    });
  };
  const until = async (isSo: () => boolean): Promise<void> => {
    for (let look = 0; look < 500 && !isSo(); look++) await delay(LOOK_MS);
    expect(isSo()).toBe(true);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plumbline-reload-'));
    path = join(folder, 'plumbline.yaml');
    [taken, lines, results, fail] = [[], [], [], false];
    writeFileSync(path, yaml(['main']));
  });
  afterEach(() => {
    watched.close();
    rmSync(folder, { recursive: true });
  });

  it('is read again when the file is written, and not without a change', async () => {
    start();
    const { digest } = watched;
    await delay(5 * LOOK_MS);
    expect(results).toEqual([]);
    writeFileSync(path, yaml(['main', 'second']));
    await until(() => taken.length > 0);
    expect(taken).toEqual([['main', 'second']]);
    expect(lines).toEqual(['Configuration read again']);
    expect(results).toEqual(['taken']);
    expect(watched.digest).not.toBe(digest);
  });

  it('is read again when an editor replaces the file by a rename', async () => {
    start();
    writeFileSync(`${path}.new`, yaml(['other']));
    renameSync(`${path}.new`, path);
    await until(() => taken.length > 0);
    expect(taken).toEqual([['other']]);
  });

  it('is read again when Kubernetes moves the link to its folder', async () => {
    for (const [data, account] of Object.entries({ '..1': 'first', '..2': 'second' })) {
      mkdirSync(join(folder, data));
      writeFileSync(join(folder, data, 'plumbline.yaml'), yaml([account]));
    }
    symlinkSync('..1', join(folder, '..data'));
    rmSync(path);
    symlinkSync('..data/plumbline.yaml', path);
    start();
    symlinkSync('..2', join(folder, '..tmp'));
    renameSync(join(folder, '..tmp'), join(folder, '..data'));
    await until(() => taken.length > 0);
    expect(taken).toEqual([['second']]);
  });

  it('is read again when the file of a secret changes, and on request without any change', async () => {
    writeFileSync(join(folder, 'key-main'), 'one');
    start();
    writeFileSync(join(folder, 'key-main'), 'another');
    await until(() => taken.length > 0);
    await watched.reload('SIGHUP');
    expect(taken).toEqual([['main'], ['main']]);
  });

  it.each([
    ['is no YAML', 'accounts: ['],
    ['has an unknown field', `${yaml(['main'])}wat: 1\n`],
    ['has no accounts', 'accounts: 7\n'],
    ['is empty', ''],
  ])('is refused with one line if it %s; the former one stays', async (_, text) => {
    start();
    const { digest } = watched;
    writeFileSync(path, text);
    await until(() => lines.length > 0);
    await delay(5 * LOOK_MS);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^The changed configuration is refused, the former one stays: .{10,}$/);
    expect([taken, results, watched.digest]).toEqual([[], ['refused'], digest]);
    writeFileSync(path, yaml(['main', 'second']));
    await until(() => taken.length > 0);
    expect(taken).toEqual([['main', 'second']]);
  });

  it('is refused with one line if it is gone, or if the process cannot take it', async () => {
    start();
    rmSync(path);
    await until(() => lines.length === 1);
    fail = true;
    writeFileSync(path, yaml(['second']));
    await until(() => lines.length === 2);
    expect(lines[1]).toBe('The changed configuration is refused, the former one stays: the token "ann" has no hash');
    expect(results).toEqual(['refused', 'refused']);
  });

  it('names what needs a restart, until it is as it was at the start', async () => {
    start();
    for (const queue of ['other', 'other', 'plumbline']) {
      writeFileSync(path, yaml(['main'], queue));
      await watched.reload('SIGHUP');
    }
    expect(lines).toEqual([
      'Configuration read again; restart needed for worker.task_queue',
      'Configuration read again; restart needed for worker.task_queue',
      'Configuration read again',
    ]);
  });
});
