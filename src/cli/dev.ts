import { fileURLToPath } from 'node:url';
import type { InboxMessage, Stack, StackConfiguration, StackOptions, StackPlaces } from '@plumbline/dev-stack';
import { Option, type Command } from 'commander';
import { visible } from '../domain/text/shown-text.js';
import { ensureLedger } from './dev-ledger.js';
import { DEV } from './catalogue.js';
import type { Cli } from './context/cli.js';
import { CommandError, reportOf, UsageError } from './context/errors.js';
import { EXIT, type ExitCode } from './context/exit-code.js';
import { untilAborted, type Io } from './terminal/io.js';
import { optionalPackage } from './context/optional-package.js';
import { ownCommand, quoted } from './context/own-command.js';
import { progressFor, type Progress } from './context/progress.js';
import { columns, wrap } from './terminal/table.js';
import { NO_STATE } from '../config/environment.js';
import { DEMO_STATE, OWN_STATE } from './context/stack.js';
import { chooseWhatToRun, type WhatToRun } from './dev-choice.js';

/** Width of a line in characters; a terminal that does not report its width reports 0. */
const NARROWEST = 60;

interface DevOptions {
  config?: string;
  demo?: boolean;
  once?: boolean;
  scenario: boolean;
  /** False if `--no-story` was given, the earlier name of `--no-scenario`. */
  story: boolean;
  state?: string;
}

/** Runs one command line in this process and answers with its exit code. */
export type RunCommandLine = (argv: readonly string[], io: Io) => Promise<number>;

export function registerDev(program: Command, cli: Cli, run: RunCommandLine): void {
  program
    .command(DEV.name)
    .helpGroup(DEV.group)
    .summary(DEV.summary)
    .description(
      'Everything on this machine, with nothing else to install: a Temporal server with its Web UI, PostgreSQL, worker ' +
        'and serve. Without a configuration also an exchange simulator with a bot, and a scenario that shows what Plumbline does. ' +
        'All state is kept in one folder; the next start continues with it. Ctrl-C ends everything.',
    )
    .addOption(
      new Option(
        '--config <file>',
        'reconcile the accounts of this file (default: $PLUMBLINE_CONFIG, else plumbline.yaml in this folder, else the demo)',
      ),
    )
    .addOption(new Option('--demo', 'the demo, also where there is a plumbline.yaml').conflicts('config'))
    .addOption(
      new Option('--once', 'play the demo, then exit: with 0 only if every verdict was as expected').conflicts(
        'config',
      ),
    )
    .addOption(new Option('--no-scenario', 'do not play the scenario'))
    .addOption(new Option('--no-story').hideHelp())
    .addOption(
      new Option('--state <folder>', `where all state is kept (default: ${OWN_STATE}, for the demo ${DEMO_STATE})`),
    )
    .action(cli.action(async (options: DevOptions) => dev(options, cli, run)));
}

async function dev(options: DevOptions, cli: Cli, run: RunCommandLine): Promise<ExitCode> {
  if (!options.story) throw new UsageError('`--no-story` is called `--no-scenario` now');
  const chosen = await chooseWhatToRun(options, cli);
  const signal = cli.io.takeSignals();
  const progress = progressFor(cli);
  for (const line of chosen.said) progress.line(line);
  progress.on('Starting Temporal, PostgreSQL, worker and serve');
  const stack = await startUnlessAborted(chosen, cli, progress, signal);
  const ending = new AbortController();
  signal.addEventListener('abort', () => ending.abort());
  const broken: string[] = [];
  void (async () => {
    broken.push(await stack.broken);
    ending.abort();
  })();
  try {
    progress.off();
    // For all commands in this process: another stack may run with the same configuration.
    Object.assign(cli.io.env, stack.description.env, { PLUMBLINE_STATE: stack.folder.path });
    const code = await live(stack, options, { cli, run }, progress, ending.signal);
    const [what] = broken;
    if (what === undefined) return code;
    throw new CommandError(`A part of the stack has ended. ${what}`, `see the logs in ${stack.folder.file('logs')}`);
  } finally {
    progress.on('Stopping');
    await stack.stop();
    progress.off();
  }
}

async function startUnlessAborted(
  chosen: WhatToRun,
  cli: Cli,
  progress: Progress,
  signal: AbortSignal,
): Promise<Stack> {
  const starting = start(chosen, cli, (line) => progress.line(line));
  const interrupted = (async () => {
    await untilAborted(signal);
    return null;
  })();
  try {
    const stack = await Promise.race([starting, interrupted]);
    if (stack !== null) return stack;
  } finally {
    progress.off();
  }
  // Ends the process at once, with whatever is half started: nobody should wait for a download that is no longer
  // wanted.
  return process.exit(130);
}

async function start({ configFile, state }: WhatToRun, cli: Cli, report: (line: string) => void): Promise<Stack> {
  const { startStack, startSimulator, writeDemoConfiguration } = await optionalPackage(
    '@plumbline/dev-stack',
    `\`plumbline ${DEV.name}\``,
    async () => import('@plumbline/dev-stack'),
  );
  const [{ SEARCH_ATTRIBUTES }, { ensureDatabase, migrateLedger }] = await Promise.all([
    import('../workflows/search-attributes.js'),
    import('../ledger/migrate/migrate.js'),
  ]);
  const { env } = cli.io;
  const stackOptions: StackOptions = {
    stateDirectory: state,
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map(({ name, type }) => [name, attributeTypes[type]])),
    plumbline: {
      // This file lies beside it, in src/ as in dist/.
      commandLine: fileURLToPath(new URL('./main.js', import.meta.url)),
      prepareLedger: async (databaseUrl) => {
        await ensureDatabase(databaseUrl);
        await migrateLedger(databaseUrl);
      },
      // Another stack may run with the same configuration: worker and serve must not find it.
      env: { PLUMBLINE_STATE: NO_STATE },
    },
    configuration: async (folder, places) =>
      configFile === null ? writeDemoConfiguration(folder, places) : ownConfiguration(configFile, places, cli, report),
    report,
    ...(configFile === null && {
      simulator: startSimulator,
      onCall: (message) => renderCall(message, cli).forEach(report),
    }),
    ...(env['TEMPORAL_ADDRESS'] !== undefined && {
      temporal: { address: env['TEMPORAL_ADDRESS'], namespace: env['TEMPORAL_NAMESPACE'] ?? 'default' },
    }),
  };
  if (stackOptions.temporal !== undefined) report(`Using the Temporal server at ${stackOptions.temporal.address}`);
  return startStack(stackOptions);
}

/** The types of search attributes, as Temporal's command line names them. */
const attributeTypes = {
  TEXT: 'Text',
  KEYWORD: 'Keyword',
  INT: 'Int',
  DOUBLE: 'Double',
  BOOL: 'Bool',
  DATETIME: 'Datetime',
  KEYWORD_LIST: 'KeywordList',
} as const;

/** The user's configuration. If its environment names a database, that one is used, otherwise the embedded one. */
async function ownConfiguration(
  file: string,
  places: StackPlaces,
  cli: Cli,
  report: (line: string) => void,
): Promise<StackConfiguration> {
  const { loadConfig } = await import('../config/load-config.js');
  const config = loadConfig(file);
  const { url } = config.ledger;
  const ledgerVariable = 'env' in url && (cli.io.env[url.env] ?? '') === '' ? url.env : null;
  if (ledgerVariable === null) await ensureLedger(url, cli, report);
  return {
    path: config.path,
    serve: { host: config.serve.host, port: await places.choosePort(config.serve.port, 'plumbline serve') },
    workerMetrics: {
      host: config.worker.metricsHost,
      port: await places.choosePort(config.worker.metricsPort, "the worker's metrics"),
    },
    ledgerVariable,
    env: {},
  };
}

/** Runs the stack from the first line of output to the end. */
async function live(
  stack: Stack,
  options: DevOptions,
  { cli, run }: { cli: Cli; run: RunCommandLine },
  progress: Progress,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { simulatorUrl } = stack.description;
  const playing = simulatorUrl !== null && options.scenario;
  cli.print(renderPlaces(stack, cli));
  const scenario = playing ? await import('./dev-scenario.js') : null;
  if (scenario !== null && simulatorUrl !== null) await scenario.prepareScenario(simulatorUrl);

  const applied = await apply(stack, cli, run);
  if (applied === 'impossible') return EXIT.failed;
  if (scenario !== null && simulatorUrl !== null) {
    const right = await cli.using({ state: stack.folder.path }, async (context) => {
      const [client, ledger, { DEMO_ACCOUNT }] = await Promise.all([
        context.client(),
        context.ledger(),
        import('@plumbline/dev-stack'),
      ]);
      return scenario.playScenario(
        { stack, client, ledger, account: DEMO_ACCOUNT, simulatorUrl },
        cli,
        progress,
        signal,
      );
    });
    if (options.once === true) return right && applied === 'all' ? EXIT.ok : EXIT.failed;
  }
  if (options.once === true) return applied === 'all' ? EXIT.ok : EXIT.failed;
  if (!signal.aborted) cli.print(['', ...(await renderFarewell(stack, cli))]);
  if (simulatorUrl === null && !signal.aborted) await showFirstVerdicts(stack, cli, progress, signal);
  await untilAborted(signal);
  return EXIT.ok;
}

/** The accounts of the user's own configuration have their first run now. A ledger that fails is reported by `status`. */
async function showFirstVerdicts(stack: Stack, cli: Cli, progress: Progress, signal: AbortSignal): Promise<void> {
  const { printFirstVerdicts } = await import('./dev-verdicts.js');
  try {
    cli.print('');
    await cli.using({ state: stack.folder.path }, async (context) =>
      printFirstVerdicts(context, cli, progress, signal),
    );
  } catch (error) {
    progress.off();
    if (!signal.aborted) cli.report(reportOf(error));
  }
}

/**
 * Does the same as `plumbline apply`; a Temporal server of the user's own first has to know the search attributes. An
 * account that cannot be applied is reported, and the others run.
 */
async function apply(stack: Stack, cli: Cli, run: RunCommandLine): Promise<'all' | 'some' | 'impossible'> {
  const config = ['--config', stack.description.configPath];
  if (stack.description.uiUrl === null && (await run(['migrate', ...config], cli.io)) !== EXIT.ok) return 'impossible';
  return (await run(['apply', ...config, '--by', 'plumbline dev'], cli.io)) === EXIT.ok ? 'all' : 'some';
}

/** Each line can be copied and run: it names the state folder, so that it finds this stack and no other. */
async function renderFarewell({ folder }: Stack, cli: Cli): Promise<string[]> {
  const status = await ownCommand(cli.io, ['status'], folder.path);
  return [
    'Everything runs until Ctrl-C. From another terminal:',
    `  ${cli.style.strong(status)}`,
    `or, for all commands of a terminal, ${cli.style.strong(`export PLUMBLINE_STATE=${quoted(folder.path)}`)}`,
  ];
}

/** A message that reaches the inbox: one line, broken between words on a terminal. */
function renderCall({ subject, occasion }: InboxMessage, { style, io }: Cli): string[] {
  const line = `    ${style.warning('message')} ${style.faint(`(${visible(occasion)})`)} ${visible(subject)}`;
  return io.stderr.isTTY ? wrap(line, Math.max(io.stderr.columns, NARROWEST), '      ') : [line];
}

function renderPlaces({ description, folder, operatorToken }: Stack, cli: Cli): string[] {
  const { uiUrl, namespace, temporalAddress, serveUrl, simulatorUrl, inboxUrl, workerMetricsUrl, configPath } =
    description;
  const rows: [string, string][] = [
    ['Temporal', uiUrl === null ? temporalAddress : `${uiUrl}/namespaces/${namespace}/workflows`],
    ['Status', `${serveUrl}/`],
    // A browser does not send what is behind the # sign. The page puts the token into its field.
    ...(operatorToken === null
      ? []
      : [['to act there', `${serveUrl}/login#${operatorToken}`] satisfies [string, string]]),
    ['Metrics', `${serveUrl}/metrics and ${workerMetricsUrl}/metrics`],
    ...(simulatorUrl === null ? [] : [['Simulator', `${simulatorUrl}/sim/truth`] satisfies [string, string]]),
    ...(inboxUrl === null ? [] : [['Calls', inboxUrl] satisfies [string, string]]),
    ['Configuration', configPath],
    ['State and logs', folder.path],
  ];
  return ['', ...columns(rows.map(([name, place]) => [cli.style.faint(name), place])), ''];
}
