import type { FreqtradeBot } from '../../config/config.js';
import type { FailureError } from '../../domain/failure/failure.js';
import { visible } from '../../domain/text/shown-text.js';
import { sourceFailure } from '../source-failure.js';
import type { TradingMode } from './books.js';
import { freqtradeNameOf, modeOf } from './exchange-names.js';
import type { ShowConfig } from './shapes.js';

// Which bot answers, and whether what it answers is the state of the account.

const OTHER_BOT =
  'set internal.url to the bot of this account; a Freqtrade whose listen_port is taken never starts trading while the other bot answers there, so give each bot its own api_server.listen_port';

/**
 * Why this is not the bot of the account, or not a bot that trades; null if it is. `reload_config` and `paused` end by
 * themselves or go on with the loop, so they are no failure: `as_of` tells whether the loop stands.
 */
export function refusalOf(config: ShowConfig, account: FreqtradeBot): FailureError | null {
  const wrong = differencesOf(config, account);
  if (wrong.length > 0) {
    const isOtherId =
      account.exchange === 'binance' &&
      wrong.length === 1 &&
      wrong[0]?.field === 'trading_mode' &&
      !account.tradingMode;
    return sourceFailure(
      'configuration',
      `it is not the bot of this account: ${wrong.map(wrongText).join('; ')}`,
      isOtherId ? 'set exchange.id: binanceusdm for a bot that trades futures on Binance' : OTHER_BOT,
      { where: wrong[0]?.field ?? 'bot_name' },
    );
  }
  if (config.runmode === 'webserver') {
    return sourceFailure(
      'configuration',
      'it is `freqtrade webserver`, which runs no bot',
      'set internal.url to the api_server of the bot itself, which `freqtrade trade` starts',
      { where: 'runmode' },
    );
  }
  if (config.dry_run || config.runmode !== 'live') {
    const mode = config.dry_run ? 'dry_run is true' : `runmode is ${visible(config.runmode) || 'empty'}`;
    return sourceFailure(
      'configuration',
      `it does not trade on the exchange: ${mode}, so its positions are not real`,
      "set dry_run: false in the bot's configuration and restart it, or set reconciliation.enabled: false for this account until then",
      { where: config.dry_run ? 'dry_run' : 'runmode' },
    );
  }
  if (tradingModeOf(config) === null) {
    return sourceFailure(
      'unsupported',
      `its trading_mode is ${visible(config.trading_mode)}, expected spot or futures`,
      "use trading_mode spot or futures in the bot's configuration",
      { where: 'trading_mode' },
    );
  }
  if (config.state === 'stopped') {
    return sourceFailure(
      'internal_stale',
      'the bot is stopped: it answers with the trades of its last loop and does not update them',
      'start the bot: `/start` in Telegram, or `POST /api/v1/start`',
      { where: 'state' },
    );
  }
  return null;
}

/** Null for a mode that has no meaning here. */
export function tradingModeOf({ trading_mode: mode }: ShowConfig): TradingMode | null {
  return mode === 'spot' || mode === 'futures' ? mode : null;
}

/** No loop has ended since the bot's process started, so its trades may be those from before a crash. */
export function starting(): FailureError {
  return sourceFailure(
    'maintenance',
    'the bot is starting: it has ended no loop yet (last_process is null), so its trades are those of its last run',
    "wait until its first loop has ended; if it never ends, read the bot's log",
    { where: 'last_process' },
  );
}

interface Wrong {
  field: string;
  found: string;
  expected: string;
}

function wrongText({ field, found, expected }: Wrong): string {
  return `${field} is ${visible(found) || 'empty'}, expected ${expected}`;
}

function differencesOf(config: ShowConfig, account: FreqtradeBot): Wrong[] {
  const exchange = freqtradeNameOf(account.exchange);
  const mode = account.tradingMode ?? modeOf(account.exchange);
  const asked: [string, string, string | null][] = [
    ['bot_name', config.bot_name, account.botName],
    ['exchange', freqtradeNameOf(config.exchange), exchange],
    ['trading_mode', config.trading_mode, mode],
    ['stake_currency', config.stake_currency, account.stakeCurrency],
  ];
  return asked.flatMap(([field, found, expected]) =>
    expected === null || found === expected ? [] : [{ field, found, expected }],
  );
}
