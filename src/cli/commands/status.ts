import { Option } from 'commander';
import type { PlumblineClient } from '../../client.js';
import type { Cli, DefineCommand } from '../context/cli.js';
import type { CommandContext } from '../context/command-context.js';
import { CommandError, reportOf, suggestion } from '../context/errors.js';
import type { ExitCode } from '../context/exit-code.js';
import { EXIT } from '../context/exit-code.js';
import { pause } from '../terminal/io.js';
import type { ConfigOption, OutputOption } from '../context/options.js';
import { configOption, outputOption } from '../context/options.js';
import { terminalLine } from '../terminal/own-codes.js';
import { proofOf } from '../../internal/proof.js';
import { renderStatus, statusDocument } from '../render/status.js';
import type { StatusClient, StatusView } from '../status/status-view.js';
import { gatherStatus } from '../status/status-view.js';

type Options = ConfigOption & OutputOption & { watch?: boolean };

const WATCH_MS = 2000;

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'The state of all accounts, or of one: last verdict, age of the last success, failures in a row, open discrepancies, ' +
        'gate, next run, and what is not compared. Exit 2 only if neither ledger nor Temporal can be reached.',
    )
    .argument('[account]', 'only this account, with its open discrepancies')
    .addOption(new Option('-w, --watch', 'refresh in place until Ctrl-C'))
    .addOption(configOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string | undefined, options: Options) =>
        cli.using(options, async (context) => {
          const gather = async (): Promise<StatusView> => gatherFrom(context, cli, account ?? null);
          if (options.watch === true) return watch(cli, gather, options.output, account !== undefined);
          const view = await gather();
          if (options.output === 'json') cli.printJson(statusDocument(view));
          else cli.print(linesOf(view, cli, account !== undefined));
          return exitCode(view);
        }),
      ),
    );
};

async function gatherFrom(context: CommandContext, cli: Cli, only: string | null): Promise<StatusView> {
  const configured = async (): Promise<string[]> =>
    (await context.config()).accounts.filter(({ enabled }) => enabled).map(({ name }) => name);
  const view = await gatherStatus(
    {
      configured,
      proofs: async () =>
        new Map((await context.config()).accounts.map(({ name, internal }) => [name, proofOf(internal)])),
      ledger: async () => context.ledger(),
      client: async () => statusClient(await context.client()),
      now: () => cli.io.now(),
    },
    only,
  );
  if (only !== null && view.accounts.length === 0) {
    throw new CommandError(`there is no account "${only}"`, suggestion(only, await configured()));
  }
  return view;
}

/** How long the one workflow that is queried may take to answer. */
const ANSWER_MS = 3000;

function statusClient(client: PlumblineClient): StatusClient {
  return {
    view: async (active, names, alsoRunning) => {
      const { viewAccounts, viewFleet } = await import('../../watch/temporal-view.js');
      return alsoRunning ? viewFleet(client, names, active) : viewAccounts(client, names, active);
    },
    status: async (account) => {
      try {
        return await client.within(ANSWER_MS, async () => client.status(account));
      } catch (error) {
        throw new CommandError(
          `its workflow did not answer within ${ANSWER_MS / 1000} s (${reportOf(error).message})`,
          `see the log of the worker; \`plumbline repair ${account}\` says whether it can be repaired`,
          { cause: error },
        );
      }
    },
  };
}

function linesOf(view: StatusView, cli: Cli, detail: boolean): string[] {
  return renderStatus(view, { style: cli.style, width: cli.io.stdout.columns, detail });
}

function exitCode(view: StatusView): ExitCode {
  return view.ledger !== null && view.temporal !== null ? EXIT.failed : EXIT.ok;
}

const ALTERNATE_SCREEN = '\u001b[?1049h\u001b[?25l';
const NORMAL_SCREEN = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';

/** Redraws in place on a terminal; elsewhere prints one answer after the other, as JSON lines with `-o json`. */
async function watch(
  cli: Cli,
  gather: () => Promise<StatusView>,
  output: OutputOption['output'],
  detail: boolean,
): Promise<ExitCode> {
  const signal = cli.io.takeSignals();
  const { stdout } = cli.io;
  const inPlace = stdout.isTTY && output === 'text';
  let view = await gather();
  if (inPlace) stdout.write(ALTERNATE_SCREEN);
  try {
    while (!signal.aborted) {
      if (output === 'json') cli.printJson(statusDocument(view), 'line');
      else if (!inPlace) cli.print([...linesOf(view, cli, detail), '']);
      else {
        const lines = [...linesOf(view, cli, detail), '', cli.style.faint(`${view.at.toISOString()}  Ctrl-C ends`)];
        stdout.write(`${HOME}${lines.map((line) => terminalLine(line) + REST_OF_LINE).join('\n')}${REST_OF_SCREEN}`);
      }
      await pause(WATCH_MS, signal);
      if (!signal.aborted) view = await gather();
    }
  } finally {
    if (inPlace) stdout.write(NORMAL_SCREEN);
  }
  return exitCode(view);
}
