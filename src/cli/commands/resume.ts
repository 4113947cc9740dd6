import type { DefineCommand } from '../cli.js';
import { EXIT } from '../exit-code.js';
import type { ByOption, ConfigOption, OutputOption } from '../options.js';
import { byOption, configOption, outputOption } from '../options.js';

type Options = ConfigOption & ByOption & OutputOption;

export const define: DefineCommand = (command, cli) => {
  command
    .description('Resumes the schedule of a paused account. A run that fell due meanwhile begins at once.')
    .argument('<account>', 'its name in the configuration')
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const client = await context.client();
          await client.resume(account, options.by);
          if (options.output === 'json') cli.printJson({ account, asked: 'resume', by: options.by });
          else cli.print(`${cli.style.strong(account)}: resumed by ${options.by}`);
          return EXIT.ok;
        }),
      ),
    );
};
