import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { presentDocument } from '../../report/present-document.js';
import { presentLines } from '../render/present.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, outputOption } from '../context/options.js';

type Options = ConfigOption & ByOption & OutputOption;

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Requests a run without waiting for it. It works while the account is paused and does not shift the schedule; ' +
        'during a run, the requested run follows it.',
    )
    .argument('<account>', "the account's name in the configuration")
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const acts = await context.acts();
          const { present } = await acts.forceRun(account, { by: options.by, via: 'cli' });
          if (options.output === 'json') {
            cli.printJson({ account, asked: 'force_run', by: options.by, ...presentDocument(present) });
          } else {
            cli.print([
              ...cli.sentences(
                `${cli.style.strong(account)}: a run was requested; \`plumbline status ${account}\` shows it`,
              ),
              ...presentLines(present, cli.style, cli.io.stdout),
            ]);
          }
          return EXIT.ok;
        }),
      ),
    );
};
