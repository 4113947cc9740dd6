import { Option } from 'commander';
import { discrepancyDocument } from '../../report/documents.js';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, nonEmpty, outputOption } from '../context/options.js';
import { renderDiscrepancy } from '../render/ledger-rows.js';
import { presentDocument } from '../../report/present-document.js';
import { presentLines } from '../render/present.js';
import { count } from '../terminal/count.js';

type Options = ConfigOption & ByOption & OutputOption & { note: string };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Closes open discrepancies by hand that no run can close: their scope is no longer covered, or their symbol is gone. ' +
        'Refused while the last run still sees one.',
    )
    .argument('<account>', "the account's name in the configuration")
    .argument('<discrepancy...>', 'ids as shown by `plumbline discrepancies`')
    .addOption(new Option('--note <text>', 'why').argParser(nonEmpty('--note')).makeOptionMandatory())
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, discrepancyIds: string[], options: Options) =>
        cli.using(options, async (context) => {
          const { by, note } = options;
          const ledger = await context.ledgerOf(account);
          const resolved = await ledger.resolveDiscrepancies({ account, discrepancyIds, by, via: 'cli', note });
          const present = await (await context.acts()).present(account);
          if (options.output === 'json') {
            cli.printJson({ account, resolved: resolved.map(discrepancyDocument), ...presentDocument(present) });
            return EXIT.ok;
          }
          const { columns } = cli.io.stdout;
          const what = count(resolved.length, 'discrepancy', 'discrepancies');
          cli.print([
            ...resolved.flatMap((row) => [...renderDiscrepancy(row, cli.io.now(), cli.style, columns), '']),
            ...cli.sentences(`${cli.style.strong(account)}: ${what} closed by ${by}: ${note}`),
            ...presentLines(present, cli.style, cli.io.stdout),
          ]);
          return EXIT.ok;
        }),
      ),
    );
};
