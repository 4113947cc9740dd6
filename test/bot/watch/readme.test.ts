import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startSimulator } from '../../../packages/exchange-simulator/src/simulator.js';
import { readRepositoryFile } from '../../deploy/compose-file.js';
import { repository } from '../../support/packages.js';
import { exampleOf, playExample } from './readme-example.js';

describe('the example of a watched bot', () => {
  it('takes ten lines, and is the same in the documentation', () => {
    for (const [page, language] of [
      ['packages/bot-python/README.md', 'python'],
      ['packages/bot/README.md', 'js'],
    ] as const) {
      const lines = exampleOf(page, language)
        .split('\n')
        .filter((line) => /\w/.test(line));
      expect(lines.length).toBeLessThanOrEqual(10);
    }
    expect(readRepositoryFile('docs/bot-sdk.md')).toContain(exampleOf('packages/bot-python/README.md', 'python'));
  });

  it('runs in JavaScript, is killed and runs again', async () => {
    const simulator = await startSimulator({ port: 0 });
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-example-'));
    try {
      await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
      await writeFile(join(folder, 'bot.mjs'), exampleOf('packages/bot/README.md', 'js'));
      const loaded = ['scripts/typescript-loader.mjs', 'test/bot/watch/redirect.mjs'];
      const imports = loaded.flatMap((path) => ['--import', join(repository, path)]);
      const args = ['--conditions', 'plumbline-source', ...imports, 'bot.mjs'];
      const example = { command: process.execPath, args, env: { NODE_OPTIONS: '' } };
      expect(await playExample(example, simulator.url, folder)).toEqual(['matched', 'matched']);
    } finally {
      await simulator.close();
      await rm(folder, { recursive: true });
    }
  }, 90_000);
});
