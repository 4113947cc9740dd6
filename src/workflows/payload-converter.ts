import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

/** What a handler gets in place of a payload that cannot be decoded. Its validator refuses it. */
export class UnreadablePayload {
  constructor(readonly problem: string) {}
}

/**
 * Decodes any payload. Temporal's own converter throws for a payload of an unknown encoding or with broken JSON; inside a
 * workflow that fails the workflow task, again and again, so one bad signal would stop the account for good.
 *
 * The bundler looks for this name.
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
