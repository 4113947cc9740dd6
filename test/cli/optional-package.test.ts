import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { CommandError } from '../../src/cli/context/errors.js';
import { optionalPackage } from '../../src/cli/context/optional-package.js';
import { version } from '../../src/runtime/version.js';

const notFound = (what: string): Error =>
  Object.assign(new Error(`Cannot find ${what} imported from /plumbline/dist/cli/dev.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });

describe('a package that a command needs', () => {
  it('is loaded where it is installed', async () => {
    const load = async () => ({ startStack: true });
    expect(await optionalPackage('@plumbline/dev-stack', '`plumbline dev`', load)).toEqual({ startStack: true });
  });

  it('is named, with what to install, where it is not', async () => {
    const load = async (): Promise<never> => Promise.reject(notFound("package '@plumbline/dev-stack'"));
    const error = await optionalPackage('@plumbline/dev-stack', '`plumbline dev`', load).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({
      message: '`plumbline dev` needs the package @plumbline/dev-stack, which is not installed',
      // npm's registry does not have what it needs either.
      remedy: expect.stringContaining(
        `npm install ./plumbline-dev-stack-${version}.tgz ./plumbline-exchange-simulator-${version}.tgz; `,
      ),
    });
  });

  it('is not loaded in another version, which may lack what the command calls', async () => {
    const load = async (): Promise<never> => Promise.reject(new Error('loaded'));
    const error = await optionalPackage('@plumbline/dev-stack', '`plumbline dev`', load, '0.0.9').catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({
      message: `\`plumbline dev\` needs version ${version} of the package @plumbline/dev-stack; 0.0.9 is installed`,
      remedy: expect.stringContaining(`npm install ./plumbline-dev-stack-${version}.tgz`),
    });
  });

  it.each(['@plumbline/dev-stack', '@plumbline/exchange-simulator'])('%s lets its version be read', (name) => {
    const manifest: unknown = createRequire(import.meta.url)(`${name}/package.json`);
    expect(manifest).toMatchObject({ version });
  });

  it.each([
    ['a dependency of its own is missing', notFound("package 'pg'")],
    ['it is not built', notFound("module '/plumbline/packages/dev-stack/dist/index.js'")],
    ['it fails', new Error('out of memory')],
  ])('is not said to be missing where %s', async (_, error) => {
    const load = async (): Promise<never> => Promise.reject(error);
    await expect(optionalPackage('@plumbline/dev-stack', '`plumbline dev`', load)).rejects.toBe(error);
  });
});
