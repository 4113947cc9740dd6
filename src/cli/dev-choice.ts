import { access, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Cli } from './context/cli.js';
import { ownCommand } from './context/own-command.js';
import { DEMO_STATE, OWN_STATE } from './context/stack.js';

const DEFAULT_CONFIG = 'plumbline.yaml';
/** How the demo's configuration begins. Earlier versions kept the demo where the user's own configuration is kept now. */
const DEMO_HEAD = '# Written by `plumbline dev`';

export interface WhatToRun {
  /** The user's own configuration; null for the demo. */
  configFile: string | null;
  /** The state folder. The demo has one of its own, so that its account and its runs are in no real ledger. */
  state: string;
  /** What was chosen and how to get the other, in lines for people. */
  said: string[];
}

interface Options {
  config?: string;
  demo?: boolean;
  once?: boolean;
  state?: string;
}

/**
 * Decides as every command does: `--config`, else `$PLUMBLINE_CONFIG`, else `plumbline.yaml` in this folder. Without any of them,
 * or with `--demo` or `--once`, it is the demo.
 *
 * @throws ConfigError before anything is started, if the configuration cannot be used
 */
export async function chooseWhatToRun(options: Options, cli: Cli): Promise<WhatToRun> {
  const { cwd } = cli.io;
  const near = resolve(cwd, DEFAULT_CONFIG);
  const isNear = await exists(near);
  const wantsDemo = options.demo === true || options.once === true;
  const { configPath } = cli.environment;
  const file = options.config ?? (wantsDemo ? null : (configPath ?? (isNear ? DEFAULT_CONFIG : null)));
  const stateOf = (byDefault: string): string => resolve(cwd, options.state ?? byDefault);

  if (file === null) {
    const own = await ownCommand(cli.io, ['dev', '--config', DEFAULT_CONFIG]);
    const init = await ownCommand(cli.io, ['init']);
    const said = isNear
      ? `Playing the demo. ${DEFAULT_CONFIG} in this folder is not used; for its accounts: ${own}`
      : `Playing the demo: a simulated exchange with a simulated bot. For a bot of yours: ${init}`;
    return { configFile: null, state: stateOf(DEMO_STATE), said: [said] };
  }
  const configFile = resolve(cwd, file);
  const { loadConfig } = await import('../config/load-config.js');
  const { accounts } = loadConfig(configFile);
  const names = accounts.filter(({ enabled }) => enabled).map(({ name }) => name);
  const state = stateOf(OWN_STATE);
  const said: string[] = [];
  if (options.config === undefined) {
    const why = configPath === null ? `${DEFAULT_CONFIG} in this folder` : `${file} of $PLUMBLINE_CONFIG`;
    const demo = await ownCommand(cli.io, ['dev', '--demo']);
    const shown = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
    said.push(`Running the accounts of ${why}: ${shown}. For the demo instead: ${demo}`);
  }
  if (await holdsDemo(state)) {
    said.push(
      `${relative(cwd, state) || state} also holds a demo of an earlier version, in the same ledger; --state FOLDER keeps the two apart`,
    );
  }
  return { configFile, state, said };
}

async function holdsDemo(state: string): Promise<boolean> {
  try {
    return (await readFile(join(state, DEFAULT_CONFIG), 'utf8')).startsWith(DEMO_HEAD);
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
