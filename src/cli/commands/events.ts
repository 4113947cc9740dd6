import { Option } from 'commander';
import { eventDocument } from '../../report/documents.js';
import type { LedgerEvent } from '../../ledger/contract/ledger.js';
import type { DefineCommand } from '../context/cli.js';
import { reportOf } from '../context/errors.js';
import { EXIT } from '../context/exit-code.js';
import { follow } from '../steps/follow.js';
import type { ConfigOption, OutputOption } from '../context/options.js';
import { configOption, limitOption, outputOption, wholeNumber } from '../context/options.js';
import { renderEvent } from '../render/ledger-rows.js';

type Options = ConfigOption & OutputOption & { limit: number; after?: number; follow?: boolean };

/** Events per request while following; further events come with the next request. */
const FOLLOW_BATCH = 1000;

export const define: DefineCommand = (command, cli) => {
  command
    .argument('<account>', "the account's name in the configuration")
    .addOption(limitOption('events'))
    .addOption(
      new Option('--after <sequence>', 'the events that follow this one').argParser(
        wholeNumber(0, Number.MAX_SAFE_INTEGER),
      ),
    )
    .addOption(new Option('-f, --follow', 'keep printing new ones'))
    .addOption(configOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const ledger = await context.ledgerOf(account);
          const { style } = cli;
          let { limit } = options;
          let after = options.after;
          const news = async (): Promise<LedgerEvent[]> => {
            const events = await ledger.events(account, { limit, ...(after !== undefined && { after }) });
            after = events.at(-1)?.sequence ?? after ?? 0;
            limit = FOLLOW_BATCH;
            return events;
          };
          const line = (event: LedgerEvent): string[] => renderEvent(event, style, cli.io.stdout.columns);
          if (options.follow === true) {
            await follow<LedgerEvent>({
              news,
              emit: (event) => {
                if (options.output === 'json') cli.printJson(eventDocument(event), 'line');
                else cli.print(line(event));
              },
              trouble: (error) => cli.report(reportOf(error)),
              signal: cli.io.takeSignals(),
            });
            return EXIT.ok;
          }
          const events = await news();
          if (options.output === 'json') cli.printJson({ events: events.map(eventDocument) });
          else if (events.length === 0) cli.note(`${account} has no such events`);
          else cli.print(events.flatMap(line));
          return EXIT.ok;
        }),
      ),
    );
};
