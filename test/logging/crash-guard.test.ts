import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const loader = new URL('../../scripts/typescript-loader.mjs', import.meta.url).href;
const source = (name: string): string => JSON.stringify(new URL(`../../src/${name}.ts`, import.meta.url).href);

/** Runs a program that knows a secret and crashes. */
function crash(program: string): { status: number | null; stdout: string; stderr: string } {
  const script = `
    import(${JSON.stringify(loader)}).then(async () => {
      const { createRedactor } = await import(${source('redaction/redactor')});
      const { guardCrashes } = await import(${source('logging/crash-guard')});
      guardCrashes(createRedactor(['hunter2-hunter2']));
      ${program}
    });
  `;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd, encoding: 'utf8', timeout: 60_000 });
}

describe('the last words of a process', () => {
  it.each([
    ['thrown', `setTimeout(() => { throw new Error('bad hunter2-hunter2'); });`, 'Uncaught exception'],
    ['rejected', `void Promise.reject(new Error('bad hunter2-hunter2'));`, 'Unhandled rejection'],
    [
      'thrown with a cause and fields',
      `const error = new Error('bad', { cause: new Error('hunter2-hunter2') });
       setTimeout(() => { throw Object.assign(error, { request: { url: 'http://x/?q=hunter2%2Dhunter2' } }); });`,
      'Uncaught exception',
    ],
    ['thrown that is no error', `setTimeout(() => { throw { a: 'bad hunter2-hunter2' }; });`, 'Uncaught exception'],
  ])(
    'report what was %s without its secrets',
    (_, program, origin) => {
      const { status, stdout, stderr } = crash(program);
      expect(stderr).toContain(`${origin}: `);
      expect(stderr).toContain('bad');
      expect(stderr).toContain('[redacted]');
      expect(stdout + stderr).not.toMatch(/hunter2/);
      expect(status).toBe(2);
    },
    60_000,
  );
});
