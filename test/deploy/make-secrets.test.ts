import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readComposeFile, repository } from './compose-file.js';

let folder: string;
let secrets: string;
const makeSecrets = (): string =>
  execFileSync('sh', [join(repository, 'deploy/make-secrets.sh')], {
    env: { ...process.env, PLUMBLINE_SECRETS: secrets },
    encoding: 'utf8',
  });
const secret = (name: string): string => readFileSync(join(secrets, name), 'utf8');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-secrets-'));
  secrets = join(folder, 'secrets');
  makeSecrets();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('deploy/make-secrets.sh', () => {
  it('makes every secret that docker-compose.yml names', () => {
    const declared = Object.keys(readComposeFile().secrets).filter((name) => name !== 'configuration');
    expect(new Set(readdirSync(secrets))).toEqual(new Set([...declared, 'worker']));
  });

  it('lets containers read the files, and nobody else on the machine reach them', () => {
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    expect(statSync(join(secrets, 'worker')).mode & 0o777).toBe(0o755);
    for (const name of readdirSync(secrets).filter((name) => name !== 'worker')) {
      expect({ name, mode: statSync(join(secrets, name)).mode & 0o777 }).toEqual({ name, mode: 0o444 });
    }
  });

  it('makes long passwords that differ and need no quoting', () => {
    const passwords = readdirSync(secrets).filter((name) => name.endsWith('_password'));
    for (const name of passwords) expect(secret(name)).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(passwords.map(secret)).size).toBe(passwords.length);
  });

  it("puts each role's password into its address", () => {
    for (const role of ['owner', 'worker', 'reader']) {
      const url = new URL(secret(`ledger_${role}_url`));
      expect(url.host + url.pathname).toBe('postgres:5432/plumbline');
      expect([url.username, url.password]).toEqual([`plumbline_${role}`, secret(`ledger_${role}_password`)]);
    }
  });

  it('keeps what is there when it runs again, and prints no secret', () => {
    const before = readdirSync(secrets).map((name) => (name === 'worker' ? name : secret(name)));
    const output = makeSecrets();
    expect(readdirSync(secrets).map((name) => (name === 'worker' ? name : secret(name)))).toEqual(before);
    expect(output).not.toMatch(/[0-9a-f]{64}/);
  });
});
