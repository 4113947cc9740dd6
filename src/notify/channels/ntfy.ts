import type { ChannelConfigOf } from '../../config/channel-config.js';
import { channelFailure } from '../channel-failure.js';
import { readHeaderSecret, readSecret, secretSetting, settingOf, type ChannelParts } from '../channel-parts.js';
import type { Channel, Message } from '../channel.js';
import { ruleOfStatus } from './http-failures.js';
import { mapOf, notItsAnswer, sendTo, type Refusal, type Service, type ServiceAnswer } from './http-sender.js';
import { shortened, shortenedBytes } from './shortened.js';
import { isCall, isNews, isUrgent } from './message-views.js';

/** https://docs.ntfy.sh/publish/#limitations: a longer message becomes an attachment. */
const MESSAGE_BYTES = 4_096;
const TITLE_LENGTH = 250;

/**
 * ntfy: JSON to the root of the server (https://docs.ntfy.sh/publish/#publish-as-json). Pages have the highest priority, which
 * phones may let through "do not disturb". ntfy has no idempotency key and no threads.
 */
export function createNtfyChannel(config: ChannelConfigOf<'ntfy'>, parts: ChannelParts): Channel {
  const { name, settings } = config;
  const places = {
    secret: config.secrets.token === undefined ? settingOf(name, 'token_env') : secretSetting(config, 'token'),
    address: settingOf(name, 'url'),
  };
  const service: Service = {
    name: 'ntfy',
    settings: places,
    deadlineSeconds: settings.deadlineSeconds,
    judge: (answer) => judge(answer, places),
  };
  return {
    name,
    kind: 'ntfy',
    async deliver(message, { signal }) {
      const topic = settings.topic ?? secretTopic();
      const headers: Record<string, string> = {};
      if (config.secrets.token !== undefined) {
        headers['authorization'] = `Bearer ${readHeaderSecret(config, 'token', parts)}`;
      }
      const body = JSON.stringify({ topic, ...bodyOf(message) });
      const url = new URL(settings.url);
      const answer = await sendTo(service, { url, headers, contentType: 'application/json', body, signal }, parts);
      const id = mapOf(answer)?.['id'];
      return { id: typeof id === 'string' ? id.slice(0, 200) : null, thread: null };
    },
  };

  function secretTopic(): string {
    const topic = readSecret(config, 'topic', parts);
    if (/^[-_A-Za-z0-9]{1,64}$/.test(topic)) return topic;
    const where = secretSetting(config, 'topic');
    throw channelFailure(
      'configuration',
      `the value that ${where} names is not a topic`,
      'use letters, digits, _ and -, at most 64',
      { where },
    );
  }
}

function bodyOf(message: Message): object {
  const { subject, text, link } = message;
  const action =
    link === null ? {} : { click: link.url, actions: [{ action: 'view', label: link.label, url: link.url }] };
  return {
    title: shortened(subject, TITLE_LENGTH),
    message: shortenedBytes(text, MESSAGE_BYTES),
    priority: priorityOf(message),
    tags: [tagOf(message)],
    ...action,
  };
}

/** 5 is "max", 3 is "default", 2 is "low". https://docs.ntfy.sh/publish/#message-priority */
function priorityOf(message: Message): number {
  if (isNews(message)) return 2;
  return isUrgent(message) ? 5 : 3;
}

/** Tags that ntfy shows as emojis. https://docs.ntfy.sh/emojis */
function tagOf(message: Message): string {
  if (isCall(message)) return isUrgent(message) ? 'rotating_light' : 'warning';
  return message.occasion === 'acknowledged' ? 'eyes' : 'white_check_mark';
}

/** Errors have a text in `error`. A success has the stored message. */
function judge(answer: ServiceAnswer, places: Service['settings']): Refusal | null {
  const said = mapOf(answer);
  if (answer.status === 200) {
    return said?.['event'] === 'message' && typeof said['id'] === 'string' ? null : notItsAnswer(answer, places);
  }
  const error = said?.['error'];
  if (typeof error !== 'string') return null;
  const rule = ruleOfStatus(answer.status, places);
  const isDenied = answer.status === 401 || answer.status === 403;
  const remedy = `let the user of ${places.secret} write to the topic (ntfy access), or check the token`;
  return { ...rule, said: error, ...(isDenied ? { remedy } : {}) };
}
