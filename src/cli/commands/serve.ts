import { Option } from 'commander';
import type { PlumblineConfig, SecretSource } from '../../config/config.js';
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
      'The process that serves metrics, health, trading gate and the HTTP API from the ledger, takes the acts of people who ' +
        'have a token, and detects accounts that are not checked although they should be.',
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
          const { hostsOf, linksOf } = await import('../steps/serve-tokens.js');
          const secret = (source: SecretSource, what: string): string => context.secret(source, what);
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
          const { gateWebhooksOf } = await import('../steps/gate-webhooks.js');
          const { liveOf, replaceLive, fixedInServe } = await import('../steps/serve-live.js');
          const { watchConfig } = await import('../../config/config-reload.js');
          const { loadConfig } = await import('../../config/load-config.js');
          const { largestPush } = await import('../../http/push-route.js');
          const { startWatching } = await import('../steps/watching.js');
          // Ends the watcher even if the server does not start.
          const over = new AbortController();
          const until = AbortSignal.any([signal, over.signal]);
          const watching = startWatching({ context, config, ledger, log, cli, signal: until });
          const codec = await context.payloadCodec();
          const acts = await context.acts((account) => watching.view.findingOf(account));
          const live = liveOf(config, secret);
          try {
            const served = await serve({
              ledger,
              watch: watching.view,
              host: options.host ?? config.serve.host,
              port: options.port ?? config.serve.port,
              allowedHosts: hostsOf(config.serve),
              tokens: live.tokens,
              metricsWithoutToken: config.serve.metricsWithoutToken,
              readWithoutToken: config.serve.readWithoutToken,
              acts,
              pushes: live.pushes,
              gateWebhooks: gateWebhooksOf(config, secret),
              ...linksOf(config.serve, secret),
              publicUrl: config.serve.publicUrl,
              proofs: live.proofs,
              ...(codec !== null && { codec: { codec, origins: config.encryption?.webUiOrigins ?? [] } }),
              version,
              log,
            });
            log.info({ url: served.url }, 'Serving metrics, trading gate and HTTP API');
            const { startTelegramButtons } = await import('../steps/telegram-buttons.js');
            const { redactor } = cli;
            const buttonsOf = (of: PlumblineConfig) =>
              startTelegramButtons({ config: of, acts, ledger, resolveSecret: secret, redactor, log });
            let [buttons, channels] = [buttonsOf(config), JSON.stringify(config.notify.channels)];
            const largest = largestPush(live.pushes);
            const reloading = watchConfig({
              config,
              load: () => loadConfig(config.path),
              take: async (next) => {
                if (replaceLive(live, liveOf(next, secret))) served.endSessions();
                const nextChannels = JSON.stringify(next.notify.channels);
                if (nextChannels === channels) return;
                channels = nextChannels;
                await buttons.close();
                buttons = buttonsOf(next);
              },
              fixed: (of) => fixedInServe(of, largest),
              log,
              metrics: served.config,
            });
            cli.io.onHangup(() => void reloading.reload('SIGHUP'));
            await untilAborted(signal);
            reloading.close();
            await Promise.all([served.close(), buttons.close()]);
          } finally {
            over.abort();
            await watching.ended;
          }
          log.info('Ended');
          return EXIT.ok;
        }),
      ),
    );
};
