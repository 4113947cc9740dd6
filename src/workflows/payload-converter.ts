import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

/** Replaces a payload that cannot be decoded. The validator of the handler refuses it. */
export class UnreadablePayload {
  constructor(readonly problem: string) {}
}

/**
 * Decodes any payload. Temporal's own converter throws if a payload has an unknown encoding or broken JSON. Inside a
 * workflow that fails the workflow task on every attempt, so one bad signal would stop the account for good.
 *
 * Temporal's workflow bundler requires this export name.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload: (payload) => decoded(payload) as never,
};

function decoded(payload: Payload): unknown {
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch (error) {
    const problem = error instanceof Error ? error.message.slice(0, 200) : 'unknown reason';
    return new UnreadablePayload(problem);
  }
}
