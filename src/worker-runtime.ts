import { freePort } from '@plumbline/primitives/free-port';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from './logging/logger.js';

const TRIES = 5;

/**
 * Installs Temporal's native runtime, whose log lines go to this logger, and returns the port on which it serves its own
 * metrics. Another process can take a port between its choice and its use; then another one is tried.
 */
export async function installRuntime(logger: Logger, choose: () => Promise<number> = freePort): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const sdkPort = await choose();
    try {
      install(logger, sdkPort);
      return sdkPort;
    } catch (error) {
      if (attempt === TRIES || !/address already in use/i.test(String(error))) throw error;
      logger.warn({ port: sdkPort }, "The port of Temporal's metrics was taken meanwhile; trying another");
    }
  }
}

function install(logger: Logger, sdkPort: number): void {
  Runtime.install({
    // The CLI handles the process's signals and aborts `signal`.
    shutdownSignals: [],
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      const fields = { ...meta };
      if (level === 'ERROR') logger.error(fields, message);
      else if (level === 'WARN') logger.warn(fields, message);
      else logger.debug(fields, message);
    }),
    telemetryOptions: {
      // Lines of the native core go to the same logger and redactor.
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      metrics: {
        prometheus: {
          bindAddress: `127.0.0.1:${sdkPort}`,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
        },
      },
    },
  });
}
