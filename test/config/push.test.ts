import { describe, expect, it } from '@jest/globals';
import { ConfigError, parseConfig } from '../../src/config/load-config.js';
import { pushesOf } from '../../src/cli/steps/pushes.js';

const configOf = (internal: string, rules = '') =>
  parseConfig(
    `
accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: ${internal}
    ${rules}
`,
    '/etc/plumbline/plumbline.yaml',
  );
const sourceOf = (internal: string, rules?: string) => configOf(internal, rules).accounts[0]?.internal[0]?.source;
const problemsOf = (internal: string) => {
  try {
    configOf(internal);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('the configuration was taken');
};

describe('internal of kind push', () => {
  it('demands a push within the maximal age of the state, and requests no runs', () => {
    expect(sourceOf('{ kind: push }', 'reconciliation: { max_internal_age_seconds: 90 }')).toEqual({
      kind: 'push',
      account: 'main',
      maxSilenceSeconds: 90,
      runEverySeconds: null,
      maxBytes: 32 * 1024 ** 2,
    });
    expect(sourceOf('{ kind: push, max_internal_age_seconds: 40 }')).toMatchObject({ maxSilenceSeconds: 40 });
  });

  it.each([
    ['run_on_push: true', 15],
    ['run_on_push: false', null],
    ['run_on_push: { every_seconds: 5 }', 5],
  ])('with %s requests at most one run in %j s', (field, seconds) => {
    const config = configOf(`{ kind: push, max_silence_seconds: 20, max_bytes: 9, ${field} }`);
    expect([...pushesOf(config)]).toMatchObject([['main', { maxBytes: 9, runEverySeconds: seconds }]]);
    expect(config.accounts[0]?.internal[0]?.source).toMatchObject({ maxSilenceSeconds: 20 });
  });

  it.each([
    ['{ kind: push, run_on_push: { every_seconds: 1 } }', /run_on_push/],
    ['{ kind: push, run_on_push: often }', /run_on_push/],
    ['{ kind: push, max_bytes: 100000000 }', /max_bytes/],
    ['{ kind: push, url: "http://127.0.0.1" }', /internal/],
    ['[{ name: a, kind: push }, { name: b, kind: push }]', /internal\[1\]/],
  ])('refuses %s', (internal, path) => {
    expect(problemsOf(internal)).toMatchObject([{ path: expect.stringMatching(path), remedy: expect.any(String) }]);
  });

  it('may be one source of several', () => {
    const config = configOf('[{ name: a, kind: push }, { name: b, kind: file, path: b.json }]');
    expect(config.accounts[0]?.internal.map(({ source }) => source.kind)).toEqual(['push', 'file']);
  });
});
