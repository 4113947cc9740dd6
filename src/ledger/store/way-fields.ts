import type { ActRequest } from '../../domain/lifecycle/way.js';
import { bounded } from './stored-text.js';

/** The event fields that name the way of a person's act. Unknown ones are absent. */
export function wayFields({ via, channel, requestId }: ActRequest): Record<string, unknown> {
  return {
    ...(via !== undefined && { via }),
    ...(channel !== undefined && { channel: bounded(channel) }),
    ...(requestId !== undefined && { request_id: bounded(requestId) }),
  };
}
