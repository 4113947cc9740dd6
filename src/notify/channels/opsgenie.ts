import type { ChannelConfigOf } from '../../config/channel-config.js';
import type { Channel, Message } from '../channel.js';
import { readHeaderSecret, secretSetting, settingOf, type ChannelParts } from '../channel-parts.js';
import { ruleOfStatus } from './http-failures.js';
import { below, mapOf, notItsAnswer, sendTo, type Refusal, type Service, type ServiceAnswer } from './http-sender.js';
import { incidentOf } from './incident.js';
import { shortened } from './shortened.js';
import { textWithLink } from './message-views.js';

// Alert API v2: https://docs.opsgenie.com/docs/alert-api. Jira Service Management answers the same requests.

const SOURCE = 'Plumbline';
/** Characters that the API accepts: message 130, description 15,000, note 25,000, entity 512, a tag 50. */
const MOST = { message: 130, entity: 512 };

export function createOpsgenieChannel(config: ChannelConfigOf<'opsgenie'>, parts: ChannelParts): Channel {
  const { name, kind } = config;
  const { baseUrl, teams, deadlineSeconds } = config.settings;
  const service: Service = {
    name: 'Opsgenie',
    settings: { secret: secretSetting(config, 'api_key'), address: settingOf(name, 'base_url') },
    deadlineSeconds,
    judge,
  };
  return {
    name,
    kind,
    async deliver(message, { signal, previousThread }) {
      const { id: alias, thread } = incidentOf(message, previousThread);
      const headers = { authorization: `GenieKey ${readHeaderSecret(config, 'api_key', parts)}` };
      const { path, body } = opsgenieRequest(message, alias, teams);
      const answer = await sendTo(
        service,
        { url: below(baseUrl, path), headers, contentType: 'application/json', body: JSON.stringify(body), signal },
        parts,
      );
      const requestId = mapOf(answer)?.['requestId'];
      return { id: typeof requestId === 'string' ? requestId.slice(0, 200) : null, thread };
    },
  };

  /** 202: it processes the request later. When it throttles, a header has the number of seconds to wait. */
  function judge(answer: ServiceAnswer): Refusal | null {
    const { status, headers } = answer;
    if (status === 429) {
      const seconds = Number(headers.get('x-ratelimit-period-in-sec') ?? Number.NaN);
      const retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
      return { ...ruleOfStatus(status, service.settings), retryAfterSeconds };
    }
    if (status < 200 || status > 299) return null;
    return mapOf(answer) === null ? notItsAnswer(answer, service.settings) : null;
  }
}

/** Path below the base URL, and the body. The alias makes one alert of all messages of a call. */
export function opsgenieRequest(
  message: Message,
  alias: string,
  teams: readonly string[],
): { path: string; body: object } {
  const onAlias = (action: 'acknowledge' | 'close') => ({
    path: `/v2/alerts/${encodeURIComponent(alias)}/${action}?identifierType=alias`,
    body: { source: SOURCE, note: message.text },
  });
  switch (message.occasion) {
    case 'acknowledged':
      return onAlias('acknowledge');
    case 'resolved':
      return onAlias('close');
    case 'called':
    case 'reminder':
    case 'reason':
    case 'test':
      // If an alert with this alias is open, Opsgenie increases its count. If somebody closed it, a new alert is created.
      return { path: '/v2/alerts', body: alertOf(message, alias, teams) };
  }
}

function alertOf(message: Message, alias: string, teams: readonly string[]): object {
  return {
    message: shortened(message.subject, MOST.message),
    alias,
    description: textWithLink(message),
    priority: priorityOf(message),
    source: SOURCE,
    entity: shortened(message.accounts.join(', '), MOST.entity),
    tags: ['plumbline', message.occasion],
    details: { since: message.since, key: message.key, ...(message.link === null ? {} : { link: message.link.url }) },
    ...(teams.length === 0 ? {} : { responders: teams.map((name) => ({ type: 'team', name })) }),
  };
}

function priorityOf({ occasion, severity }: Message): string {
  if (occasion === 'test') return 'P5';
  return severity === 'page' ? 'P1' : 'P3';
}
