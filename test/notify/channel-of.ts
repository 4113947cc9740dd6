import { parseConfig } from '../../src/config/load-config.js';
import type { Channel } from '../../src/notify/channel.js';
import { createChannels } from '../../src/notify/channels/create-channels.js';
import { resolveSecret } from '../../src/config/environment.js';
import { createRedactor } from '../../src/redaction/redactor.js';

/** The value of the environment variable SECRET. */
export const SECRET = 'hunter2-hunter2-hunter2';
export const NOW = Date.parse('2026-11-29T02:10:00.000Z');

/** The channel "it" from the fields of a configuration, in YAML. */
export function channelOf(fields: string): Channel {
  const { notify } = parseConfig(
    `accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }
    internal: { kind: file, path: state.json }
notify: { channels: { it: ${fields} } }
`,
    '/etc/plumbline/plumbline.yaml',
  );
  const env = { SECRET };
  const channels = createChannels(notify.channels, {
    resolveSecret: (source, what) => resolveSecret(source, what, { env }),
    redactor: createRedactor(),
    log: { error: () => {}, warn: () => {}, info: () => {} },
    now: () => NOW,
    commandEnvironment: { PATH: process.env['PATH'] },
  });
  const channel = channels.find(({ name }) => name === 'it');
  if (channel === undefined) throw new Error('no channel');
  return channel;
}
