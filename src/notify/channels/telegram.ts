import { isIpAddress, isLoopback } from '@plumbline/primitives/hosts';
import type { ChannelConfigOf } from '../../config/channel-config.js';
import type { ChannelParts } from '../channel-parts.js';
import type { Channel, Message } from '../channel.js';
import { shortened } from './shortened.js';
import { telegramApi } from './telegram-api.js';
import { isNews, textWithLink } from './message-views.js';

/** https://core.telegram.org/bots/api#sendmessage */
const TEXT_LENGTH = 4_096;
/** https://core.telegram.org/bots/api#inlinekeyboardbutton: callback_data has at most 64 bytes. */
const CALLBACK_BYTES = 64;
/** The data of the button that acknowledges starts with this; the thread of the message follows. */
export const ACKNOWLEDGE = 'ack:';

/**
 * A Telegram bot. The text is sent without a parse mode, so nothing in it is interpreted. Later messages of a call reply to the
 * first. Telegram has no idempotency key: if an answer is lost, people may get a message twice.
 */
export function createTelegramChannel(config: ChannelConfigOf<'telegram'>, parts: ChannelParts): Channel {
  const { name, settings } = config;
  const call = telegramApi(config, parts);
  const canAnswer = Object.keys(settings.acknowledgeBy).length > 0;
  return {
    name,
    kind: 'telegram',
    async deliver(message, { signal, previousThread }) {
      const linked = message.link !== null && isButtonAddress(message.link.url);
      const body = linked ? message.text : textWithLink(message);
      const first = Number(previousThread ?? Number.NaN);
      const parameters = {
        chat_id: settings.chatId,
        text: shortened(`${message.subject}\n\n${body}`, TEXT_LENGTH),
        link_preview_options: { is_disabled: true },
        // News arrives without a sound.
        disable_notification: isNews(message),
        ...keyboardOf(message, linked, canAnswer),
        ...(Number.isSafeInteger(first)
          ? { reply_parameters: { message_id: first, allow_sending_without_reply: true } }
          : {}),
      };
      const sent = await call('sendMessage', parameters, { signal, deadlineSeconds: settings.deadlineSeconds });
      const id = typeof sent === 'object' && sent !== null && 'message_id' in sent ? String(sent.message_id) : null;
      return { id, thread: previousThread ?? id };
    },
  };
}

function keyboardOf(message: Message, linked: boolean, canAnswer: boolean): object {
  const data = `${ACKNOWLEDGE}${message.thread}`;
  const rows = [
    ...(canAnswer && message.canAcknowledge && Buffer.byteLength(data) <= CALLBACK_BYTES
      ? [[{ text: buttonOf(message), callback_data: data }]]
      : []),
    ...(linked && message.link !== null ? [[{ text: message.link.label, url: message.link.url }]] : []),
  ];
  return rows.length === 0 ? {} : { reply_markup: { inline_keyboard: rows } };
}

function buttonOf({ accounts }: Message): string {
  return accounts.length === 1 ? 'I have it' : `I have all ${accounts.length}`;
}

/** Telegram refuses a message with a button whose address has no public host name. */
function isButtonAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return !isLoopback(hostname) && !isIpAddress(hostname) && hostname.includes('.');
}
