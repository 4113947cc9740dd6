import { Option } from 'commander';
import type { DefineCommand } from '../cli.js';
import { EXIT } from '../exit-code.js';
import type { ByOption, ConfigOption, OutputOption } from '../options.js';
import { byOption, configOption, nonEmpty, outputOption } from '../options.js';
import { interventionStatusDocument } from '../render/intervention.js';

type Options = ConfigOption & ByOption & OutputOption & { note: string };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Takes the open call for a human: the gate reopens, reminders end, name and note are recorded for ever. ' +
        'It never hides a discrepancy that still stands.',
    )
    .argument('<account>', 'its name in the configuration')
    .addOption(
      new Option('--note <text>', 'what was found and done').argParser(nonEmpty('--note')).makeOptionMandatory(),
    )
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const { by, note } = options;
          const client = await context.client();
          const taken = await client.acknowledge(account, { by, note });
          if (options.output === 'json') cli.printJson(interventionStatusDocument(taken));
          else cli.print(`${cli.style.strong(account)}: ${cli.style.good('acknowledged')} by ${by}: ${note}`);
          return EXIT.ok;
        }),
      ),
    );
};
