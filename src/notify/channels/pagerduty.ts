import type { ChannelConfigOf } from '../../config/channel-config.js';
import type { Occasion } from '../../domain/lifecycle/occasion.js';
import type { Channel, Message } from '../channel.js';
import { readSecret, secretSetting, settingOf, type ChannelParts } from '../channel-parts.js';
import { below, mapOf, notItsAnswer, sendTo, type Refusal, type Service, type ServiceAnswer } from './http-sender.js';
import { incidentOf } from './incident.js';
import { shortened } from './shortened.js';

// Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview

/** The deduplication key makes one incident of all messages of a call. */
const ACTIONS: Readonly<Record<Occasion, 'trigger' | 'acknowledge' | 'resolve'>> = {
  called: 'trigger',
  // For an open incident these are entries in its log. If somebody resolved it in PagerDuty, a new one is triggered.
  reminder: 'trigger',
  reason: 'trigger',
  acknowledged: 'acknowledge',
  resolved: 'resolve',
  test: 'trigger',
};

export function createPagerdutyChannel(config: ChannelConfigOf<'pagerduty'>, parts: ChannelParts): Channel {
  const { name, kind } = config;
  const { baseUrl, deadlineSeconds } = config.settings;
  const service: Service = {
    name: 'PagerDuty',
    settings: { secret: secretSetting(config, 'routing_key'), address: settingOf(name, 'base_url') },
    deadlineSeconds,
    judge,
  };
  return {
    name,
    kind,
    async deliver(message, { signal, previousThread }) {
      const { id, thread } = incidentOf(message, previousThread);
      const event = pagerdutyEvent(message, id, readSecret(config, 'routing_key', parts));
      const url = below(baseUrl, '/v2/enqueue');
      await sendTo(service, { url, contentType: 'application/json', body: JSON.stringify(event), signal }, parts);
      // Its answer repeats the deduplication key.
      return { id, thread };
    },
  };

  /** 202 with `"status": "success"`; 400 for an invalid event or an unknown routing key. */
  function judge(answer: ServiceAnswer): Refusal | null {
    const { secret } = service.settings;
    if (answer.status === 400) {
      const remedy = `check the value that ${secret} names: the integration key of an Events API v2 integration`;
      return { kind: 'configuration', remedy, where: secret };
    }
    if (answer.status !== 202 && answer.status !== 200) return null;
    return mapOf(answer)?.['status'] === 'success' ? null : notItsAnswer(answer, service.settings);
  }
}

/** The event for a message. Only a trigger has a `payload`. */
export function pagerdutyEvent(message: Message, incident: string, routingKey: string): Record<string, unknown> {
  const action = ACTIONS[message.occasion];
  const event = { routing_key: routingKey, event_action: action, dedup_key: incident };
  if (action !== 'trigger') return event;
  const { link } = message;
  return {
    ...event,
    client: 'Plumbline',
    ...(link === null ? {} : { client_url: link.url, links: [{ href: link.url, text: link.label }] }),
    payload: {
      // At most 1,024 characters; a subject has at most 120.
      summary: message.subject,
      source: shortened(message.accounts.join(', '), 255),
      severity: message.occasion === 'test' ? 'info' : message.severity === 'page' ? 'critical' : 'warning',
      timestamp: message.since,
      component: 'plumbline',
      class: message.occasion,
      custom_details: { text: message.text, accounts: message.accounts, message_key: message.key },
    },
  };
}
