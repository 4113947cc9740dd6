import type { InternalConfig, SecretSource } from '../config/config.js';
import type { Redactor } from '../redaction/redactor.js';
import { createFileSource } from './file-source.js';
import { createHttpSource } from './http-source.js';
import type { InternalSource } from './internal-source.js';

export interface InternalSourceDependencies {
  /** A secret's value; throws FailureError `configuration` where it is missing. Asked at every read: secrets change. */
  resolveSecret: (source: SecretSource, what: string) => string;
  /** Receives every secret before it is used. */
  redactor: Redactor;
  /** Milliseconds since the epoch; the machine's clock where not given. */
  now?: () => number;
}

/** The source of internal state that an account's configuration names. Makes no connection yet. */
export function createInternalSource(config: InternalConfig, dependencies: InternalSourceDependencies): InternalSource {
  const now = dependencies.now ?? Date.now;
  switch (config.kind) {
    case 'http':
      return createHttpSource(config, { ...dependencies, now });
    case 'file':
      return createFileSource(config, { ...dependencies, now });
  }
}
