import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import type { ConfigOption } from '../context/options.js';
import { configOption } from '../context/options.js';

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'The process that reads both sides and judges. It holds the credentials; any number may run. ' +
        'On SIGTERM it finishes its current work, then ends.',
    )
    .addOption(configOption())
    .action(
      cli.action(async (options: ConfigOption) =>
        cli.using(options, async (context) => {
          const config = await context.config();
          const { runWorker } = await import('../../worker.js');
          await runWorker({ config, redactor: cli.redactor, signal: cli.io.takeSignals() });
          return EXIT.ok;
        }),
      ),
    );
};
