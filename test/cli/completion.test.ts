import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCRIPTS } from '../../src/cli/completion/scripts.js';
import { plumbline } from './test-io.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-completion-'));
  const account = (name: string): string =>
    `  ${name}:\n    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }\n    internal: { kind: file, path: s.json }\n`;
  const notify = 'notify:\n  channels:\n    phone: { kind: command, command: ["true"] }\n';
  writeFileSync(
    join(folder, 'plumbline.yaml'),
    `${notify}accounts:\n${account('main')}${account('maker')}${account('spot')}`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function complete(...words: string[]): Promise<string[]> {
  const { code, out, err } = await plumbline(['completion', 'words', '--', ...words], { cwd: folder });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out.split('\n').filter((line) => line !== '');
}

describe('the completion of a command line', () => {
  it.each([
    ['commands', ['re'], ['repair', 'resolve', 'resume']],
    ['accounts of the configuration', ['status', 'ma'], ['main', 'maker']],
    ['an account after options and their values', ['runs', '--limit', '3', 'sp'], ['spot']],
    ['options', ['runs', '--b'], ['--before']],
    ['the choices of an option', ['runs', 'main', '--output', ''], ['json', 'text']],
    ['words to explain', ['explain', 'internal'], ['internal_stale']],
    ['an account as the value of an option', ['explain', 'x', '--account', 's'], ['spot']],
    ['options of the program', ['--v'], ['--version']],
    ['help of a command', ['status', '--h'], ['--help']],
    ['--state where --config is', ['status', '--st'], ['--state']],
    ['options of dev', ['dev', '--d'], ['--demo']],
    ['shells', ['completion', ''], ['bash', 'fish', 'words', 'zsh']],
    ['a command of a command', ['notify', ''], ['test']],
    ['its options', ['token', 'new', '--r'], ['--role']],
    ['the choices of its options', ['token', 'new', '--role', 'o'], ['operator']],
    ['channels of the configuration', ['notify', 'test', ''], ['phone']],
    ['accounts of another file', ['status', `--config=/nonexistent.yaml`, 'm'], []],
    ['choices after an equals sign', ['runs', 'main', '--output=j'], ['--output=json']],
    ['choices after an equals sign, as bash splits it', ['runs', 'main', '--output', '=', 'j'], ['json']],
    ['all choices after an equals sign, as bash splits it', ['runs', 'main', '--output', '='], ['json', 'text']],
    ['nothing after the last argument', ['resume', 'main', ''], []],
    ['nothing for a command that does not exist', ['nosuch', ''], []],
    ['nothing without a configuration', ['status', '--config', '/nonexistent.yaml', 'm'], []],
  ])('offers %s', async (_, words, offered) => {
    expect(await complete(...words)).toEqual(offered);
  });

  it('lists all commands', async () => {
    expect(await complete('')).toEqual(expect.arrayContaining(['dev', 'status', 'completion']));
  });

  it('works in bash, with the words up to the cursor', () => {
    const fake = join(folder, 'plumbline');
    writeFileSync(fake, '#!/bin/sh\nshift 3\nfor word in "$@"; do echo "got[$word]"; done\n');
    chmodSync(fake, 0o755);
    const script = `${SCRIPTS.bash}
COMP_WORDS=(${fake} runs main "" later); COMP_CWORD=3; _plumbline; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe('got[runs]\ngot[main]\ngot[]\n');
  });
});
