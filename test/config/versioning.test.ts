import { describe, expect, it } from '@jest/globals';
import { readEnvironment } from '../../src/config/environment.js';
import { parseConfig } from '../../src/config/load-config.js';

const versioningOf = (deployment: string) =>
  parseConfig(
    `accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }
    internal: { kind: file, path: s.json }
temporal: { versioning: { deployment: ${JSON.stringify(deployment)} } }
`,
    'plumbline.yaml',
  ).versioning;

describe('temporal.versioning', () => {
  it('names the worker deployment', () => {
    expect(versioningOf('desk_hk-1')).toEqual({ deployment: 'desk_hk-1' });
  });

  it.each(['', 'a b', 'a.b', 'a:b', '__reserved', 'x'.repeat(81)])('refuses the name %j', (deployment) => {
    expect(() => versioningOf(deployment)).toThrow(/temporal\.versioning\.deployment/);
  });
});

describe('PLUMBLINE_BUILD_ID', () => {
  it('replaces the build of the code as the version', () => {
    expect(readEnvironment({ PLUMBLINE_BUILD_ID: '1.2.3-rc.1+5_x' }).buildId).toBe('1.2.3-rc.1+5_x');
    expect(readEnvironment({ PLUMBLINE_BUILD_ID: ' ' }).buildId).toBeNull();
  });

  it.each(['-a', 'a b', 'a:b', 'a/b', 'x'.repeat(81)])('is refused if it is %j', (buildId) => {
    expect(() => readEnvironment({ PLUMBLINE_BUILD_ID: buildId })).toThrow(/PLUMBLINE_BUILD_ID/);
  });
});
