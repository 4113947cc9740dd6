import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { SecretSource } from '../../src/config/config.js';
import { readEnvironment, resolveSecret, type ResolveSecretOptions } from '../../src/config/environment.js';
import { FailureError, type Failure } from '../../src/domain/failure/failure.js';
import { LIMITS } from '../../src/domain/limits/limits.js';

describe('the environment', () => {
  it('has its defaults if nothing is set', () => {
    expect(readEnvironment({})).toEqual({
      configPath: null,
      statePath: null,
      logLevel: 'info',
      noColor: false,
      forceColor: false,
      ci: false,
      buildId: null,
      databaseUrl: null,
    });
  });

  it('is read as it is set', () => {
    const env = {
      PLUMBLINE_CONFIG: ' a.yaml ',
      PLUMBLINE_LOG_LEVEL: 'DEBUG',
      PLUMBLINE_DATABASE_URL: 'postgres://x',
      PLUMBLINE_BUILD_ID: ' 1.2.3-rc.1+5_x ',
      NO_COLOR: '1',
      FORCE_COLOR: '1',
      CI: 'true',
      PLUMBLINE_STATE: 'far',
    };
    expect(readEnvironment(env)).toEqual({
      configPath: 'a.yaml',
      statePath: 'far',
      logLevel: 'debug',
      noColor: true,
      forceColor: true,
      ci: true,
      buildId: '1.2.3-rc.1+5_x',
      databaseUrl: 'postgres://x',
    });
    expect(readEnvironment({ CI: 'false', FORCE_COLOR: '0', NO_COLOR: '', PLUMBLINE_CONFIG: '' })).toMatchObject({
      ci: false,
      forceColor: false,
      noColor: false,
      configPath: null,
    });
  });

  it('with an unknown log level lists the known ones', () => {
    expect(() => readEnvironment({ PLUMBLINE_LOG_LEVEL: 'loud' })).toThrow('PLUMBLINE_LOG_LEVEL is "loud"');
  });

  it.each(['-a', 'a b', 'a:b', 'a/b', 'x'.repeat(81)])('refuses the build %j', (buildId) => {
    expect(() => readEnvironment({ PLUMBLINE_BUILD_ID: buildId })).toThrow(/^PLUMBLINE_BUILD_ID/);
  });
});

describe('a secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-secret-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string, mode = 0o600): SecretSource => {
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), mode);
    return { file: join(folder, name) };
  };
  const pipe = (): string => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    return path;
  };
  const failureOf = (source: SecretSource, options: ResolveSecretOptions = { env: {} }): Failure => {
    try {
      resolveSecret(source, 'accounts.main.exchange.secret', options);
    } catch (error) {
      if (error instanceof FailureError) return error.failure;
      throw error;
    }
    throw new Error('the secret was found');
  };

  it.each([
    ['as it is', 'k3y', 'k3y'],
    ['without the newline at the end', 'k3y\n', 'k3y'],
    ["without Windows' newline at the end", 'k3y\r\n\r\n', 'k3y'],
    ['with its inner newlines', '-----A\nb\n-----\n', '-----A\nb\n-----'],
    ['with its spaces', ' k 3 y ', ' k 3 y '],
    ['without a byte order mark', '\uFEFFk3y', 'k3y'],
  ])('comes from variable and file %s', (_, written, expected) => {
    expect(resolveSecret({ env: 'S' }, 'x', { env: { S: written } })).toBe(expected);
    expect(resolveSecret(file('s', written), 'x')).toBe(expected);
  });

  it.each<[string, () => SecretSource, RegExp]>([
    ['whose variable is not set', () => ({ env: 'NOPE' }), /NOPE is not set/],
    ['whose variable is empty', () => ({ env: 'EMPTY' }), /EMPTY is empty/],
    ['whose file is missing', () => ({ file: join(folder, 'nope') }), /nope cannot be read \(ENOENT\)/],
    ['whose file is empty', () => file('empty', ' \n'), /is empty/],
    ['whose file is a directory', () => ({ file: folder }), /is a directory/],
    ['whose file is a pipe', () => ({ file: pipe() }), /is a pipe, a socket or a device/],
    ['whose file is a device', () => ({ file: '/dev/zero' }), /is a pipe, a socket or a device/],
  ])('%s is a failure with path and remedy', (_, source, message) => {
    const failure = failureOf(source(), { env: { EMPTY: '\n' } });
    expect(failure).toMatchObject({ kind: 'configuration', where: 'accounts.main.exchange.secret' });
    expect(failure.message).toMatch(message);
    expect(failure.remedy).not.toBe('');
  });

  it('whose file is larger than a secret is too large', () => {
    expect(resolveSecret(file('fits', 'x'.repeat(LIMITS.secretBytes.value)), 'x')).toHaveLength(65_536);
    const large = file('large', 'x'.repeat(LIMITS.secretBytes.value + 1));
    // A file of /proc reports no size.
    for (const source of [large, { file: '/proc/self/smaps' }]) {
      const failure = failureOf(source, {});
      expect(failure).toMatchObject({ kind: 'too_large', where: 'accounts.main.exchange.secret' });
      expect(failure.message).toMatch(/has \d+ bytes; at most 65536 are read/);
    }
  });

  it('in a file that everyone may read is taken, with a note', () => {
    const notes: string[] = [];
    const note = (text: string): void => void notes.push(text);
    expect(resolveSecret(file('open', 'k3y', 0o644), 'token', { note })).toBe('k3y');
    expect(resolveSecret(file('closed', 'k3y'), 'token', { note })).toBe('k3y');
    expect(notes).toEqual([`token: everyone on this machine may read ${join(folder, 'open')}; chmod 600 it`]);
  });
});
