import type { ChannelConfigOf } from '../../config/channel-config.js';
import { SEVERITIES, type Severity } from '../../domain/policy/severity.js';
import type { Channel, Message } from '../channel.js';
import { readHeaderSecret, readSecret, secretSetting, settingOf, type ChannelParts } from '../channel-parts.js';
import { below, sendTo, type Service } from './http-sender.js';

// API v2: https://prometheus.io/docs/alerting/latest/alerts_api/

/**
 * When an alert ends by itself if no further message comes. Alertmanager ends an alert without an end after its
 * `resolve_timeout` (5 minutes) and loses all alerts when it restarts, so each reminder sends the alert again. A day is longer
 * than the longest time between two reminders, snoozes included.
 */
const EXPIRES_MS = 25 * 3_600_000;
const TEST_EXPIRES_MS = 5 * 60_000;
/** The values that Prometheus' own rules use. */
const LABELS: Readonly<Record<Severity, string>> = { page: 'critical', notify: 'warning' };

export function createAlertmanagerChannel(config: ChannelConfigOf<'alertmanager'>, parts: ChannelParts): Channel {
  const { name, kind, secrets } = config;
  const { url, labels, username, deadlineSeconds } = config.settings;
  const secret = secrets.token === undefined ? 'password' : 'token';
  const service: Service = {
    name: 'Alertmanager',
    settings: { secret: secretSetting(config, secret), address: settingOf(name, 'url') },
    deadlineSeconds,
  };
  return {
    name,
    kind,
    async deliver(message, { signal }) {
      const alerts = alertsOf(message, labels, parts.now());
      const authorization = credentials();
      const headers = authorization === null ? {} : { authorization };
      const body = JSON.stringify(alerts);
      const request = { url: below(url, '/api/v2/alerts'), headers, contentType: 'application/json', body, signal };
      await sendTo(service, request, parts);
      // The answer is empty: the labels are an alert's only id.
      return { id: null, thread: null };
    },
  };

  function credentials(): string | null {
    if (secrets.token !== undefined) return `Bearer ${readHeaderSecret(config, 'token', parts)}`;
    if (username === undefined) return null;
    const login = Buffer.from(`${username}:${readSecret(config, 'password', parts)}`, 'utf8').toString('base64');
    return `Basic ${login}`;
  }
}

interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  generatorURL?: string;
}

/**
 * One alert for each account. The labels are the alert's identity, so they hold nothing that changes while a call is open,
 * except the severity: messages after the first one also end the alert of the other severity.
 */
export function alertsOf(message: Message, extra: Readonly<Record<string, string>>, nowMs: number): Alert[] {
  const { occasion } = message;
  const ended = new Date(nowMs).toISOString();
  const expires = new Date(nowMs + (occasion === 'test' ? TEST_EXPIRES_MS : EXPIRES_MS)).toISOString();
  // After an acknowledgement there are no reminders, so the alert ends, too: Alertmanager would repeat it.
  const isOver = occasion === 'acknowledged' || occasion === 'resolved';
  const severities = occasion === 'called' || occasion === 'test' ? [message.severity] : SEVERITIES;
  return message.accounts.flatMap((account) =>
    severities.map((severity) => ({
      labels: {
        ...extra,
        alertname: occasion === 'test' ? 'PlumblineTest' : 'PlumblineNeedsHuman',
        account,
        severity: LABELS[severity],
      },
      annotations: {
        summary: message.subject,
        description: message.text,
        occasion,
        ...(message.link === null ? {} : { link: message.link.url }),
      },
      startsAt: startOf(message, nowMs),
      endsAt: isOver || severity !== message.severity ? ended : expires,
      ...(message.link === null ? {} : { generatorURL: message.link.url }),
    })),
  );
}

/** An alert must not end before it starts, even if the clocks of two workers differ. */
function startOf(message: Message, nowMs: number): string {
  return new Date(Math.min(Date.parse(message.since), nowMs)).toISOString();
}
