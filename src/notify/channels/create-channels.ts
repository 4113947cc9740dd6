import type { ChannelConfig, ChannelConfigOf } from '../../config/channel-config.js';
import type { ChannelKind } from '../../config/notify-schema.js';
import { LOG_CHANNEL } from '../../domain/policy/channel-name.js';
import { createAlertmanagerChannel } from './alertmanager.js';
import { createAppriseChannel } from './apprise.js';
import type { ChannelParts } from '../channel-parts.js';
import type { Channel } from '../channel.js';
import { createCommandChannel } from './command.js';
import { createDiscordChannel } from './discord.js';
import { createEmailChannel } from './email.js';
import { createLogLines } from './log.js';
import { createNtfyChannel } from './ntfy.js';
import { createOpsgenieChannel } from './opsgenie.js';
import { createPagerdutyChannel } from './pagerduty.js';
import { createPushoverChannel } from './pushover.js';
import { createSlackChannel } from './slack.js';
import { createTelegramChannel } from './telegram.js';
import { createWebhookChannel } from './webhook.js';

type Factories = { [Kind in ChannelKind]: (config: ChannelConfigOf<Kind>, parts: ChannelParts) => Channel };

const FACTORIES: Factories = {
  log: ({ name }, { log }) => createLogLines(name, log),
  webhook: createWebhookChannel,
  slack: createSlackChannel,
  discord: createDiscordChannel,
  telegram: createTelegramChannel,
  ntfy: createNtfyChannel,
  pushover: createPushoverChannel,
  pagerduty: createPagerdutyChannel,
  opsgenie: createOpsgenieChannel,
  alertmanager: createAlertmanagerChannel,
  email: createEmailChannel,
  command: createCommandChannel,
  apprise: createAppriseChannel,
};

/**
 * The configured channels, and `log`, which always exists. Secrets are read for each message and not here, so that a missing
 * secret fails the messages of its own channel, and neither those of other channels nor the worker.
 */
export function createChannels(configs: readonly ChannelConfig[], parts: ChannelParts): Channel[] {
  const channels = configs.map((config) => create(config, parts));
  const hasLog = configs.some(({ name }) => name === LOG_CHANNEL);
  return hasLog ? channels : [createLogLines(LOG_CHANNEL, parts.log), ...channels];
}

function create<Kind extends ChannelKind>(
  config: ChannelConfigOf<Kind> & { kind: Kind },
  parts: ChannelParts,
): Channel {
  return FACTORIES[config.kind](config, parts);
}
