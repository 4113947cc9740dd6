import { createTransport, type SendMailOptions } from 'nodemailer';
import type { ChannelConfigOf } from '../../config/channel-config.js';
import { FailureError } from '../../domain/failure/failure.js';
import { Deadline } from '../../net/deadline.js';
import type { Channel, Message } from '../channel.js';
import { channelFailure } from '../channel-failure.js';
import { readSecret, secretSetting, settingOf, type ChannelParts } from '../channel-parts.js';
import { smtpFailure } from './smtp-failure.js';
import { textWithLink } from './message-views.js';

// SMTP: RFC 5321. Threads: RFC 5322, 3.6.4 (Message-ID, In-Reply-To, References). Automatic messages: RFC 3834, 5.

const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;
/** The longest `Receipt.id`. */
const LONGEST_ID = 200;

/**
 * Sends plain text by SMTP. With `tls: starttls` an unencrypted connection is never used, even if the server does not offer
 * encryption.
 *
 * All messages of a call are one conversation: each is a reply to the first one. Mail programs also compare subjects, so a later
 * message has the first subject with "Re:", and its own subject is the first line of its text.
 */
export function createEmailChannel(
  config: ChannelConfigOf<'email'>,
  parts: Pick<ChannelParts, 'resolveSecret' | 'redactor'>,
): Channel {
  const { name, kind } = config;
  const { host, tls, port = PORTS[tls], username, deadlineSeconds } = config.settings;
  const redact = (text: string): string => parts.redactor.text(text);
  const settings = {
    address: settingOf(name, 'host'),
    from: settingOf(name, 'from'),
    to: settingOf(name, 'to'),
    tls: settingOf(name, 'tls'),
    secret: username === undefined ? settingOf(name, 'password_env') : secretSetting(config, 'password'),
  };

  function failureOf(error: unknown, isLate: boolean): FailureError {
    const { failure } = isLate
      ? channelFailure('timeout', `it did not accept the message within ${deadlineSeconds} s`, 'check host and network')
      : smtpFailure(error, settings);
    const [message, remedy] = [redact(`mail server ${host}:${port}: ${failure.message}`), redact(failure.remedy)];
    return new FailureError({ ...failure, message, remedy }, { cause: parts.redactor.value(error) });
  }

  return {
    name,
    kind,
    async deliver(message, { signal, previousThread }) {
      signal.throwIfAborted();
      const transport = createTransport({
        host,
        port,
        secure: tls === 'implicit',
        requireTLS: tls === 'starttls',
        ignoreTLS: tls === 'none',
        ...(username === undefined ? {} : { auth: { user: username, pass: readSecret(config, 'password', parts) } }),
        // Mails contain the given texts only: nodemailer must not load files or addresses that they name.
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const { mail, thread } = mailOf(message, previousThread);
      const deadline = new Deadline(deadlineSeconds * 1000, signal);
      try {
        const { response, rejected } = await transport.sendMail({
          ...mail,
          from: { name: 'Plumbline', address: config.settings.from },
          to: config.settings.to,
          signal: deadline.signal,
        });
        return { id: redact(receiptText(response, rejected)).slice(0, LONGEST_ID), thread };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw failureOf(error, deadline.hasPassed);
      } finally {
        deadline.end();
        transport.close();
      }
    },
  };
}

interface Thread {
  messageId: string;
  subject: string;
}

/** The mail without its addresses, and the thread that the receipt keeps: the first message's id and subject. */
function mailOf(message: Message, previousThread: string | null): { mail: SendMailOptions; thread: string } {
  const subject = oneLine(message.subject);
  const messageId = `<${message.key}@plumbline>`;
  const first: Thread = threadOf(previousThread) ?? { messageId, subject };
  const isFirst = first.messageId === messageId;
  return {
    thread: `${first.messageId} ${first.subject}`,
    mail: {
      messageId,
      // The call's own id keeps the conversation together if the receipt of its first message was lost.
      references: [`<${message.thread}@plumbline>`, ...(isFirst ? [] : [first.messageId])],
      ...(isFirst ? {} : { inReplyTo: first.messageId }),
      subject: isFirst ? subject : `Re: ${first.subject}`,
      text: `${isFirst ? '' : `${subject}\n\n`}${textWithLink(message)}\n`,
      ...(message.severity === 'page' ? { priority: 'high' as const } : {}),
      headers: {
        // Suppresses automatic answers, such as holiday notices.
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'All',
      },
    },
  };
}

function threadOf(text: string | null): Thread | null {
  const [, messageId, subject] = /^(<[^\s<>]+>) (.+)$/.exec(text ?? '') ?? [];
  return messageId === undefined || subject === undefined ? null : { messageId, subject: oneLine(subject) };
}

/** A header is one line: a line break in it would begin another header. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** The server's answer has its own id of the message, such as "250 2.0.0 Ok: queued as 4F1D". */
function receiptText(response: string, rejected: readonly unknown[]): string {
  const refused = rejected.map(String).join(', ');
  return oneLine(refused === '' ? response : `not sent to ${refused}; others: ${response}`);
}
