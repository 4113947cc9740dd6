import type { ChannelConfigOf } from '../../config/channel-config.js';
import { readSecret, secretSetting, settingOf, type ChannelParts } from '../channel-parts.js';
import { channelFailure } from '../channel-failure.js';
import { ruleOfStatus, type Settings } from './http-failures.js';
import { below, mapOf, notItsAnswer, sendTo, type Refusal, type ServiceAnswer } from './http-sender.js';

/** Calls a method of the Telegram Bot API, https://core.telegram.org/bots/api#making-requests */
export type TelegramMethod = (
  method: string,
  parameters: object,
  options: { signal: AbortSignal; deadlineSeconds: number },
) => Promise<unknown>;

/** Methods of the bot of a channel. The result is that of the method; errors are FailureErrors. */
export function telegramApi(config: ChannelConfigOf<'telegram'>, parts: ChannelParts): TelegramMethod {
  const { name, settings } = config;
  const places = {
    secret: secretSetting(config, 'token'),
    address: settingOf(name, 'base_url'),
    chat: settingOf(name, 'chat_id'),
  };
  return async (method, parameters, { signal, deadlineSeconds }) => {
    const token = readSecret(config, 'token', parts);
    if (!/^\d+:[\w-]+$/.test(token)) {
      throw channelFailure(
        'configuration',
        `the value that ${places.secret} names is not the token of a bot`,
        'copy it from @BotFather: digits, a colon, and about 35 characters',
        { where: places.secret },
      );
    }
    const answer = await sendTo(
      { name: 'Telegram', settings: places, deadlineSeconds, judge: (each) => judge(each, places) },
      {
        url: below(settings.baseUrl, `/bot${token}/${method}`),
        contentType: 'application/json',
        body: JSON.stringify(parameters),
        signal,
      },
      parts,
    );
    return mapOf(answer)?.['result'];
  };
}

interface Places extends Settings {
  chat: string;
}

/** Answers have `ok`, and either `result`, or `error_code`, `description` and perhaps `parameters`. */
function judge(answer: ServiceAnswer, places: Places): Refusal | null {
  const said = mapOf(answer);
  if (said?.['ok'] === true && 'result' in said) return null;
  const { description, error_code: code, parameters } = said ?? {};
  if (typeof description !== 'string') {
    return answer.status === 200 ? notItsAnswer(answer, places) : ruleOfStatus(answer.status, places);
  }
  const more = typeof parameters === 'object' && parameters !== null ? parameters : {};
  const seconds = 'retry_after' in more && typeof more.retry_after === 'number' ? more.retry_after : null;
  const rule = ruleOf(typeof code === 'number' ? code : answer.status, more, places);
  return { ...rule, said: description, retryAfterSeconds: seconds };
}

function ruleOf(code: number, parameters: object, places: Places): Refusal {
  const { secret, chat } = places;
  if ('migrate_to_chat_id' in parameters) {
    const remedy = `the group became a supergroup: set ${chat} to ${String(parameters.migrate_to_chat_id)}`;
    return { kind: 'configuration', remedy, where: chat };
  }
  switch (code) {
    case 400:
      return {
        kind: 'configuration',
        remedy: `check ${chat}: a chat in which the bot is a member, or a person who has started it`,
        where: chat,
      };
    case 401:
    // A token in the right form that belongs to no bot.
    case 404:
      return { kind: 'authentication', remedy: `check the value that ${secret} names`, where: secret };
    case 403:
      return {
        kind: 'permission',
        remedy: `add the bot to the chat ${chat}, let it write there, or unblock it`,
        where: chat,
      };
    case 409:
      return {
        kind: 'rate_limited',
        remedy: 'another program reads the updates of this bot: give Plumbline a bot of its own',
        where: secret,
      };
    default:
      return ruleOfStatus(code, places);
  }
}
