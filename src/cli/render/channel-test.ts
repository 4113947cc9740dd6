import type { ChannelTest } from '../steps/test-channels.js';
import type { Reported } from './check.js';

/** One line for each channel, with its receipt, or with its failure and what to do. */
export function reportedTest({ channel, kind, milliseconds, receipt, failure }: ChannelTest): Reported {
  if (failure === null) {
    const id = receipt === null ? 'it gives no receipt' : `receipt ${receipt}`;
    return { name: channel, state: 'ok', text: `${kind}: delivered in ${milliseconds} ms; ${id}`, remedy: null };
  }
  const again = failure.retryable ? ' (a worker would try again)' : '';
  return {
    name: channel,
    state: 'failed',
    text: `${kind}: ${failure.kind}: ${failure.message}${again}`,
    remedy: failure.remedy,
  };
}

/** For programs. */
export function testDocument({ channel, kind, milliseconds, receipt, failure }: ChannelTest) {
  return { channel, kind, delivered: failure === null, duration_ms: milliseconds, receipt, failure };
}
