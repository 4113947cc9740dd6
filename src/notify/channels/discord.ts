import type { ChannelConfigOf } from '../../config/channel-config.js';
import { version } from '../../runtime/version.js';
import { readSecretAddress, secretSetting, type ChannelParts } from '../channel-parts.js';
import type { Channel, Message } from '../channel.js';
import { ruleOfStatus, type Settings } from './http-failures.js';
import { mapOf, notItsAnswer, sendTo, type Refusal, type Service, type ServiceAnswer } from './http-sender.js';
import { shortened } from './shortened.js';
import { isCall, isUrgent } from './message-views.js';

// https://docs.discord.com/developers/resources/message#embed-object-embed-limits
const DESCRIPTION_LENGTH = 4_096;
/** https://docs.discord.com/developers/reference#user-agent: clients must name themselves in this form. */
const USER_AGENT = `DiscordBot (https://plumbline.invalid, ${version})`;

const RED = 0xd92d20;
const AMBER = 0xf79009;
const GREEN = 0x12b76a;

/**
 * A Discord webhook (https://docs.discord.com/developers/resources/webhook#execute-webhook): the subject as content, because
 * phones show it, and the text as an embed. Nothing in the text can mention anybody. Webhooks cannot reply, so the messages of
 * a call are not in a thread.
 */
export function createDiscordChannel(config: ChannelConfigOf<'discord'>, parts: ChannelParts): Channel {
  const setting = secretSetting(config, 'url');
  const settings = { secret: setting, address: setting };
  const service: Service = {
    name: 'Discord',
    settings,
    deadlineSeconds: config.settings.deadlineSeconds,
    judge: (answer) => judge(answer, settings),
  };
  return {
    name: config.name,
    kind: 'discord',
    async deliver(message, { signal }) {
      const url = readSecretAddress(config, 'url', parts);
      // With `wait`, Discord answers with the id of the stored message.
      url.searchParams.set('wait', 'true');
      const headers = { 'user-agent': USER_AGENT };
      const body = JSON.stringify(bodyOf(message));
      const answer = await sendTo(service, { url, headers, contentType: 'application/json', body, signal }, parts);
      const id = mapOf(answer)?.['id'];
      return { id: typeof id === 'string' ? id.slice(0, 200) : null, thread: null };
    },
  };
}

function bodyOf(message: Message): object {
  const { subject, text, link, since } = message;
  const linked = link === null ? '' : `\n\n${escapeDiscord(link.label)}: ${link.url}`;
  return {
    content: escapeDiscord(subject),
    embeds: [
      {
        description: shortened(escapeDiscord(text), DESCRIPTION_LENGTH - linked.length) + linked,
        color: colorOf(message),
        timestamp: since,
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

function colorOf(message: Message): number {
  if (!isCall(message)) return GREEN;
  return isUrgent(message) ? RED : AMBER;
}

/** Escapes characters with a meaning in Discord's Markdown, mentions included. */
function escapeDiscord(text: string): string {
  return text.replaceAll(/[\\*_~`|<>[\]#]/g, '\\$&');
}

function judge(answer: ServiceAnswer, settings: Settings): Refusal | null {
  const said = mapOf(answer);
  if (answer.status === 429) {
    // https://docs.discord.com/developers/topics/rate-limits: seconds with a fraction; the header is rounded.
    const seconds = said?.['retry_after'];
    return { ...ruleOfStatus(429, settings), retryAfterSeconds: typeof seconds === 'number' ? seconds : null };
  }
  if (answer.status !== 200) return null;
  return typeof said?.['id'] === 'string' ? null : notItsAnswer(answer, settings);
}
