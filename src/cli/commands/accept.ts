import { Option } from 'commander';
import { discrepancyDocument } from '../../report/documents.js';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { presentDocument } from '../../report/present-document.js';
import { presentLines } from '../render/present.js';
import type { ByOption, ConfigOption, EndOptions, OutputOption } from '../context/options.js';
import { byOption, configOption, endOf, forOption, nonEmpty, outputOption, untilOption } from '../context/options.js';
import { count } from '../terminal/count.js';
import { withoutWorkflowNote } from '../render/intervention.js';
import { renderDiscrepancy } from '../render/ledger-rows.js';
import { stamp } from '../terminal/time.js';

type Options = ConfigOption & ByOption & OutputOption & EndOptions & { note: string };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Says "known, trade on": accepts open discrepancies as they are now, until a time. They do not close the trading gate ' +
        'meanwhile. If the open intervention is about nothing else, it is acknowledged with the same name and note. An ' +
        'acceptance ends when its time is over, when the values change, or when both sides agree again.',
    )
    .argument('<account>', "the account's name in the configuration")
    .argument('[discrepancy...]', 'ids as shown by `plumbline discrepancies` (default: all that are open now)')
    .addOption(forOption())
    .addOption(untilOption())
    .addOption(new Option('--note <text>', 'why').argParser(nonEmpty('--note')).makeOptionMandatory())
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, ids: string[], options: Options) => {
        const until = endOf(options, cli.io.now());
        return cli.using(options, async (context) => {
          const { by, note } = options;
          await context.ledgerOf(account);
          const acts = await context.acts();
          const discrepancyIds = ids.length === 0 ? null : ids;
          const done = await acts.accept(account, { by, via: 'cli', discrepancyIds, until, note });
          const { accepted, acknowledged, keptOpen, present } = done;
          if (acknowledged !== null && acknowledged.withoutWorkflow !== null) {
            cli.note(withoutWorkflowNote(acknowledged, cli.style));
          }
          if (options.output === 'json') {
            cli.printJson({
              account,
              accepted: accepted.map(discrepancyDocument),
              acknowledged: acknowledged !== null,
              kept_open: keptOpen,
              ...presentDocument(present),
            });
            return EXIT.ok;
          }
          const { columns } = cli.io.stdout;
          const what = count(accepted.length, 'discrepancy', 'discrepancies');
          cli.print([
            ...accepted.flatMap((row) => [...renderDiscrepancy(row, cli.io.now(), cli.style, columns), '']),
            ...cli.sentences(
              `${cli.style.strong(account)}: ${what} accepted by ${by} until ${stamp(until)}: ${note}`,
              ...(acknowledged === null
                ? []
                : ['the open intervention was about nothing else, so it is acknowledged with it']),
              ...(keptOpen === null ? [] : [`the open intervention stays open: ${keptOpen}`]),
            ),
            ...presentLines(present, cli.style, cli.io.stdout),
          ]);
          return EXIT.ok;
        });
      }),
    );
};
