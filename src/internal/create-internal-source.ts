import type { InternalConfig, SecretSource } from '../config/config.js';
import type { Redactor } from '../redaction/redactor.js';
import { createFileSource } from './file-source.js';
import { createHttpSource } from './http-source.js';
import type { InternalSource } from './internal-source.js';

export interface InternalSourceDependencies {
  /** Reads a secret's value at every read, because secrets change. Throws FailureError `configuration` if it is missing. */
  resolveSecret: (source: SecretSource, what: string) => string;
  /** Receives every secret before it is used. */
  redactor: Redactor;
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
  }
}
