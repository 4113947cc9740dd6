import { Option } from 'commander';
import { version } from '../../runtime/version.js';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { untilAborted } from '../terminal/io.js';
import type { ConfigOption } from '../context/options.js';
import { configOption, wholeNumber } from '../context/options.js';

type Options = ConfigOption & { host?: string; port?: number };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'The process that serves metrics, health, trading gate and the read API from the ledger, and detects accounts that are ' +
        'not checked although they should be. It only reads.',
    )
    .addOption(new Option('--host <address>', 'where to listen (default: serve.host of the configuration)'))
    .addOption(
      new Option('--port <port>', 'where to listen (default: serve.port of the configuration)').argParser(
        wholeNumber(0, 65_535),
      ),
    )
    .addOption(configOption())
    .action(
      cli.action(async (options: Options) =>
        cli.using(options, async (context) => {
          const config = await context.config();
          const ledger = await context.ledger();
          const { serve } = await import('../../http/serve.js');
          const { createLogger } = await import('../../logging/logger.js');
          const { stderr } = cli.io;
          const log = createLogger({
            name: 'serve',
            level: cli.environment.logLevel,
            redactor: cli.redactor,
            destination: stderr,
            pretty: stderr.isTTY,
            colors: stderr.isTTY && !cli.environment.noColor,
          });
          const signal = cli.io.takeSignals();
          const { startWatching } = await import('../steps/watching.js');
          const watching = startWatching({ context, config, ledger, log, cli, signal });
          const served = await serve({
            ledger,
            watch: watching.view,
            host: options.host ?? config.serve.host,
            port: options.port ?? config.serve.port,
            allowedHosts: config.serve.allowedHosts,
            version,
            log,
          });
          log.info({ url: served.url }, 'Serving metrics, trading gate and read API');
          await untilAborted(signal);
          await served.close();
          await watching.ended;
          log.info('Ended');
          return EXIT.ok;
        }),
      ),
    );
};
