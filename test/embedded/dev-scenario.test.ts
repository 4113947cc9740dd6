import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DevFolder, STAYS_UP } from './dev-folder.js';

let folder: DevFolder;
beforeEach(async () => {
  folder = await DevFolder.create();
});
afterEach(async () => folder.remove(), 60_000);

describe('plumbline dev', () => {
  it('plays its scenario, and every verdict is the right one', async () => {
    const { child, output } = await folder.dev(['--once'], 'every verdict as expected');
    const [code] = await once(child, 'exit');
    expect({ code, output: output() }).toEqual({ code: 0, output: expect.not.stringContaining('✗ wrong') });
  }, 300_000);

  it('takes another metrics port where that of the configuration is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const address = squatter.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const file = join(folder.path, 'plumbline.yaml');
    await writeFile(
      file,
      `accounts:
  main:
    exchange: { id: binanceusdm, base_url: "http://127.0.0.1:9", api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
worker: { metrics_port: ${port} }
`,
    );
    try {
      const { output } = await folder.dev(['--config', file], STAYS_UP);
      expect(output()).toMatch(new RegExp(`Port ${port} is in use; using port \\d+ for the worker's metrics instead`));
      expect(await folder.plumbline('status', '--state', folder.state())).toContain('main');
    } finally {
      squatter.close();
    }
  }, 120_000);
});
