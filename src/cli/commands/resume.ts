import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { presentDocument } from '../../report/present-document.js';
import { presentLines } from '../render/present.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, outputOption } from '../context/options.js';
import { LEFT_WITH_TEMPORAL } from '../render/outcome.js';

type Options = ConfigOption & ByOption & OutputOption;

export const define: DefineCommand = (command, cli) => {
  command
    .description('Resumes the schedule of a paused account. A run that became due meanwhile starts at once.')
    .argument('<account>', "the account's name in the configuration")
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const acts = await context.acts();
          const { changed, present } = await acts.resume(account, { by: options.by, via: 'cli' });
          if (options.output === 'json') {
            cli.printJson({ account, asked: 'resume', by: options.by, changed, ...presentDocument(present) });
            return EXIT.ok;
          }
          const name = cli.style.strong(account);
          cli.print([
            ...cli.sentences(
              changed === false ? `${name}: nothing changed, it was not paused` : `${name}: resumed by ${options.by}`,
              ...(changed === null ? [cli.style.warning(LEFT_WITH_TEMPORAL)] : []),
            ),
            ...presentLines(present, cli.style, cli.io.stdout),
          ]);
          return EXIT.ok;
        }),
      ),
    );
};
