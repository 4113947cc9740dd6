import { createComposer } from './activities/compose.js';
import type { ActivityDependencies } from './activities/dependencies.js';
import { commandEnvironment } from './config/command-environment.js';
import type { PlumblineConfig, SecretSource } from './config/config.js';
import type { Ledger } from './ledger/contract/ledger.js';
import { threadOf } from './ledger/contract/message-key.js';
import type { NotificationBatch } from './ledger/contract/notifications.js';
import type { Logger } from './logging/logger.js';
import type { Message } from './notify/channel.js';
import { createChannels } from './notify/channels/create-channels.js';
import { messageLink } from './notify/link.js';
import type { Redactor } from './redaction/redactor.js';

export interface CallParts {
  config: PlumblineConfig;
  ledger: Ledger;
  redactor: Redactor;
  logger: Logger;
  resolveSecret: (source: SecretSource, what: string) => string;
}

/** How a worker calls people: the configured channels, and what a message says. */
export interface Calls extends Pick<ActivityDependencies, 'channel' | 'compose' | 'statusUrl'> {
  close(): Promise<void>;
}

export function createCalls({ config, ledger, redactor, logger, resolveSecret }: CallParts): Calls {
  const channels = createChannels(config.notify.channels, {
    resolveSecret,
    redactor,
    log: logger,
    now: Date.now,
    commandEnvironment: commandEnvironment(config),
  });
  const byName = new Map(channels.map((channel) => [channel.name, channel]));
  const { publicUrl, linkSecret } = config.serve;

  /**
   * A one-time link is for one intervention. A message about several accounts leads to the status page, which asks for a token and
   * lists the accounts that need a human.
   */
  const linkOf = ({ key, members }: NotificationBatch): Message['link'] => {
    const [only, ...others] = members;
    if (publicUrl === null || linkSecret === null || only === undefined) return null;
    if (others.some(({ interventionId }) => interventionId !== only.interventionId)) {
      return { url: `${publicUrl}/?show=intervention`, label: 'See the accounts' };
    }
    const secret = resolveSecret(linkSecret, 'serve.link_secret');
    redactor.add(secret);
    const { account, interventionId, channel } = only;
    return messageLink({ publicUrl, secret }, { account, interventionId, channel, key }, new Date());
  };

  return {
    ...(publicUrl !== null && { statusUrl: (account: string) => `${publicUrl}/accounts/${account}` }),
    channel: (name) => byName.get(name),
    compose: createComposer({ ledger, redact: (text) => redactor.text(text), now: Date.now, threadOf, linkOf }),
    close: async () => {
      await Promise.all(channels.map(async (channel) => channel.close?.()));
    },
  };
}
