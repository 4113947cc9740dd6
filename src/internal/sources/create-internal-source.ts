import type { InternalConfig, SecretSource } from '../../config/config.js';
import type { Redactor } from '../../redaction/redactor.js';
import { createFileSource } from '../file-source.js';
import { createFreqtradeSource } from '../freqtrade/freqtrade-source.js';
import { createHummingbotSource } from '../hummingbot/hummingbot-source.js';
import { createHttpSource } from '../http-source.js';
import type { InternalSource } from '../internal-source.js';
import { createNautilusSource } from '../nautilus/nautilus-source.js';
import { createPushSource, type ReadPushed } from '../push-source.js';
import { createSqlSource } from '../sql/sql-source.js';

export interface InternalSourceDependencies {
  /** Reads a secret's value at every read, because secrets change. Throws FailureError `configuration` if it is missing. */
  resolveSecret: (source: SecretSource, what: string) => string;
  /** Receives every secret before it is used. */
  redactor: Redactor;
  /** Reads what the bot of an account pushed. Absent: sources of kind push cannot be read. */
  pushed?: ReadPushed;
  /** Milliseconds since the epoch. Default: the machine's clock. */
  now?: () => number;
}

/** Creates the source of internal state that an account's configuration names. Does not connect yet. */
export function createInternalSource(config: InternalConfig, dependencies: InternalSourceDependencies): InternalSource {
  const now = dependencies.now ?? Date.now;
  switch (config.kind) {
    case 'http':
      return createHttpSource(config, { ...dependencies, now });
    case 'file':
      return createFileSource(config, { ...dependencies, now });
    case 'freqtrade':
      return createFreqtradeSource(config, { ...dependencies, now });
    case 'push':
      return createPushSource(config, { pushed: dependencies.pushed, now });
    case 'sql':
      return createSqlSource(config, { ...dependencies, now });
    case 'hummingbot':
      return createHummingbotSource(config, { ...dependencies, now });
    case 'nautilus':
      return createNautilusSource(config, { ...dependencies, now });
  }
}
