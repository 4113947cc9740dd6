import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { buildIdOf } from '../../src/runtime/build-id.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-build-id-'));
});
afterAll(async () => rm(folder, { recursive: true }));

async function code(name: string, files: Record<string, string>): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, 'workflows'), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text);
  return path;
}

it('is the same for the same code in another folder, and another one for each change of code', async () => {
  const files = { 'main.js': 'a', 'workflows/loop.js': 'b' };
  const id = buildIdOf('1.2.3', [await code('one', files)], []);
  expect(id).toMatch(/^1\.2\.3-[0-9a-f]{12}$/);
  const idOf = async (name: string, changed: Record<string, string>): Promise<string> =>
    buildIdOf('1.2.3', [await code(name, changed)], []);
  expect(await idOf('same', files)).toBe(id);
  expect(await idOf('types', { ...files, 'main.d.ts': 'x', 'main.js.map': 'y', '.stamp': 'z' })).toBe(id);
  const others = [
    await idOf('other-code', { ...files, 'main.js': 'c' }),
    await idOf('other-workflow', { ...files, 'workflows/loop.js': 'c' }),
    await idOf('other-name', { 'index.js': 'a', 'workflows/loop.js': 'b' }),
    await idOf('moved-border', { 'main.js': 'ab', 'workflows/loop.js': '' }),
  ];
  expect(new Set([id, ...others]).size).toBe(5);
});

it('changes with what is installed beside it', async () => {
  const path = await code('installed', { 'main.js': 'a' });
  const manifest = join(folder, 'package.json');
  const without = buildIdOf('1.2.3', [path], [manifest]);
  await writeFile(manifest, '{"dependencies":{"ccxt":"4.5.84"}}');
  const first = buildIdOf('1.2.3', [path], [manifest]);
  await writeFile(manifest, '{"dependencies":{"ccxt":"4.5.85"}}');
  expect(new Set([without, first, buildIdOf('1.2.3', [path], [manifest])]).size).toBe(3);
});
