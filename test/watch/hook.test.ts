import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRedactor } from '../../src/redaction/redactor.js';
import type { SilenceFinding } from '../../src/domain/gate/silence-finding.js';
import { NotificationHook, type HookDocument, type HookOptions } from '../../src/watch/hook.js';
import { minutesAgo, NOW } from '../http/totals.js';

const finding: SilenceFinding = {
  kind: 'no_workflow',
  since: minutesAgo(2),
  text: 'key hunter2 is gone',
  remedy: 'repair it',
};

describe('the notification hook', () => {
  let folder: string;
  const file = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-hook-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  function hookOf(script: string, limits: HookOptions['limits'] = {}) {
    const errors: string[] = [];
    const redactor = createRedactor();
    redactor.add('hunter2');
    const hook = new NotificationHook({
      command: ['sh', '-c', script],
      env: { PATH: process.env['PATH'] },
      redactor,
      log: {
        warn: () => {},
        error: ({ error }: { error: Error }) => void errors.push(error.message),
      },
      limits,
    });
    return { hook, errors };
  }
  const documents = async (name: string): Promise<HookDocument[]> =>
    (await readFile(file(name), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as HookDocument);

  it('gives the command one document for each change, in order, without secrets', async () => {
    const { hook, errors } = hookOf(`cat >> ${file('a')}`);
    hook.push({ account: 'main', finding, at: NOW });
    hook.push({ account: 'main', finding: null, at: NOW });
    await hook.idle();
    expect(errors).toEqual([]);
    expect(await documents('a')).toMatchObject([
      { event: 'account_silent', account: 'main', kind: 'no_workflow', at: NOW.toISOString(), remedy: 'repair it' },
      { event: 'account_checked_again', account: 'main', kind: null },
    ]);
    expect(await readFile(file('a'), 'utf8')).not.toContain('hunter2');
  });

  it('runs one command at a time, and counts dropped changes in one summary', async () => {
    await writeFile(file('running'), '');
    const { hook, errors } = hookOf(
      `test -e ${file('lock')} && exit 9; touch ${file('lock')}; cat >> ${file('b')}; sleep 0.05; rm ${file('lock')}`,
      { queue: 2 },
    );
    for (let number = 0; number < 8; number++) hook.push({ account: `a${number}`, finding, at: NOW });
    hook.push({ account: 'a7', finding: null, at: NOW });
    await hook.idle();
    expect(errors).toEqual([]);
    const reported = await documents('b');
    expect(reported.filter(({ event }) => event !== 'summary')).toHaveLength(3);
    expect(reported.at(-1)).toMatchObject({ event: 'summary', dropped: 6, silent: ['a3', 'a4'] });
  });

  it('ends a command that does not end, with all that it started', async () => {
    const { hook, errors } = hookOf(`(sleep 30; touch ${file('late')}) & sleep 30`, { timeoutMs: 200 });
    const began = performance.now();
    hook.push({ account: 'main', finding, at: NOW });
    await hook.idle();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(errors).toEqual([expect.stringMatching(/more than 0.2 s/)]);
  });

  it.each([
    ['fails', 'echo "no hunter2 here" >&2; exit 3', /ended with 3: no .* here/],
    ['reads nothing and floods', 'exec <&-; yes | head -c 300000 >&2; exit 1', /ended with 1: y/],
  ])('logs a command that %s, and goes on', async (_, script, problem) => {
    const { hook, errors } = hookOf(script);
    hook.push({ account: 'main', finding, at: NOW });
    hook.push({ account: 'main', finding: null, at: NOW });
    await hook.idle();
    expect(errors).toEqual([expect.stringMatching(problem), expect.stringMatching(problem)]);
    expect(errors.join()).not.toContain('hunter2');
    expect(errors.join().length).toBeLessThan(3_000);
  });

  it('logs a program that does not exist', async () => {
    const { errors } = hookOf('true');
    const hook = new NotificationHook({
      command: ['/nonexistent/notify'],
      env: {},
      redactor: createRedactor(),
      log: {
        warn: () => {},
        error: ({ error }: { error: Error }) => void errors.push(error.message),
      },
    });
    hook.push({ account: 'main', finding, at: NOW });
    await hook.idle();
    expect(errors).toEqual([expect.stringContaining('ENOENT')]);
  });
});
