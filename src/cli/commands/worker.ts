import { Option } from 'commander';
import type { PlumblineConfig } from '../../config/config.js';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { optionalPackage } from '../context/optional-package.js';
import type { ConfigOption } from '../context/options.js';
import { configOption, wholeNumber } from '../context/options.js';

type Options = ConfigOption & { metricsPort?: number; unversioned?: boolean };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'The process that reads both sides and judges. It holds the credentials; any number may run. ' +
        'On SIGTERM it finishes its current work, then ends. On SIGHUP, and when the file changes, it reads its configuration again.',
    )
    .addOption(
      new Option(
        '--metrics-port <port>',
        'where its metrics listen; 0 picks a free port (default: worker.metrics_port)',
      ).argParser(wholeNumber(0, 65_535)),
    )
    .addOption(
      new Option(
        '--unversioned',
        'starts a worker without a version even if the file has temporal.versioning: to switch it off',
      ),
    )
    .addOption(configOption())
    .action(
      cli.action(async (options: Options) =>
        cli.using(options, async (context) => {
          const withOptions = (file: PlumblineConfig): PlumblineConfig => {
            const metricsPort = options.metricsPort ?? file.worker.metricsPort;
            const versioning = options.unversioned === true ? null : file.versioning;
            return { ...file, versioning, worker: { ...file.worker, metricsPort } };
          };
          const config = withOptions(await context.config());
          const [{ runWorker }, { loadConfig }] = await Promise.all([
            import('../../worker.js'),
            import('../../config/load-config.js'),
          ]);
          const traces =
            config.tracing === null
              ? null
              : await optionalPackage(
                  '@plumbline/tracing',
                  '`plumbline worker` with `tracing`',
                  async () => import('@plumbline/tracing'),
                );
          await runWorker({
            config,
            ...(traces !== null && { startTracing: traces.startTracing }),
            loadAgain: () => withOptions(loadConfig(config.path)),
            onReload: (reload) => cli.io.onHangup(reload),
            redactor: cli.redactor,
            signal: cli.io.takeSignals(),
          });
          return EXIT.ok;
        }),
      ),
    );
};
