import { Option } from 'commander';
import type { DefineCommand } from '../cli.js';
import { EXIT } from '../exit-code.js';
import type { ByOption, ConfigOption, OutputOption } from '../options.js';
import { byOption, configOption, nonEmpty, outputOption } from '../options.js';

type Options = ConfigOption & ByOption & OutputOption & { reason: string };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Pauses the schedule of an account. Forced runs still work; the gate closes once the last success is too old.',
    )
    .argument('<account>', 'its name in the configuration')
    .addOption(new Option('--reason <text>', 'why').argParser(nonEmpty('--reason')).makeOptionMandatory())
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const { by, reason } = options;
          const client = await context.client();
          await client.pause(account, { by, reason });
          if (options.output === 'json') cli.printJson({ account, asked: 'pause', by, reason });
          else cli.print(`${cli.style.strong(account)}: paused by ${by}; \`plumbline resume ${account}\` ends it`);
          return EXIT.ok;
        }),
      ),
    );
};
