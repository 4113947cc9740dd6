import type { PlumblineConfig } from '../../config/config.js';
import type { Logger } from '../../logging/logger.js';
import type { Ledger } from '../../ledger/contract/ledger.js';
import type { WatchView } from '../../watch/finding.js';
import { NotificationHook } from '../../watch/hook.js';
import { viewTemporal } from '../../watch/temporal-view.js';
import { Watcher } from '../../watch/watcher.js';
import type { Cli } from '../context/cli.js';
import type { CommandContext } from '../context/command-context.js';

/** Starts the watcher of a `serve`, with the user's command as its hook. The signal ends it. */
export function startWatching(parts: {
  context: CommandContext;
  config: PlumblineConfig;
  ledger: Ledger;
  log: Logger;
  cli: Cli;
  signal: AbortSignal;
}): { view: WatchView; ended: Promise<void> } {
  const { context, config, ledger, log, cli, signal } = parts;
  const { command } = config.watch;
  const hook =
    command === null
      ? null
      : new NotificationHook({ command, env: environmentFor(config, cli), log, redactor: cli.redactor });
  const watcher = new Watcher({
    ledger,
    temporal: async (active, limits) => viewTemporal(await context.client(), active, limits),
    log,
    notify: (change) => hook?.push(change),
  });
  return { view: watcher, ended: watcher.run(signal) };
}

/** The hook's environment lacks the ledger's URL, which carries a password and is not needed by the hook. */
function environmentFor({ ledger }: PlumblineConfig, cli: Cli): NodeJS.ProcessEnv {
  const { env } = cli.io;
  return 'env' in ledger.url ? { ...env, [ledger.url.env]: undefined } : { ...env };
}
