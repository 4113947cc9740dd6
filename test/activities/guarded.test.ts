import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { guarded } from '../../src/activities/run-attempt.js';

const redact = (text: string): string => text.replaceAll('hunter2', '[redacted]');

async function thrownBy(error: unknown): Promise<unknown> {
  const environment = new MockActivityEnvironment({
    workflowExecution: { workflowId: 'manual-intervention/main', runId: 'any' },
  });
  const failing = async (): Promise<never> => {
    throw error;
  };
  const activity = async (): Promise<unknown> => {
    try {
      return await guarded({ redact, account: 'main' }, failing);
    } catch (thrown) {
      return thrown;
    }
  };
  return environment.run(activity);
}

describe('what a channel throws', () => {
  it('leaves as its redacted text alone, to be tried again', async () => {
    const error = Object.assign(new Error('POST https://hooks/hunter2 failed', { cause: new Error('hunter2') }), {
      request: { token: 'hunter2' },
    });
    const thrown = await thrownBy(error);
    expect(thrown).toBeInstanceOf(ApplicationFailure);
    expect(thrown).toMatchObject({ message: 'Error: POST https://hooks/[redacted] failed', nonRetryable: false });
    const { stack, cause, details } = thrown as ApplicationFailure;
    expect(JSON.stringify([{ ...(thrown as object) }, stack, cause ?? null, details ?? null])).not.toContain('hunter2');
  });

  it.each(['hunter2', { message: 'hunter2' }, null])('is redacted even if it is no error: %j', async (error) => {
    expect(JSON.stringify([(await thrownBy(error)) as Error, String(await thrownBy(error))])).not.toContain('hunter2');
  });

  it('keeps its retry settings', async () => {
    const error = ApplicationFailure.create({ message: 'no hunter2', type: 'Refused', nonRetryable: true });
    expect(await thrownBy(error)).toMatchObject({ type: 'Refused', nonRetryable: true });
    expect(await thrownBy(ApplicationFailure.create({ message: 'wait', nextRetryDelay: '5s' }))).toMatchObject({
      nonRetryable: false,
      nextRetryDelay: '5s',
    });
  });

  it('does not change a cancellation', async () => {
    const cancelled = new CancelledFailure('the worker goes');
    expect(await thrownBy(cancelled)).toBe(cancelled);
  });
});
