import type { Acts } from '../../acts/acts.js';
import { acknowledgeFromTelegram } from '../../acts/telegram.js';
import type { PlumblineConfig, SecretSource } from '../../config/config.js';
import type { Ledger } from '../../ledger/contract/ledger.js';
import type { Logger } from '../../logging/logger.js';
import { startTelegramUpdates } from '../../notify/channels/telegram-updates.js';
import type { Redactor } from '../../redaction/redactor.js';
import { gateSentence } from '../../report/present-document.js';

/** Reads the buttons of messages in Telegram. Does nothing if no channel names people who may press them. */
export function startTelegramButtons(parts: {
  config: PlumblineConfig;
  acts: Acts;
  ledger: Ledger;
  resolveSecret: (source: SecretSource, what: string) => string;
  redactor: Redactor;
  log: Logger;
}): { close(): Promise<void> } {
  const { config, acts, ledger, resolveSecret, redactor, log } = parts;
  return startTelegramUpdates({
    configs: config.notify.channels,
    parts: { resolveSecret, redactor, log, now: Date.now, commandEnvironment: {} },
    acknowledge: async (pressed) => acknowledgeFromTelegram(acts, ledger, pressed, gateSentence),
  });
}
