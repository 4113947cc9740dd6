import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, outputOption, stateOption } from '../context/options.js';
import { reportedTest, testDocument } from '../render/channel-test.js';
import { renderReported } from '../render/check.js';
import { testChannels } from '../steps/test-channels.js';

type Options = ConfigOption & ByOption & OutputOption;

export const define: DefineCommand = (command, cli) => {
  command.description('The channels on which Plumbline reaches people.');
  command
    .command('test')
    .description(
      'Sends a test message from this process, on one channel or on all, once. It needs neither Temporal nor the ledger, and ' +
        'records nothing. Run it where the worker runs: it then uses the same secrets and the same network.',
    )
    .argument('[channel]', "the channel's name in the configuration (default: all)")
    .addOption(configOption())
    .addOption(stateOption())
    .addOption(byOption())
    .addOption(outputOption())
    .addHelpText('after', '\nExit codes: 0 every channel took its message, 2 at least one did not.')
    .action(
      cli.action(async (name: string | undefined, options: Options) =>
        cli.using(options, async (context) => {
          const tests = await testChannels({ context, cli, names: name === undefined ? null : [name], by: options.by });
          const delivered = tests.every(({ failure }) => failure === null);
          if (options.output === 'json') cli.printJson({ delivered, channels: tests.map(testDocument) });
          else cli.print(renderReported(tests.map(reportedTest), cli.style, cli.io.stdout.columns));
          return delivered ? EXIT.ok : EXIT.failed;
        }),
      ),
    );
};
