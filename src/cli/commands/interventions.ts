import { Option } from 'commander';
import { interventionDocument } from '../../report/documents.js';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import type { ConfigOption, OutputOption } from '../context/options.js';
import { configOption, limitOption, outputOption } from '../context/options.js';
import { renderInterventions } from '../render/intervention.js';

type Options = ConfigOption & OutputOption & { all?: boolean; limit: number };

export const define: DefineCommand = (command, cli) => {
  command
    .argument('[account]', 'only this account')
    .addOption(new Option('--all', 'include acknowledged ones'))
    .addOption(limitOption('calls'))
    .addOption(configOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string | undefined, options: Options) =>
        cli.using(options, async (context) => {
          const ledger = account === undefined ? await context.ledger() : await context.ledgerOf(account);
          const rows = await ledger.interventions({
            ...(account !== undefined && { account }),
            openOnly: options.all !== true,
            limit: options.limit,
          });
          if (options.output === 'json') cli.printJson({ interventions: rows.map(interventionDocument) });
          else cli.print(renderInterventions(rows, cli.io.now(), cli.style, cli.io.stdout.columns));
          return EXIT.ok;
        }),
      ),
    );
};
