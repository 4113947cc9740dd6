import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashToken } from '../../src/http/tokens.js';
import { MIN_LINK_SECRET_BYTES } from '../../src/notify/link.js';
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

const folders = ['worker', 'telegram'];

describe('deploy/make-secrets.sh', () => {
  it('makes every secret that docker-compose.yml names', () => {
    const declared = Object.keys(readComposeFile().secrets).filter((name) => name !== 'configuration');
    // A container gets the hash of a token; people and programs get the token.
    const tokens = ['operator_token', 'metrics_token', 'gate_token'];
    expect(new Set(readdirSync(secrets))).toEqual(new Set([...declared, ...tokens, ...folders]));
  });

  it('lets containers read the files, and nobody else on the machine reach them', () => {
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    for (const name of folders) expect(statSync(join(secrets, name)).mode & 0o777).toBe(0o755);
    for (const name of readdirSync(secrets).filter((name) => !folders.includes(name))) {
      expect({ name, mode: statSync(join(secrets, name)).mode & 0o777 }).toEqual({ name, mode: 0o444 });
    }
  });

  it('makes long passwords that differ and need no quoting', () => {
    const passwords = readdirSync(secrets).filter((name) => name.endsWith('_password'));
    for (const name of passwords) expect(secret(name)).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(passwords.map(secret)).size).toBe(passwords.length);
  });

  it('makes tokens as `plumbline token new` does, and hashes as the configuration takes them', () => {
    const tokens = ['operator_token', 'metrics_token', 'gate_token'];
    for (const name of tokens) {
      expect(secret(name)).toMatch(/^plb_[A-Za-z0-9_-]{43}$/);
      expect(secret(`${name}_sha256`)).toBe(`${hashToken(secret(name))}\n`);
    }
    expect(new Set(tokens.map(secret)).size).toBe(tokens.length);
    expect(Buffer.byteLength(secret('link_secret'))).toBeGreaterThanOrEqual(MIN_LINK_SECRET_BYTES);
  });

  it("puts each role's password into its address", () => {
    for (const role of ['owner', 'worker', 'serve']) {
      const url = new URL(secret(`ledger_${role}_url`));
      expect(url.host + url.pathname).toBe('postgres:5432/plumbline');
      expect([url.username, url.password]).toEqual([`plumbline_${role}`, secret(`ledger_${role}_password`)]);
    }
  });

  it('keeps what is there when it runs again, and prints no secret', () => {
    const before = readdirSync(secrets).map((name) => (folders.includes(name) ? name : secret(name)));
    const output = makeSecrets();
    expect(readdirSync(secrets).map((name) => (folders.includes(name) ? name : secret(name)))).toEqual(before);
    expect(output).not.toMatch(/[0-9a-f]{64}|plb_/);
  });
});
