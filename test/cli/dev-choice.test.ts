import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Cli } from '../../src/cli/context/cli.js';
import { chooseWhatToRun } from '../../src/cli/dev-choice.js';
import { readEnvironment } from '../../src/config/environment.js';
import { testIo } from './test-io.js';

describe('what `plumbline dev` runs', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'plumbline-dev-choice-')));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  const write = async (name: string, text = CONFIG): Promise<void> => writeFile(join(folder, name), text);
  const choose = async (options: Parameters<typeof chooseWhatToRun>[0], env: Record<string, string> = {}) => {
    const io = testIo({ cwd: folder, env });
    return chooseWhatToRun(options, new Cli(io, readEnvironment(io.env)));
  };
  const CONFIG = `accounts:
  main:
    exchange: { id: okx, api_key_env: KEY, secret_env: SECRET, password_env: PASSPHRASE }
    internal: { kind: push }
`;

  it('is the demo where there is no configuration, in a state folder of its own', async () => {
    const { configFile, state, said } = await choose({});
    expect({ configFile, state }).toEqual({ configFile: null, state: join(folder, '.plumbline-demo') });
    expect(said.join()).toMatch(/^Playing the demo.*For a bot of yours: .*plumbline init$/);
  });

  it('is plumbline.yaml of the folder, and it says so and how to get the demo', async () => {
    await write('plumbline.yaml');
    const { configFile, state, said } = await choose({});
    expect({ configFile, state }).toEqual({
      configFile: join(folder, 'plumbline.yaml'),
      state: join(folder, '.plumbline'),
    });
    expect(said.join()).toMatch(
      /^Running the accounts of plumbline.yaml in this folder: main. For the demo instead: .* dev --demo$/,
    );
  });

  it.each([{ demo: true }, { once: true }])(
    'is the demo with %j, and it says that plumbline.yaml is not used',
    async (options) => {
      await write('plumbline.yaml', 'nonsense: [');
      const { configFile, state, said } = await choose(options);
      expect({ configFile, state }).toEqual({ configFile: null, state: join(folder, '.plumbline-demo') });
      expect(said.join()).toMatch(
        /plumbline.yaml in this folder is not used; for its accounts: .* dev --config plumbline.yaml$/,
      );
    },
  );

  it('is the file that is named, or that of PLUMBLINE_CONFIG', async () => {
    await write('plumbline.yaml');
    await write('other.yaml');
    expect(await choose({ config: 'other.yaml' })).toMatchObject({ configFile: join(folder, 'other.yaml'), said: [] });
    expect(await choose({}, { PLUMBLINE_CONFIG: 'other.yaml' })).toMatchObject({
      configFile: join(folder, 'other.yaml'),
      said: [expect.stringContaining('other.yaml of $PLUMBLINE_CONFIG')],
    });
  });

  it('is refused before anything starts if the configuration cannot be used', async () => {
    await write('plumbline.yaml', 'accounts: {}');
    await expect(choose({})).rejects.toThrow(/it has no accounts/);
    await expect(choose({ config: 'missing.yaml' })).rejects.toThrow(/missing.yaml/);
  });

  it('keeps the state in the folder of --state, and says that a demo of an earlier version is there', async () => {
    await write('plumbline.yaml');
    await mkdir(join(folder, 'there'));
    await write('there/plumbline.yaml', '# Written by `plumbline dev` at every start\n');
    const { state, said } = await choose({ config: 'plumbline.yaml', state: 'there' });
    expect(state).toBe(join(folder, 'there'));
    expect(said).toEqual([expect.stringMatching(/^there also holds a demo.*--state FOLDER/)]);
  });
});
