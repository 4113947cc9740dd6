import { Option } from 'commander';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { presentDocument } from '../../report/present-document.js';
import { presentLines } from '../render/present.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, nonEmpty, outputOption } from '../context/options.js';
import { LEFT_WITH_TEMPORAL } from '../render/outcome.js';
import { stamp } from '../terminal/time.js';

type Options = ConfigOption & ByOption & OutputOption & { reason: string };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Pauses the schedule of an account. Forced runs still work; the trading gate closes once the last success is too old.',
    )
    .argument('<account>', "the account's name in the configuration")
    .addOption(new Option('--reason <text>', 'why').argParser(nonEmpty('--reason')).makeOptionMandatory())
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const { by, reason } = options;
          const acts = await context.acts();
          const { changed, paused, present } = await acts.pause(account, { by, via: 'cli', reason });
          if (options.output === 'json') {
            cli.printJson({ account, asked: 'pause', by, reason, changed, paused, ...presentDocument(present) });
            return EXIT.ok;
          }
          const name = cli.style.strong(account);
          const first =
            paused === null ? '' : ` by ${paused.by} since ${stamp(new Date(paused.since))}: ${paused.reason}`;
          const resume = `\`plumbline resume ${account}\` resumes it`;
          cli.print([
            ...cli.sentences(
              changed === false
                ? `${name}: nothing changed, it was paused already${first}; ${resume}`
                : `${name}: paused by ${by}; ${resume}`,
              ...(changed === null ? [cli.style.warning(LEFT_WITH_TEMPORAL)] : []),
            ),
            ...presentLines(present, cli.style, cli.io.stdout),
          ]);
          return EXIT.ok;
        }),
      ),
    );
};
