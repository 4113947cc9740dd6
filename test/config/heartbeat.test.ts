import { describe, expect, it } from '@jest/globals';
import { ConfigError, parseConfig } from '../../src/config/load-config.js';

const text = (defaults: string | null, own: string | null): string => `
${defaults === null ? '' : `reconciliation: { heartbeat: ${defaults} }`}
accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }
    internal: { kind: file, path: state.json }
${own === null ? '' : `    reconciliation: { heartbeat: ${own} }`}
`;
const read = (defaults: string | null, own: string | null = null) =>
  parseConfig(text(defaults, own), '/etc/plumbline/plumbline.yaml').accounts[0]?.heartbeat;

function problems(defaults: string | null, own: string | null = null): string[] {
  try {
    read(defaults, own);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('heartbeat in the configuration', () => {
  it('is absent unless it is given', () => expect(read(null)).toBeUndefined());

  it('has the name of its URL; by default it is plain and gets verdicts only', () => {
    expect(read('{ url_env: PING }')).toEqual({
      kind: 'plain',
      url: { env: 'PING' },
      reportFailures: false,
      allowPlainHttp: false,
    });
  });

  it('of an account replaces that of all accounts', () => {
    const own = '{ kind: healthchecks, url_file: ping, report_failures: true }';
    expect(read('{ kind: uptime_kuma, url_env: PING }', own)).toEqual({
      kind: 'healthchecks',
      url: { file: '/etc/plumbline/ping' },
      reportFailures: true,
      allowPlainHttp: false,
    });
  });

  it.each<[string, string]>([
    ['{ kind: plain }', 'heartbeat: it has no url'],
    ['{ url_env: A, url_file: b }', 'heartbeat.url_file: both url_env and url_file are given'],
    ['{ url_env: A, report_failures: true }', 'heartbeat.report_failures: a plain URL has no address for failures'],
    ['{ url: "https://hc-ping.com/abc" }', 'heartbeat.url: '],
    ['{ url_env: A, kind: cronitor }', 'heartbeat.kind: '],
  ])('is refused as %s, in the defaults and in an account', (heartbeat, problem) => {
    expect(problems(heartbeat)[0]).toContain(`reconciliation.${problem}`);
    expect(problems(null, heartbeat)[0]).toContain(`accounts.main.reconciliation.${problem}`);
  });
});
