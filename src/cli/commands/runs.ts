import { Option } from 'commander';
import { runDocument } from '../../report/documents.js';
import type { RunRow } from '../../ledger/contract/ledger.js';
import type { DefineCommand } from '../context/cli.js';
import { reportOf } from '../context/errors.js';
import { EXIT } from '../context/exit-code.js';
import { follow } from '../steps/follow.js';
import type { ConfigOption, OutputOption } from '../context/options.js';
import { configOption, limitOption, outputOption, wholeNumber } from '../context/options.js';
import { renderRun, runHeader } from '../render/ledger-rows.js';

type Options = ConfigOption & OutputOption & { limit: number; before?: number; follow?: boolean };

/** Runs per request while following: more than can end between two requests. */
const FOLLOW_BATCH = 100;

export const define: DefineCommand = (command, cli) => {
  command
    .argument('<account>', "the account's name in the configuration")
    .addOption(limitOption('runs'))
    .addOption(
      new Option('--before <run>', 'only runs below this number').argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
    )
    .addOption(new Option('-f, --follow', 'keep printing new ones').conflicts('before'))
    .addOption(configOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const ledger = await context.ledgerOf(account);
          const { style } = cli;
          const width = (): number => cli.io.stdout.columns;
          if (options.follow === true) {
            let headed = false;
            let last = 0;
            let limit = options.limit;
            await follow<RunRow>({
              news: async () => {
                const rows = await ledger.runs(account, { limit });
                limit = FOLLOW_BATCH;
                const fresh = rows.filter((run) => run.runNumber > last).toReversed();
                last = fresh.at(-1)?.runNumber ?? last;
                return fresh;
              },
              emit: (run) => {
                if (options.output === 'json') cli.printJson(runDocument(run), 'line');
                else {
                  if (!headed) cli.print(runHeader(style, width()));
                  headed = true;
                  cli.print(renderRun(run, style, width()));
                }
              },
              trouble: (error) => cli.report(reportOf(error)),
              signal: cli.io.takeSignals(),
            });
            return EXIT.ok;
          }
          const { limit, before } = options;
          const runs = await ledger.runs(account, { limit, ...(before !== undefined && { before }) });
          if (options.output === 'json') cli.printJson({ runs: runs.map(runDocument) });
          else if (runs.length === 0) cli.note(`${account} has no runs yet`);
          else
            cli.print([runHeader(style, width()), ...runs.toReversed().map((run) => renderRun(run, style, width()))]);
          return EXIT.ok;
        }),
      ),
    );
};
