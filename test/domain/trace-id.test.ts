import { describe, expect, it } from '@jest/globals';
import { spanIdOf, traceIdOf } from '../../src/domain/lifecycle/trace-id.js';

const workflowRunId = '0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';

describe('the trace of a run', () => {
  it('follows from the run alone', () => {
    const traceId = traceIdOf({ workflowRunId, runNumber: 7 });
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(traceIdOf({ workflowRunId, runNumber: 7 })).toBe(traceId);
    expect(spanIdOf(traceId, 'run')).toMatch(/^[0-9a-f]{16}$/);
    expect(spanIdOf(traceId, 'run')).not.toBe(spanIdOf(traceId, '1'));
  });

  it('is a MurmurHash3 of run id and number, with the seeds 0 to 3', () => {
    // Computed with another implementation (mmh3 of Python).
    const traceId = 'e7329fd4e3e06010a14fe250d5933547';
    expect(traceIdOf({ workflowRunId, runNumber: 7 })).toBe(traceId);
    expect(spanIdOf(traceId, 'run')).toBe('57a6f822087f6cd3');
  });

  it('is well distributed over runs, so that a sampler takes its share of them', () => {
    const ids = Array.from({ length: 2_000 }, (_, runNumber) => traceIdOf({ workflowRunId, runNumber }));
    expect(new Set(ids).size).toBe(ids.length);
    for (let digit = 0; digit < 32; digit++) {
      const values = new Set(ids.map((id) => id[digit]));
      expect(values.size).toBe(16);
    }
    const low = ids.filter((id) => Number.parseInt(id.slice(-8), 16) < 0x8000_0000).length;
    expect(low).toBeGreaterThan(900);
    expect(low).toBeLessThan(1_100);
  });
});
