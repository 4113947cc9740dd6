import { dirname, relative, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { CHANNEL_KINDS } from '../../config/notify-schema.js';
import type { Cli, DefineCommand } from '../context/cli.js';
import { CommandError, UsageError } from '../context/errors.js';
import { EXIT, type ExitCode } from '../context/exit-code.js';
import { outputOption, type OutputOption } from '../context/options.js';
import { ownCommands } from '../context/own-command.js';
import { fileOf } from '../init/answers.js';
import { BOT_KINDS } from '../init/bot-answers.js';
import { conduct, type InterviewOptions } from '../init/conduct.js';
import { checkedText } from '../init/config-text.js';
import { findBots, USUAL_PORTS, type Found } from '../init/find-bots.js';
import { Interview } from '../init/interview.js';
import { renderNextSteps } from '../init/next-steps.js';
import { variablesFile, variablesIn, type Variable } from '../init/variables.js';
import { refuseUnwritable, writeNewFile } from '../init/write-new-file.js';
import { untilAborted } from '../terminal/io.js';
import { PromptEnded, prompterFor, type Prompter } from '../terminal/prompter.js';
import { CHECK_DEADLINE_MS, runCheck, type CheckRun } from './check.js';

interface Options extends InterviewOptions, OutputOption {
  file: string;
  ports: number[];
  envFile?: string | true;
  force?: boolean;
  print?: boolean;
  yes?: boolean;
  check: boolean;
}

const DEFAULT_FILE = 'plumbline.yaml';
const DEFAULT_ENV_FILE = 'plumbline.env';
const MOST_PORTS = 50;

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Writes a plumbline.yaml for one account. Looks for a Freqtrade (user_data/config.json, config.json, ports ' +
        `${USUAL_PORTS[0]} to ${USUAL_PORTS.at(-1) ?? ''}) and for a database, asks for the rest on a terminal, checks what it wrote, ` +
        'and says what to do next. Every question has an option. The file names environment variables and never holds a secret.',
    )
    .addOption(new Option('-f, --file <file>', 'the file to write').default(DEFAULT_FILE))
    .addOption(new Option('--account <name>', 'name of the account (default: that of the bot, else main)'))
    .addOption(new Option('--exchange <id>', "ccxt's id, such as binanceusdm (default: that of the bot)"))
    .addOption(
      new Option('--exchange-url <url>', "instead of the exchange's addresses: a proxy, or `plumbline simulate`"),
    )
    .addOption(new Option('--demo', "the exchange's demo trading").conflicts('testnet'))
    .addOption(new Option('--testnet', "the exchange's test net"))
    .addOption(new Option('--key-env <name>', 'variable with the API key'))
    .addOption(new Option('--secret-env <name>', "variable with the key's secret"))
    .addOption(new Option('--passphrase-env <name>', "variable with the key's passphrase (OKX, Bitget, KuCoin)"))
    .addOption(new Option('--wallet-env <name>', "variable with the account's address (Hyperliquid)"))
    .addOption(new Option('--bot <kind>', 'where the internal state is read').choices(BOT_KINDS))
    .addOption(new Option('--bot-url <url>', 'address of the bot (freqtrade, http)'))
    .addOption(
      new Option(
        '--bot-file <file>',
        "file of the bot, relative to the configuration's folder (file, sql, hummingbot)",
      ),
    )
    .addOption(new Option('--bot-name <name>', 'bot_name of a Freqtrade; another bot is refused'))
    .addOption(new Option('--trading-mode <mode>', 'of a Freqtrade').choices(['spot', 'futures']))
    .addOption(
      new Option('--freqtrade-config <file>', "a Freqtrade's configuration; only names and addresses are taken"),
    )
    .addOption(
      new Option('--ports <ports>', 'ports of this machine on which a Freqtrade is looked for, separated by commas')
        .argParser(portsOf)
        .default([...USUAL_PORTS], USUAL_PORTS.join(',')),
    )
    .addOption(new Option('--username-env <name>', "variable with the user name of a Freqtrade's API"))
    .addOption(new Option('--password-env <name>', "variable with the password of a Freqtrade's API"))
    .addOption(new Option('--token-env <name>', 'variable with the token that the bot asks for (http)'))
    .addOption(new Option('--database-env <name>', 'variable with the URL of the database (sql, hummingbot)'))
    .addOption(new Option('--redis-env <name>', "variable with the URL of a NautilusTrader's Redis"))
    .addOption(new Option('--trader-id <id>', 'trader_id of a NautilusTrader'))
    .addOption(new Option('--connector <name>', 'connector of a Hummingbot, such as binance_perpetual'))
    .addOption(
      new Option('--notify <kind>', 'how people are called (default: log, so nobody is)').choices(CHANNEL_KINDS),
    )
    .addOption(new Option('--notify-set <field=value...>', 'fields of that channel, such as chat_id=-1001234567890'))
    .addOption(
      new Option(
        '--env-file [file]',
        `also write a file for the variables, readable by you alone (default: ${DEFAULT_ENV_FILE}); it gets user name and password of a Freqtrade's API from its configuration`,
      ),
    )
    .addOption(new Option('-y, --yes', 'ask nothing: take the defaults, and the Freqtrade that is found'))
    .addOption(new Option('--print', 'print the configuration, write nothing, check nothing'))
    .addOption(new Option('--force', 'overwrite the file'))
    .addOption(new Option('--no-check', 'do not check what was written'))
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 written (checked, if its variables are set), 1 written and a run would fail, 2 not written, 64 wrong usage.' +
        '\n\nExample:\n  plumbline init --exchange binanceusdm --bot freqtrade \\\n    --bot-url http://127.0.0.1:8080 --yes',
    )
    .action(cli.action(async (options: Options) => init(options, cli)));
};

function portsOf(text: string): number[] {
  const ports = text
    .split(',')
    .flatMap((each) => each.trim() || [])
    .map(Number);
  if (ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536) && ports.length <= MOST_PORTS)
    return ports;
  throw new InvalidArgumentError(`It must be at most ${MOST_PORTS} ports, such as 8080,8081.`);
}

async function init(options: Options, cli: Cli): Promise<ExitCode> {
  const { io } = cli;
  const path = resolve(io.cwd, options.file);
  const envPath = options.envFile === undefined ? null : resolve(io.cwd, namedEnvFile(options.envFile));
  const print = options.print === true;
  if (print && envPath !== null) throw new UsageError('--print writes nothing, and --env-file is a file');
  if (!print) refuseUnwritable(path, { overwrite: options.force === true, how: HOW_CONFIG });
  if (envPath !== null) refuseUnwritable(envPath, { overwrite: false, how: HOW_ENV });
  const signal = io.takeSignals();
  const asks = options.yes !== true && options.output !== 'json' && !cli.environment.ci && io.person !== null;
  const person = asks && io.person !== null ? prompterFor(io.person, signal) : null;
  try {
    return await unlessEnded(async () => prepareAndWrite({ cli, options, path, envPath, person, signal }));
  } finally {
    person?.close();
  }
}

const HOW_CONFIG = 'name another file with --file, add --force to overwrite it, or --print to see a new one';
const HOW_ENV =
  'name another file with --env-file FILE, or remove it: it may hold secrets, so --force does not overwrite it';

function namedEnvFile(option: string | true): string {
  return option === true ? DEFAULT_ENV_FILE : option;
}

async function unlessEnded(work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PromptEnded)) throw error;
    throw new CommandError('ended before all questions were answered; nothing was written', 'start it again', {
      cause: error,
    });
  }
}

interface Work {
  cli: Cli;
  options: Options;
  path: string;
  envPath: string | null;
  person: Prompter | null;
  signal: AbortSignal;
}

async function prepareAndWrite(work: Work): Promise<ExitCode> {
  const { cli, options, path, person, signal } = work;
  const interview = new Interview(person, cli.style, cli.io.stderr.columns);
  const found = await lookAround(work);
  interview.tell(...found.notes.map((note) => `  ${cli.style.warning('left out:')} ${note}`));
  const { answers, bot } = await conduct(interview, options, found, {
    cwd: cli.io.cwd,
    env: cli.io.env,
    accept: options.yes === true,
    why: whyNobodyIsAsked(work),
  });
  const text = checkedText(answers, path);
  if (options.print === true) {
    cli.io.stdout.write(text);
    return EXIT.ok;
  }
  const variables = variablesIn(answers, bot, cli.io.env);
  let { envPath } = work;
  if (person !== null) {
    interview.say([
      '',
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
      '',
    ]);
    if (envPath === null && variables.some(({ isSet }) => !isSet)) {
      const from =
        bot.settings?.api.password === undefined || bot.settings.api.password === null
          ? ''
          : ', with the API password of the bot';
      const wanted = await interview.confirm(
        `Also write ${DEFAULT_ENV_FILE} for the variables, readable by you alone${from}?`,
        false,
      );
      if (wanted) {
        envPath = resolve(cli.io.cwd, DEFAULT_ENV_FILE);
        refuseUnwritable(envPath, { overwrite: false, how: HOW_ENV });
      }
    }
    if (!(await interview.confirm(`Write ${shown(path, cli)}?`, true))) {
      throw new CommandError('nothing was written, as you said', 'start it again, or use --print');
    }
    person.close();
  }
  if (signal.aborted) throw new PromptEnded();
  if (envPath !== null) {
    const secrets = variablesFile(variables, answers, bot);
    writeNewFile(envPath, secrets, { overwrite: false, mode: 0o600, how: HOW_ENV });
  }
  writeNewFile(path, text, { overwrite: options.force === true, mode: 0o644, how: HOW_CONFIG });
  if (options.output !== 'json') {
    cli.print(
      `${cli.style.good('✓')} ${shown(path, cli)}: account ${answers.account} on ${String(answers.exchange['id'])}`,
    );
    if (envPath !== null)
      cli.print(`${cli.style.good('✓')} ${shown(envPath, cli)}: ${variables.length} variables, mode 0600`);
  }

  const check = await checkUnlessEnded(work, variables);
  const command = await ownCommands(cli.io);
  if (options.output === 'json') {
    cli.printJson({
      file: path,
      env_file: envPath,
      configuration: fileOf(answers),
      variables: variables.map(({ name, meaning, isSet }) => ({ name, meaning, is_set: isSet })),
      check: check === null ? null : await check.document(),
    });
  } else {
    const parts = { answers, bot, variables, ready: check?.ready ?? null, command, file: shown(path, cli) };
    const envFile = envPath === null ? null : shown(envPath, cli);
    cli.print(['', ...renderNextSteps({ ...parts, envFile }, cli.style, cli.io.stdout.columns)]);
  }
  return check === null || check.ready ? EXIT.ok : EXIT.notReady;
}

/** Detection is skipped if the command line names the bot and its address. */
async function lookAround({ cli, options, path, person }: Work): Promise<Found> {
  const nothing: Found = { freqtrades: [], databases: [], notes: [] };
  if (options.freqtradeConfig !== undefined || (person === null && options.yes !== true)) return nothing;
  if (options.bot !== undefined && options.bot !== 'freqtrade') return nothing;
  person?.say([cli.style.faint('Looking for a bot in this folder and on this machine ...')]);
  const found = await findBots({ cwd: cli.io.cwd, env: cli.io.env, ports: options.ports });
  // In the file, paths are relative to its folder.
  const databases = found.databases.map((database) =>
    database.kind === 'sqlite'
      ? { ...database, path: relative(dirname(path), resolve(cli.io.cwd, database.path)) }
      : database,
  );
  return { ...found, databases };
}

function whyNobodyIsAsked({ options, cli }: Work): string {
  if (options.yes === true) return 'with --yes nothing is asked';
  if (options.output === 'json') return 'with -o json nothing is asked';
  return cli.environment.ci ? 'with CI set nothing is asked' : 'stdin is not a terminal, so nothing is asked';
}

/** The path as the user may type it in this folder. */
function shown(path: string, { io }: Cli): string {
  const near = relative(io.cwd, path);
  return near === '' || near.startsWith('..') ? path : near;
}

/** Checks the written file. Null if it cannot be checked yet, or `--no-check` was given. */
async function checkUnlessEnded(work: Work, variables: readonly Variable[]): Promise<CheckRun | null> {
  const { cli, options, path, signal } = work;
  const text = options.output !== 'json';
  const unset = variables.filter(({ isSet }) => !isSet).map(({ name }) => name);
  if (!options.check) return null;
  if (unset.length > 0) {
    if (text) cli.print(`Not checked yet: ${unset.join(', ')} ${unset.length === 1 ? 'is' : 'are'} not set.`);
    return null;
  }
  if (text) cli.print(['', cli.style.faint('Checking that a run would succeed ...')]);
  const checking = cli.using({ config: path }, async (context) =>
    runCheck(context, cli, undefined, { deadline: CHECK_DEADLINE_MS, by: 'plumbline init' }),
  );
  const check = await Promise.race([checking, untilAborted(signal)]);
  // The file is complete, and nobody waits for pending requests any more.
  if (check === undefined) return process.exit(130);
  if (text) cli.print(check.lines());
  return check;
}
