import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { packageFolders } from '../support/packages.js';
import { readRepositoryFile, repository } from './compose-file.js';

interface Instruction {
  name: string;
  text: string;
}

/** Instructions of a Dockerfile, comments left out and continued lines joined. */
function instructionsOf(dockerfile: string): Instruction[] {
  const lines = dockerfile.split('\n').filter((line) => !/^\s*#/.test(line));
  return lines
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', text = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
      return { name, text };
    });
}

const instructions = instructionsOf(readRepositoryFile('Dockerfile'));
const stageStarts = instructions.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []));
const runtime = instructions.slice(stageStarts.at(-1));
const texts = (name: string, within = instructions): string[] =>
  within.filter((instruction) => instruction.name === name).map(({ text }) => text);

const letIn = readRepositoryFile('.dockerignore')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map(
    (line) =>
      new RegExp(
        `^${line
          .slice(1)
          .replaceAll('.', String.raw`\.`)
          .replaceAll('*', '[^/]+')}(?:/|$)`,
      ),
  );

/** Whether .dockerignore lets this path of the repository into the build. */
const isSent = (path: string): boolean => letIn.some((pattern) => pattern.test(path));

describe('Dockerfile', () => {
  it('pins a base with glibc and a supported Node', () => {
    const base = /^NODE_IMAGE=node:(\d+)\.(\d+)\.\d+-(\S+)$/.exec(texts('ARG')[0] ?? '');
    expect(base?.[3]).toBe('bookworm-slim');
    const { engines } = z
      .object({ engines: z.object({ node: z.string() }) })
      .parse(JSON.parse(readRepositoryFile('package.json')));
    expect(Number(base?.[1])).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)?.[0]));
    for (const from of texts('FROM')) expect(from).toMatch(/^\$\{NODE_IMAGE\} AS [a-z]+$/);
  });

  it('installs exactly what the lock file says, without running install scripts', () => {
    const installs = texts('RUN').filter((text) => /npm (ci|install|i)\b/.test(text));
    expect(installs).toHaveLength(2);
    for (const install of installs) expect(install).toMatch(/npm ci .*--ignore-scripts/);
  });

  it('installs of the packages only what the product is built on', () => {
    const [production, whole] = texts('RUN').filter((text) => text.includes('npm ci'));
    expect(production).toMatch(/npm ci --omit=dev .*--include-workspace-root --workspace=packages\/primitives /);
    expect(whole).not.toContain('--workspace');
    for (const folder of packageFolders())
      expect(
        texts('COPY').filter((text) => text === `${folder}/package.json ./${folder}/`).length,
      ).toBeGreaterThanOrEqual(2);
  });

  it('carries neither sources, compiler nor configuration at run time', () => {
    const copied = texts('COPY', runtime).join('\n');
    expect(copied).toContain('--from=dependencies /app/node_modules');
    expect(copied).toContain('--from=build /app/dist');
    expect(copied).not.toMatch(/simulator|dev-stack|client/);
    expect(copied).not.toMatch(/\bsrc\b|scripts|test|\.yaml/);
    expect(texts('RUN', runtime).join('\n')).not.toMatch(/npm|apt/);
  });

  it('runs as a user by number, not as root, and takes a command of plumbline', () => {
    expect(texts('USER', runtime)).toEqual(['1000:1000']);
    expect(texts('ENTRYPOINT', runtime)).toEqual(['["node", "--enable-source-maps", "/app/dist/cli/main.js"]']);
    expect(runtime.findIndex(({ name }) => name === 'USER')).toBeGreaterThan(
      runtime.findLastIndex(({ name }) => name === 'COPY' || name === 'RUN'),
    );
  });

  it('is given nothing secret', () => {
    expect(texts('ADD')).toEqual([]);
    expect([...texts('ARG'), ...texts('ENV')].join('\n')).not.toMatch(/pass|pwd|secret|token|key/i);
  });

  it('copies only what is there and what .dockerignore lets in', () => {
    const sources = texts('COPY')
      .filter((text) => !text.startsWith('--from'))
      .flatMap((text) => text.split(/\s+/).slice(0, -1))
      .filter((source) => source !== '.');
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) {
      expect({ source, there: existsSync(join(repository, source)) }).toEqual({ source, there: true });
      expect({ source, sent: isSent(source) }).toEqual({ source, sent: true });
    }
  });
});

describe('.dockerignore', () => {
  it('leaves everything out but what it names', () => {
    const rules = readRepositoryFile('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(rules[0]).toBe('*');
    expect(rules.slice(1).every((rule) => rule.startsWith('!'))).toBe(true);
  });

  it('lets in what the build reads', () => {
    const inputs = /const inputs = \[([^\]]*)\]/.exec(readRepositoryFile('scripts/build.mjs'))?.[1] ?? '';
    const read = [...inputs.matchAll(/'([^']+)'/g)].map(([, path = '']) => path);
    expect(read.length).toBeGreaterThan(3);
    for (const path of read) expect({ path, sent: isSent(path) }).toEqual({ path, sent: true });
  });
});
