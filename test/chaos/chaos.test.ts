import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('../../scripts/chaos.mjs', import.meta.url));
const MINUTES = '0.4';

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'plumbline-chaos-test-'));
});
afterAll(async () => rm(out, { recursive: true, force: true }));

it('in chaos nothing is lost, nothing is invented, and every account continues', async () => {
  const args = [SCRIPT, '--server', 'dev', '--accounts', '6', '--minutes', MINUTES, '--seed', '20', '--out', out];
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { timeout: 400_000 }, (_error, stdout, stderr) => resolve(`${stderr}\n${stdout}`));
  });
  const report = await readFile(join(out, 'report.txt'), 'utf8').catch(() => said);
  expect(report).toContain('\nviolated: 0\nbricked: 0\n');
  // Checks that something broke: otherwise the chaos would prove nothing.
  expect(report).toMatch(/worker killed \(SIGKILL\) +[1-9]/);
  expect(report).toMatch(/each confirmed drift led to a call that named it +[1-9]/);
  expect(report).toMatch(/histories replayed +[1-9]/);
}, 420_000);
