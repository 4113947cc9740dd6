import type { ChannelConfigOf } from '../../config/channel-config.js';
import { readSecret, secretSetting, type ChannelParts } from '../channel-parts.js';
import type { Channel, Message } from '../channel.js';
import { ruleOfStatus } from './http-failures.js';
import { below, mapOf, notItsAnswer, sendTo, type Refusal, type ServiceAnswer, type Service } from './http-sender.js';
import { shortened } from './shortened.js';
import { isNews, isUrgent } from './message-views.js';

// https://pushover.net/api#limits
const MESSAGE_LENGTH = 1_024;
const TITLE_LENGTH = 250;
const URL_LENGTH = 512;
const URL_TITLE_LENGTH = 100;

/**
 * Pushover (https://pushover.net/api). A page is an emergency, which sounds until somebody confirms it on a device or it expires;
 * when the call is acknowledged or resolved elsewhere, its alarms are cancelled. Pushover has no idempotency key.
 */
export function createPushoverChannel(config: ChannelConfigOf<'pushover'>, parts: ChannelParts): Channel {
  const { name, settings } = config;
  const places = {
    secret: secretSetting(config, 'token'),
    address: `notify.channels.${name}.base_url`,
    user: secretSetting(config, 'user'),
  };
  const service: Service = {
    name: 'Pushover',
    settings: places,
    deadlineSeconds: settings.deadlineSeconds,
    judge: (answer) => judge(answer, places),
  };

  const post = async (path: string, form: Record<string, string>, signal: AbortSignal): Promise<ServiceAnswer> =>
    sendTo(
      service,
      {
        url: below(settings.baseUrl, path),
        contentType: 'application/x-www-form-urlencoded',
        body: new URLSearchParams(form).toString(),
        signal,
      },
      parts,
    );

  return {
    name,
    kind: 'pushover',
    async deliver(message, { signal, previousThread }) {
      const token = readSecret(config, 'token', parts);
      const user = readSecret(config, 'user', parts);
      if (isNews(message) && previousThread === EMERGENCY) {
        await post(`/1/receipts/cancel_by_tag/${encodeURIComponent(message.thread)}.json`, { token }, signal);
      }
      const answer = await post('/1/messages.json', { token, user, ...formOf(message, settings) }, signal);
      const id = mapOf(answer)?.['request'];
      return {
        id: typeof id === 'string' ? id.slice(0, 200) : null,
        thread: previousThread ?? (isUrgent(message) ? EMERGENCY : null),
      };
    },
  };
}

/** The thread of a call that has alarms to cancel. Pushover finds them by their tag. */
const EMERGENCY = 'emergency';

function formOf(
  message: Message,
  { retrySeconds, expireSeconds }: ChannelConfigOf<'pushover'>['settings'],
): Record<string, string> {
  const { subject, text, link, thread } = message;
  const hasRoom = link !== null && link.url.length <= URL_LENGTH;
  const long = link !== null && !hasRoom ? `${link.url}\n${text}` : text;
  return {
    title: shortened(subject, TITLE_LENGTH),
    message: shortened(long, MESSAGE_LENGTH),
    ...(hasRoom ? { url: link.url, url_title: shortened(link.label, URL_TITLE_LENGTH) } : {}),
    ...(isUrgent(message)
      ? { priority: '2', retry: String(retrySeconds), expire: String(expireSeconds), tags: thread }
      : { priority: '0' }),
  };
}

interface Places {
  secret: string;
  address: string;
  user: string;
}

/** `status` is 1 for a success. Otherwise `errors` has sentences, and the wrong parameter is a key with the value "invalid". */
function judge(answer: ServiceAnswer, places: Places): Refusal | null {
  const said = mapOf(answer);
  if (said?.['status'] === 1 && answer.status === 200) return null;
  const errors: unknown = said?.['errors'];
  if (!Array.isArray(errors)) return answer.status === 200 ? notItsAnswer(answer, places) : null;
  const text = errors.map(String).join('; ');
  if (answer.status === 429 || answer.status >= 500) return { ...ruleOfStatus(answer.status, places), said: text };
  const where = said?.['token'] === 'invalid' ? places.secret : said?.['user'] === 'invalid' ? places.user : null;
  if (where === null) return { kind: 'configuration', remedy: 'read what Pushover answered', said: text };
  return { kind: 'authentication', remedy: `check the value that ${where} names`, said: text, where };
}
