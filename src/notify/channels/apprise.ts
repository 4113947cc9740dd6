import type { ChannelConfigOf } from '../../config/channel-config.js';
import type { Channel, Message } from '../channel.js';
import { readSecret, secretSetting, settingOf, type ChannelParts } from '../channel-parts.js';
import { ruleOfStatus } from './http-failures.js';
import { below, mapOf, sendTo, type Refusal, type Service, type ServiceAnswer } from './http-sender.js';
import { textWithLink } from './message-views.js';

// Apprise API: https://github.com/caronc/apprise-api#api-details

export function createAppriseChannel(config: ChannelConfigOf<'apprise'>, parts: ChannelParts): Channel {
  const { name, kind, secrets } = config;
  const { url, tags, deadlineSeconds } = config.settings;
  const secret = secrets.key === undefined ? 'urls' : 'key';
  const service: Service = {
    name: 'Apprise',
    settings: { secret: secretSetting(config, secret), address: settingOf(name, 'url') },
    deadlineSeconds,
    judge,
  };
  return {
    name,
    kind,
    async deliver(message, { signal }) {
      const value = readSecret(config, secret, parts).trim();
      const path = secret === 'key' ? `/notify/${encodeURIComponent(value)}` : '/notify/';
      const body = JSON.stringify(appriseNotification(message, tags, secret === 'key' ? null : value));
      const headers = { accept: 'application/json' };
      await sendTo(service, { url: below(url, path), headers, contentType: 'application/json', body, signal }, parts);
      return { id: null, thread: null };
    },
  };

  /** 204: no configuration under this key. 424: at least one of the services did not accept the message. */
  function judge(answer: ServiceAnswer): Refusal | null {
    const { secret: where } = service.settings;
    // `details` is not quoted: it holds logs with secrets that only Apprise knows, so they cannot be redacted.
    const error = mapOf(answer)?.['error'];
    const said = typeof error === 'string' ? error : 'no error text';
    if (answer.status === 204) {
      const remedy = `check the value that ${where} names: Apprise has no services for it, so nobody was notified`;
      return { kind: 'configuration', remedy, where, said };
    }
    if (answer.status === 424) {
      const remedy =
        "read Apprise's log: one of its services did not accept the message; it is sent to all of them again";
      return { kind: 'network', remedy, said };
    }
    return answer.status === 200 ? null : { ...ruleOfStatus(answer.status, service.settings), said };
  }
}

/** The JSON for `/notify/{key}`, or with `urls` for `/notify/`. */
export function appriseNotification(message: Message, tags: readonly string[], urls: string | null): object {
  return {
    title: message.subject,
    body: textWithLink(message),
    type: typeOf(message),
    format: 'text',
    ...(urls === null ? {} : { urls }),
    ...(urls !== null || tags.length === 0 ? {} : { tag: tags.join(',') }),
  };
}

/** Apprise has info, success, warning and failure. */
function typeOf({ occasion, severity }: Message): string {
  switch (occasion) {
    case 'resolved':
      return 'success';
    case 'acknowledged':
    case 'test':
      return 'info';
    case 'called':
    case 'reminder':
    case 'reason':
      return severity === 'page' ? 'failure' : 'warning';
  }
}
