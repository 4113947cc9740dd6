import type { PlumblineConfig } from '../../src/config/config.js';
import { ConfigError, parseConfig, type ConfigProblem } from '../../src/config/load-config.js';

/** The configuration of an account whose internal state has this kind and these lines. @throws ConfigError */
export function parseSource(kind: string, fields: readonly string[]): PlumblineConfig {
  const lines = [`kind: ${kind}`, ...fields].map((line) => `      ${line}\n`).join('');
  const text = `accounts:\n  main:\n    exchange: { id: okx, api_key_env: K, secret_env: S }\n    internal:\n${lines}`;
  return parseConfig(text, '/etc/plumbline/plumbline.yaml');
}

/** Why these lines are refused. Throws if they are not. */
export function problemsOfSource(kind: string, fields: readonly string[]): readonly ConfigProblem[] {
  try {
    parseSource(kind, fields);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('nothing was refused');
}
