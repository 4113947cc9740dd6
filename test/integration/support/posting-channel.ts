import type { Channel } from '../../../src/notify/channel.js';

/** A channel that posts each message, as JSON, to a test's server. */
export function postingChannel(name: string, url: string): Channel {
  return {
    name,
    kind: 'test',
    async deliver(message, { signal }) {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(message), signal });
      return { id: await response.text(), thread: null };
    },
  };
}
