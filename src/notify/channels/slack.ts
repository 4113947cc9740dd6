import type { ChannelConfigOf } from '../../config/channel-config.js';
import { FailureError, isRetryable, type FailureKind } from '../../domain/failure/failure.js';
import { readHeaderSecret, readSecretAddress, secretSetting, settingOf, type ChannelParts } from '../channel-parts.js';
import type { Channel, DeliverOptions, Message, Receipt } from '../channel.js';
import { below, mapOf, notItsAnswer, sendTo, type Refusal, type Service, type ServiceAnswer } from './http-sender.js';
import { slackBlocks, slackFallback } from './slack-blocks.js';
import { isUrgent } from './message-views.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Slack, in one of two ways. An incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)
 * needs one secret address and answers "ok" without an id, so that its messages cannot be kept in a thread. A bot
 * (https://docs.slack.dev/reference/methods/chat.postMessage) keeps all messages of a call in one thread.
 */
export function createSlackChannel(config: ChannelConfigOf<'slack'>, parts: ChannelParts): Channel {
  const deliver = config.secrets.token === undefined ? byWebhook(config, parts) : asBot(config, parts);
  return { name: config.name, kind: 'slack', deliver };
}

function byWebhook(config: ChannelConfigOf<'slack'>, parts: ChannelParts): Channel['deliver'] {
  const setting = secretSetting(config, 'url');
  const settings = { secret: setting, address: setting };
  const service: Service = {
    name: 'Slack',
    settings,
    deadlineSeconds: config.settings.deadlineSeconds,
    judge: (answer) => (answer.status === 200 && !isOk(answer) ? notItsAnswer(answer, settings) : null),
  };
  return async (message, { signal }) => {
    const url = readSecretAddress(config, 'url', parts);
    const body = JSON.stringify({ text: slackFallback(message), blocks: slackBlocks(message), unfurl_links: false });
    await sendTo(service, { url, contentType: JSON_TYPE, body, signal }, parts);
    return { id: null, thread: null };
  };
}

function isOk({ text, isWhole }: ServiceAnswer): boolean {
  return isWhole && text.trim() === 'ok';
}

function asBot(config: ChannelConfigOf<'slack'>, parts: ChannelParts): Channel['deliver'] {
  const { name, settings } = config;
  const places = { secret: secretSetting(config, 'token'), address: settingOf(name, 'base_url') };
  const service: Service = {
    name: 'Slack',
    settings: places,
    deadlineSeconds: settings.deadlineSeconds,
    judge: (answer) => judgeMethod(answer, { ...places, channel: settingOf(name, 'channel') }),
  };
  const url = below(settings.baseUrl, '/api/chat.postMessage');

  async function post(message: Message, signal: AbortSignal, thread: string | null): Promise<Receipt> {
    const authorization = `Bearer ${readHeaderSecret(config, 'token', parts)}`;
    const answer = await sendTo(
      service,
      { url, headers: { authorization }, contentType: JSON_TYPE, body: bodyOf(message, thread), signal },
      parts,
    );
    const ts = mapOf(answer)?.['ts'];
    const id = typeof ts === 'string' ? ts.slice(0, 200) : null;
    return { id, thread: thread ?? id };
  }

  function bodyOf(message: Message, thread: string | null): string {
    return JSON.stringify({
      channel: settings.channel,
      text: slackFallback(message),
      blocks: slackBlocks(message),
      unfurl_links: false,
      unfurl_media: false,
      // Slack has no idempotency key. With these, programs that read the channel can recognise a duplicate.
      metadata: { event_type: 'plumbline_message', event_payload: { key: message.key, thread: message.thread } },
      // A reply alone notifies only those who follow the thread.
      ...(thread === null ? {} : { thread_ts: thread, reply_broadcast: isUrgent(message) }),
    });
  }

  return async (message: Message, { signal, previousThread }: DeliverOptions) => {
    if (previousThread === null) return post(message, signal, null);
    try {
      return await post(message, signal, previousThread);
    } catch (error) {
      // Somebody deleted the first message.
      if (!(error instanceof FailureError) || !THREAD_GONE.test(error.message)) throw error;
      return post(message, signal, null);
    }
  };
}

const THREAD_GONE = /: (?:thread_not_found|message_not_found|cannot_reply_to_message)$/;

/** The errors of chat.postMessage that are not about the channel. https://docs.slack.dev/reference/methods/chat.postMessage */
const BY_ERROR: Readonly<Record<string, FailureKind>> = {
  ratelimited: 'rate_limited',
  rate_limited: 'rate_limited',
  message_limit_exceeded: 'rate_limited',
  internal_error: 'maintenance',
  fatal_error: 'maintenance',
  service_unavailable: 'maintenance',
  team_added_to_org: 'maintenance',
  request_timeout: 'timeout',
  invalid_auth: 'authentication',
  not_authed: 'authentication',
  account_inactive: 'authentication',
  token_expired: 'authentication',
  token_revoked: 'authentication',
  two_factor_setup_required: 'authentication',
  access_denied: 'permission',
  accesslimited: 'permission',
  ekm_access_denied: 'permission',
  enterprise_is_restricted: 'permission',
  missing_scope: 'permission',
  no_permission: 'permission',
  not_allowed_token_type: 'permission',
  not_in_channel: 'permission',
  restricted_action: 'permission',
  team_access_not_granted: 'permission',
};

interface Places {
  secret: string;
  address: string;
  channel: string;
}

/** Methods answer HTTP 200 with `ok: false` and the name of an error. */
function judgeMethod(answer: ServiceAnswer, places: Places): Refusal | null {
  if (answer.status !== 200) return null;
  const said = mapOf(answer);
  if (said?.['ok'] === true && typeof said['ts'] === 'string') return null;
  const { error } = said ?? {};
  if (typeof error !== 'string') return notItsAnswer(answer, places);
  const kind = BY_ERROR[error] ?? 'configuration';
  const [remedy, where] = adviceOf(kind, places);
  return { kind, remedy, said: error, ...(where === null ? {} : { where }) };
}

function adviceOf(kind: FailureKind, { secret, channel }: Places): [remedy: string, where: string | null] {
  if (isRetryable(kind)) return ['wait; Plumbline tries again', null];
  if (kind === 'authentication') {
    return [`check the value that ${secret} names: the bot token of an installed app, xoxb-...`, secret];
  }
  if (kind === 'permission') {
    return ['give the app the scope chat:write, and invite its bot to the channel (/invite)', secret];
  }
  return [`check ${channel}: the id of a channel to which the bot was invited`, channel];
}
