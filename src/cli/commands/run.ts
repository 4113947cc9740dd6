import { recordedRunDocument } from '../../report/documents.js';
import type { DefineCommand } from '../context/cli.js';
import { exitCodeOf } from '../context/exit-code.js';
import { presentDocument } from '../../report/present-document.js';
import { presentLines } from '../render/present.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, outputOption } from '../context/options.js';
import { renderRecordedRun } from '../render/outcome.js';

type Options = ConfigOption & ByOption & OutputOption;

export const define: DefineCommand = (command, cli) => {
  command
    .argument('<account>', "the account's name in the configuration")
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .addHelpText('after', '\nExit codes: 0 matched, 1 drifted, 2 the run was inconclusive.')
    .action(
      cli.action(
        async (account: string, options: Options) =>
          cli.using(options, async (context) => {
            const acts = await context.acts();
            cli.note(`reading both sides of ${account}; a difference is observed again before it is confirmed`);
            const { run, present } = await acts.run(account, { by: options.by, via: 'cli' });
            if (options.output === 'json')
              cli.printJson({ ...recordedRunDocument(account, run), ...presentDocument(present) });
            else {
              cli.print([
                ...renderRecordedRun(account, run, cli.style, cli.io.stdout.columns),
                ...presentLines(present, cli.style),
              ]);
            }
            return exitCodeOf(run.outcome);
          }),
        { judges: true },
      ),
    );
};
