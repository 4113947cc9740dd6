import { recordedRunDocument } from '../../report/documents.js';
import { presentDocument } from '../../report/present-document.js';
import type { Cli, DefineCommand } from '../context/cli.js';
import type { CommandContext } from '../context/command-context.js';
import { EXIT, exitCodeOf } from '../context/exit-code.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, outputOption } from '../context/options.js';
import { progressFor } from '../context/progress.js';
import { renderRecordedRun } from '../render/outcome.js';
import { presentLines } from '../render/present.js';
import { followRun, runSight } from '../steps/run-progress.js';
import { unlessAbortedBy } from '../steps/unless-aborted.js';

type Options = ConfigOption & ByOption & OutputOption;

export const define: DefineCommand = (command, cli) => {
  command
    .argument('<account>', "the account's name in the configuration")
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 matched, 1 drifted, 2 the run was inconclusive, 130 ended with Ctrl-C; the run goes on then.',
    )
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const { done, seen } = await runAndShow(account, options, context, cli);
          if (done === null) {
            const what = seen === null ? `the request for ${account} may still be carried out` : `run ${seen} goes on`;
            cli.note(
              `${what}; \`plumbline status ${account}\` shows it, and \`plumbline runs ${account}\` its verdict`,
            );
            return EXIT.interrupted;
          }
          const { run, present } = done;
          if (options.output === 'json')
            cli.printJson({ ...recordedRunDocument(account, run), ...presentDocument(present) });
          else {
            cli.print([
              ...renderRecordedRun(account, run, cli.style, cli.io.stdout.columns),
              ...presentLines(present, cli.style, cli.io.stdout),
            ]);
          }
          return exitCodeOf(run.outcome);
        }),
      ),
    );
};

/** Runs the account, and shows what the run does. `done` is null if the person ends the command before the verdict. */
async function runAndShow(account: string, { by, output }: Options, context: CommandContext, cli: Cli) {
  const [acts, client] = await Promise.all([context.acts(), context.client()]);
  const signal = cli.io.takeSignals();
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const progress = progressFor(cli);
  // With `-o json` a program reads the output, which gets no lines of progress.
  const isShown = progress.isDrawn || output === 'text';
  if (isShown) progress.on(`asking for a run of ${account}`);
  const following = isShown
    ? followRun({ ask: async () => runSight(client, account, until), progress, signal: until })
    : { seen: () => null, ended: Promise.resolve() };
  try {
    const done = await unlessAbortedBy(
      signal,
      client.temporal.connection,
    )(async () => acts.run(account, { by, via: 'cli' }));
    return { done, seen: following.seen() };
  } finally {
    over.abort();
    progress.off();
    await following.ended;
  }
}
