import { Argument, Command } from 'commander';
import type { PlumblineConfig } from '../config/config.js';
import { CATALOGUE, COMPLETION, DEV } from './catalogue.js';
import { candidates } from './completion/candidates.js';
import { HOW_TO_LOAD, SCRIPTS, SHELLS, type Shell } from './completion/scripts.js';
import type { Cli } from './context/cli.js';
import { EXIT } from './context/exit-code.js';
import { defineCommand } from './define-command.js';

export function registerCompletion(program: Command, cli: Cli): void {
  program
    .command(COMPLETION.name)
    .helpGroup(COMPLETION.group)
    .summary(COMPLETION.summary)
    .description(
      'Prints a script with which the shell completes commands, options and account names. Account names come from the ' +
        'configuration at the moment of the key press.',
    )
    .addArgument(
      new Argument('<shell>', '`words` prints the candidates for a command line; the scripts use it').choices([
        ...SHELLS,
        'words',
      ]),
    )
    .argument('[words...]', 'the words after `plumbline`, up to the cursor')
    .addHelpText('after', `\n${SHELLS.map((shell) => `For ${shell}:\n${HOW_TO_LOAD[shell]}`).join('\n')}`)
    .action(
      cli.action(async (shell: Shell | 'words', words: string[]) => {
        if (shell !== 'words') cli.print(SCRIPTS[shell].trimEnd().split('\n'));
        else {
          const found = await candidatesFor(words, cli);
          if (found.length > 0) cli.print(found);
        }
        return EXIT.ok;
      }),
    );
}

/** On an error there are no candidates, because a message would appear in the middle of what somebody types. */
async function candidatesFor(words: readonly string[], cli: Cli): Promise<string[]> {
  const { knownWords } = await import('./explain/words.js');
  try {
    return await candidates(words, {
      commandNames: [DEV.name, COMPLETION.name, ...CATALOGUE.map(({ name }) => name)],
      load: async (name) => loaded(name, cli),
      accounts: async (given) => (await configOf(given, cli)).accounts.map(({ name }) => name),
      channels: async (given) => (await configOf(given, cli)).notify.channels.map(({ name }) => name),
      explained: () => knownWords().map(({ word }) => word),
    });
  } catch {
    return [];
  }
}

async function loaded(name: string, cli: Cli): Promise<Command | null> {
  const program = new Command();
  if (name === COMPLETION.name) registerCompletion(program, cli);
  else if (name === DEV.name) {
    const { registerDev } = await import('./dev.js');
    registerDev(program, cli, async () => EXIT.ok);
  } else {
    const entry = CATALOGUE.find((each) => each.name === name);
    if (entry === undefined) return null;
    await defineCommand(program, entry, cli);
  }
  return program.commands[0] ?? null;
}

/** The configuration that the words name, or the default one. */
async function configOf(given: readonly string[], cli: Cli): Promise<PlumblineConfig> {
  const named = (option: string): string | undefined => {
    const at = given.indexOf(option);
    return at === -1 ? given.find((word) => word.startsWith(`${option}=`))?.slice(option.length + 1) : given[at + 1];
  };
  const [config, state] = [named('--config'), named('--state')];
  const files = { ...(config !== undefined && { config }), ...(state !== undefined && { state }) };
  return cli.using(files, async (context) => context.config());
}
