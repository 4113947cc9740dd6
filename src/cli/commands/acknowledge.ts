import { Option } from 'commander';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { presentDocument } from '../../report/present-document.js';
import { presentLines } from '../render/present.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, nonEmpty, outputOption } from '../context/options.js';
import { answeredDocument, withoutWorkflowNote } from '../render/intervention.js';

type Options = ConfigOption & ByOption & OutputOption & { note: string };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Says "I have it": ends the reminders of the open intervention. Name and note are recorded permanently. It hides no ' +
        'discrepancy: the trading gate stays closed while one that closes it is open.',
    )
    .argument('<account>', "the account's name in the configuration")
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
          const acts = await context.acts();
          const { answered, present } = await acts.acknowledge(account, { by, via: 'cli', note });
          if (answered.withoutWorkflow !== null) cli.note(withoutWorkflowNote(answered, cli.style));
          if (options.output === 'json') cli.printJson({ ...answeredDocument(answered), ...presentDocument(present) });
          else {
            cli.print([
              ...cli.sentences(`${cli.style.strong(account)}: ${cli.style.good('acknowledged')} by ${by}: ${note}`),
              ...presentLines(present, cli.style, cli.io.stdout),
            ]);
          }
          return EXIT.ok;
        }),
      ),
    );
};
