import { setTimeout as delay } from 'node:timers/promises';
import type { ChannelConfig, ChannelConfigOf } from '../../config/channel-config.js';
import { FailureError, isRetryable } from '../../domain/failure/failure.js';
import { isMap } from '../../domain/text/is-map.js';
import type { ChannelParts } from '../channel-parts.js';
import { shortened } from './shortened.js';
import { telegramApi, type TelegramMethod } from './telegram-api.js';
import { ACKNOWLEDGE } from './telegram.js';

/** Somebody pressed the button of a message. */
export interface TelegramAct {
  /** `thread` of the message. Outside text in the right form; the receiver checks whether there is such a call. */
  thread: string;
  /** `Receipt.id` of the message, by which the ledger finds the message; null if Telegram does not name it. */
  receipt: string | null;
  /** The name that the configuration gives this Telegram user. */
  by: string;
  /** The channel in whose chat it happened. */
  channel: string;
  /** Other channels of the same bot and chat that give the person the same name: the message may be one of theirs. */
  others: string[];
}

export interface TelegramUpdatesOptions {
  configs: readonly ChannelConfig[];
  parts: ChannelParts;
  /**
   * Acknowledges, and returns one line for the person: what is true now. Must be idempotent, because it may be called again for the
   * same act after a restart.
   */
  acknowledge: (act: TelegramAct) => Promise<string>;
  /** Waits between attempts; for tests. */
  wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** https://core.telegram.org/bots/api#getupdates: the server holds a request for this long if there is nothing. */
const POLL_SECONDS = 50;
const DEADLINE_SECONDS = POLL_SECONDS + 10;
const MOST_UPDATES = 100;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** https://core.telegram.org/bots/api#getupdates: another program asks for the updates of this bot. */
const CONFLICT = 'HTTP 409';
/** The pause after an error that only a person can fix. */
const REFUSED_WAIT_MS = 300_000;
/** https://core.telegram.org/bots/api#answercallbackquery */
const ANSWER_LENGTH = 200;
const THREAD = /^[A-Za-z0-9_-]{1,60}$/;

/**
 * Receives presses of the button that acknowledges, by long polling, so that Plumbline need not be reachable from outside. There
 * is one loop for each bot whose channels name people. Telegram gives the updates of a bot to one program at a time: of several
 * workers, one polls, and another takes over when it ends.
 *
 * A process handles each update once and in order. The request for the next updates confirms the previous ones.
 */
export function startTelegramUpdates(options: TelegramUpdatesOptions): { close(): Promise<void> } {
  const ending = new AbortController();
  const loops = botsOf(options.configs).map(async (channels) => poll(channels, options, ending.signal));
  return {
    async close() {
      ending.abort();
      await Promise.all(loops);
    },
  };
}

type TelegramConfig = ChannelConfigOf<'telegram'>;
type Channels = readonly [TelegramConfig, ...TelegramConfig[]];

/** Channels with people who may acknowledge, those of one bot together. */
function botsOf(configs: readonly ChannelConfig[]): Channels[] {
  const bots = new Map<string, [TelegramConfig, ...TelegramConfig[]]>();
  for (const config of configs) {
    if (config.kind !== 'telegram' || Object.keys(config.settings.acknowledgeBy).length === 0) continue;
    const bot = JSON.stringify([config.settings.baseUrl, config.secrets.token]);
    const known = bots.get(bot);
    if (known === undefined) bots.set(bot, [config]);
    else known.push(config);
  }
  return [...bots.values()];
}

async function poll(channels: Channels, options: TelegramUpdatesOptions, signal: AbortSignal): Promise<void> {
  const { parts, wait = sleep } = options;
  const [{ name }] = channels;
  const call = telegramApi(channels[0], parts);
  let offset: number | undefined;
  let waitMs = FIRST_WAIT_MS;
  let reported = '';
  while (!signal.aborted) {
    try {
      const updates = await call(
        'getUpdates',
        { offset, limit: MOST_UPDATES, timeout: POLL_SECONDS, allowed_updates: ['callback_query'] },
        { signal, deadlineSeconds: DEADLINE_SECONDS },
      );
      waitMs = FIRST_WAIT_MS;
      // With several workers conflicts repeat, so one is reported only once.
      if (!reported.includes(CONFLICT)) reported = '';
      for (const update of Array.isArray(updates) ? updates : []) {
        if (!isMap(update) || typeof update['update_id'] !== 'number') continue;
        // If the last answer was lost, this update was handled already and is not confirmed yet.
        if (offset !== undefined && update['update_id'] < offset) continue;
        await handle(update['callback_query'], channels, call, options, signal);
        offset = update['update_id'] + 1;
        if (signal.aborted) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      const failure = error instanceof FailureError ? error.failure : null;
      const text = parts.redactor.text(error instanceof Error ? error.message : String(error));
      if (text !== reported) parts.log.warn({ channel: name, failure }, `Telegram's buttons are not read: ${text}`);
      reported = text;
      const isRefused = failure !== null && !isRetryable(failure.kind);
      if (text.includes(CONFLICT)) waitMs = LONGEST_WAIT_MS;
      await wait(isRefused ? REFUSED_WAIT_MS : Math.max(waitMs, failure?.retryAfterMs ?? 0), signal);
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
  }
}

/** Never throws, because one bad update must not hold up the others. */
async function handle(
  query: unknown,
  channels: Channels,
  call: TelegramMethod,
  { parts, acknowledge }: TelegramUpdatesOptions,
  signal: AbortSignal,
): Promise<void> {
  if (!isMap(query) || typeof query['id'] !== 'string') return;
  const [{ name, settings }] = channels;
  const act = actOf(query, channels);
  let text: string;
  let isDone = false;
  if (typeof act === 'string') text = act;
  else {
    try {
      text = await acknowledge(act);
      isDone = true;
    } catch (error) {
      const why = parts.redactor.text(error instanceof Error ? error.message : String(error));
      parts.log.warn({ channel: act.channel, by: act.by, thread: act.thread, why }, 'A Telegram button failed');
      text = `Not acknowledged, try again: ${why}`;
    }
  }
  try {
    await call(
      'answerCallbackQuery',
      { callback_query_id: query['id'], text: shortened(text, ANSWER_LENGTH), show_alert: !isDone },
      { signal, deadlineSeconds: settings.deadlineSeconds },
    );
  } catch (error) {
    // The act was carried out. The person sees it in the news about the call.
    const why = parts.redactor.text(error instanceof Error ? error.message : String(error));
    if (!signal.aborted) parts.log.warn({ channel: name, why }, 'A Telegram button was not answered');
  }
}

/** The act, or why there is none, in words for the person. */
function actOf(query: Readonly<Record<string, unknown>>, channels: Channels): TelegramAct | string {
  const { from, message, data } = query;
  const thread = typeof data === 'string' && data.startsWith(ACKNOWLEDGE) ? data.slice(ACKNOWLEDGE.length) : '';
  if (!THREAD.test(thread)) return 'This button is not known.';
  const chat = isMap(message) ? message['chat'] : null;
  const messageId = isMap(message) ? message['message_id'] : null;
  const receipt = typeof messageId === 'number' ? String(messageId) : null;
  const [channel, ...others] = channels.filter(({ settings }) => isMap(chat) && isChat(settings.chatId, chat));
  const id = isMap(from) ? String(from['id']) : '';
  const nameIn = ({ settings: { acknowledgeBy: people } }: TelegramConfig): string | undefined =>
    Object.hasOwn(people, id) ? people[id] : undefined;
  const by = channel === undefined ? undefined : nameIn(channel);
  if (channel === undefined || by === undefined) {
    return `You are not among those who may acknowledge here (your Telegram id is ${id}).`;
  }
  const alike = others.filter((other) => nameIn(other) === by).map(({ name }) => name);
  return { thread, receipt, by, channel: channel.name, others: alike };
}

function isChat(chatId: string, chat: Readonly<Record<string, unknown>>): boolean {
  if (!chatId.startsWith('@')) return String(chat['id']) === chatId;
  return typeof chat['username'] === 'string' && `@${chat['username']}`.toLowerCase() === chatId.toLowerCase();
}

async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
