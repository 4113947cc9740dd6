import { Command, CommanderError } from 'commander';
import { readEnvironment } from '../config/environment.js';
import { createRedactor, type Redactor } from '../redaction/redactor.js';
import { visibleLines } from '../domain/text/shown-text.js';
import { version } from '../runtime/version.js';
import { CATALOGUE, COMPLETION, DEV, RENAMED_COMMANDS } from './catalogue.js';
import { Cli } from './context/cli.js';
import { errorDocument, reportOf, UsageError } from './context/errors.js';
import { EXIT } from './context/exit-code.js';
import type { Io } from './terminal/io.js';
import { sentences, type Terminal } from './terminal/table.js';
import { outputOption } from './context/options.js';
import { addCommand, defineCommand } from './define-command.js';

const DESCRIPTION =
  "Plumbline checks continuously that a trading bot's internal state matches its exchange, and calls a human " +
  'when it does not, or when it cannot tell. It only reads from the exchange.';

const AFTER_HELP = `
Every command takes --config FILE. Default: $PLUMBLINE_CONFIG, else plumbline.yaml,
else that of a running \`plumbline dev\`. With --state FOLDER or $PLUMBLINE_STATE a command uses
the \`plumbline dev\` of that state folder.
Exit codes: 0 done or matched, 1 drifted or not ready, 2 could not be done or was inconclusive, 64 wrong usage.
`;

/** Runs one command line and returns its exit code. Never throws for a user's mistake. */
export async function main(argv: readonly string[], io: Io, redactor: Redactor = createRedactor()): Promise<number> {
  const cli = new Cli(io, readEnvironment(io.env), redactor);
  const program = await buildProgram(argv, cli);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    const usage = new UsageError(error.message.replace(/^error: /, ''));
    if (wantsJson(argv)) {
      const command = argv.find((word) => CATALOGUE.some(({ name }) => name === word));
      cli.printJson(errorDocument(reportOf(usage), command));
    }
    return EXIT.usage;
  }
  return cli.exitCode ?? (typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok);
}

/** Breaks our own texts in a help, which commander leaves as they are. */
function broken(text: string, output: Terminal): string {
  return sentences(text.split('\n'), output).join('\n');
}

/** Whether the command line asks for JSON. Looks at the words, because a wrong command line is not parsed. */
function wantsJson(argv: readonly string[]): boolean {
  return argv.some((word, index) => {
    if (word === '-o' || word === '--output') return argv[index + 1] === 'json';
    return word === '-ojson' || word === '--output=json';
  });
}

/** Registers all commands by name and summary; loads only those that the command line names. */
async function buildProgram(argv: readonly string[], cli: Cli): Promise<Command> {
  const program = new Command('plumbline')
    .description(DESCRIPTION)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', AFTER_HELP)
    .showHelpAfterError('(see --help)')
    // `versions promote --config FILE`: the options after a command's name are its own.
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      // Errors quote the command line, which may contain control characters.
      writeOut: (text) => cli.io.stdout.write(broken(visibleLines(text), cli.io.stdout)),
      writeErr: (text) => cli.io.stderr.write(broken(visibleLines(text), cli.io.stderr)),
      getOutHelpWidth: () => cli.io.stdout.columns,
      getErrHelpWidth: () => cli.io.stderr.columns,
    })
    .exitOverride();

  if (argv.includes(DEV.name)) {
    const { registerDev } = await import('./dev.js');
    registerDev(program, cli, main);
  } else {
    program.command(DEV.name).helpGroup(DEV.group).summary(DEV.summary);
  }
  if (argv.includes(COMPLETION.name)) {
    const { registerCompletion } = await import('./complete.js');
    registerCompletion(program, cli);
  } else {
    program.command(COMPLETION.name).helpGroup(COMPLETION.group).summary(COMPLETION.summary);
  }
  for (const entry of CATALOGUE) {
    if (argv.includes(entry.name)) await defineCommand(program, entry, cli);
    else addCommand(program, entry);
  }
  for (const [old, name] of Object.entries(RENAMED_COMMANDS)) refuseRenamed(program, cli, old, name);
  return program;
}

/** Refuses a command of an earlier version with its new name, whatever its options. */
function refuseRenamed(program: Command, cli: Cli, old: string, name: string): void {
  program
    .command(old, { hidden: true })
    .argument('[words...]')
    .addOption(outputOption())
    .allowUnknownOption()
    .action(
      cli.action(async () => {
        throw new UsageError(`\`plumbline ${old}\` is called \`plumbline ${name}\` now`);
      }),
    );
}
