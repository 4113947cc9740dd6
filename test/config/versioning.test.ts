import { describe, expect, it } from '@jest/globals';
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
