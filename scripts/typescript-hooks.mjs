import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

/** Resolves `./x.js` to `./x.ts` if only that exists, as tsc does. */
export async function resolve(specifier, context, nextResolve) {
  if (/^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (await isFile(source)) return nextResolve(source.href, context);
  }
  // Packages of this checkout are loaded from their sources too.
  if (specifier.startsWith('@plumbline/') && context.parentURL?.endsWith('.ts'))
    return nextResolve(specifier, { ...context, conditions: ['plumbline-source', ...context.conditions] });
  return nextResolve(specifier, context);
}

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  return compile(filename, await readFile(filename, 'utf8'));
}

export async function compile(filename, source) {
  const { code } = await transform(source, {
    filename,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}

async function isFile(url) {
  try {
    return (await stat(url)).isFile();
  } catch {
    return false;
  }
}
