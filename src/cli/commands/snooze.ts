import { Option } from 'commander';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { presentDocument } from '../../report/present-document.js';
import { presentLines } from '../render/present.js';
import type { ByOption, ConfigOption, EndOptions, OutputOption } from '../context/options.js';
import { byOption, configOption, endOf, forOption, nonEmpty, outputOption, untilOption } from '../context/options.js';
import { answeredDocument, withoutWorkflowNote } from '../render/intervention.js';
import { stamp } from '../terminal/time.js';

type Options = ConfigOption & ByOption & OutputOption & EndOptions & { note: string };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Silences the reminders of the open intervention for a while. The intervention and the closed trading gate stay.',
    )
    .argument('<account>', "the account's name in the configuration")
    .addOption(forOption())
    .addOption(untilOption())
    .addOption(new Option('--note <text>', 'why').argParser(nonEmpty('--note')).makeOptionMandatory())
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) => {
        const until = endOf(options, cli.io.now());
        return cli.using(options, async (context) => {
          const { by, note } = options;
          const acts = await context.acts();
          const { answered, present } = await acts.snooze(account, { by, via: 'cli', until, note });
          if (answered.withoutWorkflow !== null) cli.note(withoutWorkflowNote(answered, cli.style));
          if (options.output === 'json') cli.printJson({ ...answeredDocument(answered), ...presentDocument(present) });
          else {
            cli.print([
              ...cli.sentences(
                `${cli.style.strong(account)}: reminders are silent until ${stamp(until)}; the intervention stays open`,
              ),
              ...presentLines(present, cli.style, cli.io.stdout),
            ]);
          }
          return EXIT.ok;
        });
      }),
    );
};
