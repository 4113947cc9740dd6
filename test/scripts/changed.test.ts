import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
// @ts-expect-error: a script without types
import * as changed from '../../scripts/changed.mjs';

const { testsOf } = changed as { testsOf: (files: readonly string[], related: readonly string[]) => string[] };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const paths = (...files: string[]): string[] => files.map((file) => join(ROOT, file));

describe('the tests of what changed', () => {
  it('are those of its rooms that import it, the layout, and what documents name', () => {
    const related = paths('test/net/http-client.test.ts', 'test/exchange/transport.test.ts', 'test/cli/apply.test.ts');
    expect(testsOf(['src/net/http-client.ts', 'src/exchange/session.ts'], related)).toEqual([
      'test/net/http-client.test.ts',
      'test/exchange/transport.test.ts',
      'test/layout.test.ts',
      'test/packages.test.ts',
      'test/scripts/documents.test.ts',
    ]);
  });

  it('of a package are those of its folder in test/', () => {
    const related = paths('test/simulator/faults.test.ts', 'test/exchange/simulated-okx.test.ts');
    expect(testsOf(['packages/exchange-simulator/src/faults.ts'], related)).toEqual([
      'test/simulator/faults.test.ts',
      'test/layout.test.ts',
      'test/packages.test.ts',
      'test/scripts/documents.test.ts',
    ]);
  });

  it('of a document are those of what it names', () => {
    expect(testsOf(['docs/ledger.md'], [])).toEqual(['test/scripts/documents.test.ts']);
  });

  it('of workflows and domain include the replay of stored histories', () => {
    const related = paths('test/replay/replay.test.ts', 'test/http/gate.test.ts');
    for (const file of ['src/workflows/run.ts', 'src/domain/compare/compare.ts'])
      expect(testsOf([file], related)).toContain('test/replay/replay.test.ts');
    expect(testsOf(['src/ledger/write/prune.ts'], related)).not.toContain('test/replay/replay.test.ts');
  });

  it('of a file at the top are those that carry its name', () => {
    const related = paths('test/worker-metrics.test.ts', 'test/worker-memory.test.ts');
    expect(testsOf(['src/worker-metrics.ts'], related)).toContain('test/worker-metrics.test.ts');
    expect(testsOf(['src/worker-metrics.ts'], related)).not.toContain('test/worker-memory.test.ts');
  });

  it('are a test itself where only it changed', () => {
    expect(testsOf(['test/cli/apply.test.ts'], paths('test/cli/apply.test.ts'))).toEqual(['test/cli/apply.test.ts']);
  });
});
