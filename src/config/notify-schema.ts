import { z } from 'zod';
import { MAX_CHANNELS } from '../domain/policy/channel-name.js';
import { allowPlainHttp, filled, port, sourceFields, webAddress, whole } from './schema-parts.js';

// `notify` of the configuration: the ways to reach people. Secrets are given by name, as everywhere in the file.

export const DEFAULT_CHANNEL_DEADLINE_SECONDS = 10;

/** For one request, or one run of a program. `deliver` allows a channel 45 s for one attempt. */
const deadline = whole(1, 40)
  .meta({ description: 'Seconds for one message, including the whole answer.' })
  .default(DEFAULT_CHANNEL_DEADLINE_SECONDS);

const shortText = filled.max(200);
const http = { allow_plain_http: allowPlainHttp.default(false), deadline_seconds: deadline };
/** For services with a fixed address. */
const baseUrl = (address: string) =>
  webAddress.meta({ description: 'Address of the service: for a region, a proxy or a test.' }).default(address);

const log = z.strictObject({ kind: z.literal('log') });

const webhook = z.strictObject({
  kind: z.literal('webhook'),
  url: webAddress.meta({ description: 'Receives one POST for each message.' }).optional(),
  // For an address that is a secret itself.
  ...sourceFields('url'),
  // Of Standard Webhooks: whsec_ and 24 to 64 bytes in base64.
  ...sourceFields('secret'),
  ...sourceFields('token'),
  ...http,
});

const slack = z.strictObject({
  kind: z.literal('slack'),
  // Of an incoming webhook. It is a secret: whoever knows it can write to the channel.
  ...sourceFields('url'),
  // Of a bot, which can keep all messages of a call in one thread.
  ...sourceFields('token'),
  channel: shortText.meta({ description: 'Channel id (C0123456789) to which the bot of token_env writes.' }).optional(),
  base_url: baseUrl('https://slack.com'),
  ...http,
});

const discord = z.strictObject({ kind: z.literal('discord'), ...sourceFields('url'), ...http });

const chatId = z
  .union([z.int(), filled.max(100).regex(/^(?:-?\d+|@\w+)$/)], {
    error: 'a number such as -1001234567890, or @channelname',
  })
  .transform(String);

const telegram = z.strictObject({
  kind: z.literal('telegram'),
  ...sourceFields('token'),
  chat_id: chatId.meta({ description: 'The chat, group or channel to which the bot writes.' }),
  acknowledge_by: z
    .record(z.string().regex(/^\d{1,20}$/, 'a numeric Telegram user id'), shortText)
    .refine((users) => Object.keys(users).length <= 1_000, 'at most 1000 users')
    .meta({
      description:
        'Who may acknowledge with the button of a message: Telegram user ids, each with the name that is recorded. Without it there is no button.',
    })
    .default({}),
  base_url: baseUrl('https://api.telegram.org'),
  ...http,
});

const ntfy = z.strictObject({
  kind: z.literal('ntfy'),
  url: webAddress
    // On another path, ntfy would publish the JSON as text to the topic in that path.
    .refine((text) => !URL.canParse(text) || new URL(text).pathname === '/', 'the root of the server, without a topic')
    .meta({ description: 'The root of the ntfy server.' })
    .default('https://ntfy.sh'),
  topic: z
    .string()
    .regex(/^[-_A-Za-z0-9]{1,64}$/, 'letters, digits, _ and -, at most 64')
    .optional(),
  // On a server without access control, everyone who knows the topic can read and write it.
  ...sourceFields('topic'),
  ...sourceFields('token'),
  ...http,
});

const pushover = z.strictObject({
  kind: z.literal('pushover'),
  // The API token of the application.
  ...sourceFields('token'),
  // The key of the user or group.
  ...sourceFields('user'),
  retry_seconds: whole(30, 10_800)
    .meta({ description: 'Seconds between two alarms of a page that nobody confirmed on a device.' })
    .default(60),
  expire_seconds: whole(30, 10_800)
    .meta({ description: 'Seconds after which the alarm of a page stops.' })
    .default(3_600),
  base_url: baseUrl('https://api.pushover.net'),
  ...http,
});

const pagerduty = z.strictObject({
  kind: z.literal('pagerduty'),
  // The integration key of an Events API v2 integration.
  ...sourceFields('routing_key'),
  base_url: baseUrl('https://events.pagerduty.com'),
  ...http,
});

const opsgenie = z.strictObject({
  kind: z.literal('opsgenie'),
  ...sourceFields('api_key'),
  teams: z
    .array(shortText)
    .max(MAX_CHANNELS)
    .meta({ description: 'Names of the teams that are alerted. Default: those of the integration.' })
    .default([]),
  base_url: baseUrl('https://api.opsgenie.com'),
  ...http,
});

const alertmanager = z.strictObject({
  kind: z.literal('alertmanager'),
  url: webAddress.meta({ description: 'The root of the Alertmanager, such as http://127.0.0.1:9093.' }),
  labels: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'a label name'), shortText)
    .refine((labels) => Object.keys(labels).length <= 50, 'at most 50 labels')
    .meta({ description: 'Further labels of every alert, by which Alertmanager routes it.' })
    .default({}),
  username: shortText.optional(),
  ...sourceFields('password'),
  ...sourceFields('token'),
  ...http,
});

const mailAddress = filled.max(320).regex(/^[^\s<>@,;]+@[^\s<>@,;]+$/, 'an address such as ops@example.com');

const email = z.strictObject({
  kind: z.literal('email'),
  host: filled.max(255).meta({ description: 'The SMTP server.' }),
  port: port.min(1).meta({ description: 'Default: 587 for starttls, 465 for implicit, 25 for none.' }).optional(),
  tls: z
    .enum(['starttls', 'implicit', 'none'])
    .meta({ description: 'How the connection is encrypted. "none" is only for a server on this machine or network.' })
    .default('starttls'),
  username: shortText.optional(),
  ...sourceFields('password'),
  from: mailAddress,
  to: z.array(mailAddress).min(1).max(50),
  deadline_seconds: deadline,
});

const command = z.strictObject({
  kind: z.literal('command'),
  command: z
    .array(z.string().max(10_000))
    .min(1)
    .max(100)
    .refine(([program]) => program !== '', 'a program and its arguments, such as ["/usr/local/bin/call", "ops"]')
    .meta({
      description:
        "Program and arguments. It reads one JSON document on stdin. A path with a slash is relative to this file's folder.",
    }),
  deadline_seconds: deadline,
});

const apprise = z.strictObject({
  kind: z.literal('apprise'),
  url: webAddress.meta({ description: 'The root of the Apprise API server.' }),
  // Of a configuration that the server keeps.
  ...sourceFields('key'),
  tags: z
    .array(shortText)
    .max(50)
    .meta({ description: 'Notifies only the services with one of these tags in the kept configuration.' })
    .default([]),
  // Addresses of Apprise, separated by commas, for a server that keeps no configuration.
  ...sourceFields('urls'),
  ...http,
});

const channel = z.discriminatedUnion('kind', [
  log,
  webhook,
  slack,
  discord,
  telegram,
  ntfy,
  pushover,
  pagerduty,
  opsgenie,
  alertmanager,
  email,
  command,
  apprise,
]);

export const CHANNEL_KINDS = channel.options.map(({ shape }) => shape.kind.value);

export const notifySchema = z.strictObject({
  // `checkNotify` checks the names.
  channels: z
    .record(z.string(), channel)
    .refine((channels) => Object.keys(channels).length <= MAX_CHANNELS, `at most ${MAX_CHANNELS} channels`)
    .meta({ description: 'The ways to reach people, by name. The channel "log" always exists.' })
    .optional(),
});

export type ChannelFields = z.infer<typeof channel>;
export type ChannelKind = ChannelFields['kind'];
