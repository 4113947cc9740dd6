import { spawnSync } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRedactor } from '../../src/redaction/redactor.js';
import { FailureError, isRetryable } from '../../src/domain/failure/failure.js';
import { createInternalSource } from '../../src/internal/sources/create-internal-source.js';
import type { InternalSource } from '../../src/internal/internal-source.js';
import { failureOf } from './failure-of.js';

const document = (amount: string): string =>
  JSON.stringify({
    version: 1,
    as_of: '2026-11-22T15:00:00Z',
    scopes: ['positions'],
    positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', amount }],
  });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-file-source-'));
});
afterAll(() => rm(folder, { recursive: true }));

function sourceOf(name: string, maxBytes = 10_000): InternalSource {
  const config = { kind: 'file', path: join(folder, name), maxBytes } as const;
  return createInternalSource(config, {
    resolveSecret: () => '',
    redactor: createRedactor(['hidden-name']),
    now: () => 7,
  });
}

describe('a file', () => {
  it('that is complete is read again each time', async () => {
    const source = sourceOf('state.json');
    await writeFile(join(folder, 'state.json'), document('1'));
    await expect(source.readState()).resolves.toMatchObject({ readStartedAt: 7, positions: [{ amount: '1' }] });
    await writeFile(join(folder, 'next.json'), document('2'));
    await rename(join(folder, 'next.json'), join(folder, 'state.json'));
    await expect(source.readState()).resolves.toMatchObject({ positions: [{ amount: '2' }] });
  });

  it.each([
    ['is empty', ''],
    ['is half written', document('1').slice(0, 70)],
    ['is filled with zeros, as after a power cut', '\0'.repeat(200)],
    ['is no JSON', 'positions: []'],
  ])('that %s is unreadable, and worth another try', async (_, text) => {
    await writeFile(join(folder, 'torn.json'), text);
    const failure = await failureOf(sourceOf('torn.json'));
    expect(failure.kind).toBe('unreadable');
    expect(isRetryable(failure.kind)).toBe(true);
    expect(failure.message).toContain('torn.json');
  });

  it('that is not UTF-8 is unreadable', async () => {
    await writeFile(join(folder, 'latin.json'), Buffer.from([0x7b, 0xe9, 0x7d]));
    expect(await failureOf(sourceOf('latin.json'))).toMatchObject({ kind: 'unreadable' });
  });

  it('that is not there is reported with its path', async () => {
    const failure = await failureOf(sourceOf('missing.json'));
    expect(failure).toMatchObject({ kind: 'unreadable', remedy: expect.stringContaining('internal.path') });
    expect(failure.message).toContain(`${join(folder, 'missing.json')} cannot be read (ENOENT)`);
  });

  it('that is a directory is a wrong configuration', async () => {
    await mkdir(join(folder, 'a-folder'));
    expect(await failureOf(sourceOf('a-folder'))).toMatchObject({ kind: 'configuration' });
  });

  it('that is a pipe is refused at once', async () => {
    expect(spawnSync('mkfifo', [join(folder, 'pipe')]).status).toBe(0);
    expect(await failureOf(sourceOf('pipe'))).toMatchObject({ kind: 'configuration' });
  });

  it('that is too large is not read', async () => {
    await writeFile(join(folder, 'large.json'), ' '.repeat(101));
    expect(await failureOf(sourceOf('large.json', 100))).toMatchObject({
      kind: 'too_large',
      message: expect.stringContaining('101 bytes'),
    });
  });

  it('with a wrong field is reported with file and field', async () => {
    await writeFile(join(folder, 'wrong.json'), document('1').replace('"as_of":"', '"as_of":"about '));
    const failure = await failureOf(sourceOf('wrong.json'));
    expect(failure).toMatchObject({ kind: 'unreadable', where: 'as_of' });
    expect(failure.message).toContain('wrong.json: ');
  });

  it('whose name holds a secret is reported without it', async () => {
    const source = sourceOf('hidden-name.json');
    expect(source.description).not.toContain('hidden-name');
    expect((await failureOf(source)).message).not.toContain('hidden-name');
  });

  it('that may not be read is a matter of permission', async () => {
    const path = join(folder, 'closed.json');
    await writeFile(path, document('1'));
    await chmod(path, 0);
    const readable = await access(path, constants.R_OK).then(
      () => true,
      () => false,
    );
    // Root may read everything, and then does.
    const kind = await sourceOf('closed.json')
      .readState()
      .then(
        () => 'read',
        (error: unknown) => (error instanceof FailureError ? error.failure.kind : error),
      );
    expect(kind).toBe(readable ? 'read' : 'permission');
  });
});
