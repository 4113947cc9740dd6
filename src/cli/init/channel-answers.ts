import { CHANNEL_KINDS, type ChannelKind } from '../../config/notify-schema.js';
import { LOG_CHANNEL } from '../../domain/policy/channel-name.js';
import { UsageError } from '../context/errors.js';
import type { Answers, Fields } from './answers.js';
import { refusalOf } from './config-text.js';
import type { Interview } from './interview.js';

export interface ChannelOptions {
  notify?: ChannelKind;
  notifySet?: string[];
}

interface Question {
  field: string;
  question: string;
  fallback: string | null;
  /** A value with which the field is valid, while the others are asked. */
  example: unknown;
}

/** What is asked for the kinds that most people use. All others are set by options. */
const QUESTIONS: Readonly<Partial<Record<ChannelKind, readonly Question[]>>> = {
  ntfy: [{ field: 'topic_env', question: 'Variable with the topic', fallback: 'NTFY_TOPIC', example: 'TOPIC' }],
  telegram: [
    { field: 'token_env', question: "Variable with the bot's token", fallback: 'TELEGRAM_TOKEN', example: 'TOKEN' },
    { field: 'chat_id', question: 'Chat id, such as -1001234567890', fallback: null, example: '1' },
  ],
  slack: [
    {
      field: 'url_env',
      question: "Variable with the webhook's address",
      fallback: 'SLACK_WEBHOOK_URL',
      example: 'URL',
    },
  ],
  email: [
    { field: 'host', question: 'SMTP server', fallback: null, example: 'localhost' },
    { field: 'from', question: 'Sender', fallback: null, example: 'a@example.com' },
    { field: 'to', question: 'Recipients, separated by commas', fallback: null, example: ['a@example.com'] },
    { field: 'username', question: 'User name at the SMTP server', fallback: null, example: 'user' },
    { field: 'password_env', question: 'Variable with the password', fallback: 'SMTP_PASSWORD', example: 'PASSWORD' },
  ],
};

/** Fields that are lists, and fields that are numbers; all others are texts. */
const LISTS = ['to', 'tags', 'teams', 'command'];
const NUMBERS = /^port$|_seconds$/;

const NAME = 'people';

/** How people are reached. Null: a call is a line in the worker's log, and nobody is called. */
export async function askChannel(interview: Interview, options: ChannelOptions): Promise<Answers['channel']> {
  const set = fieldsOf(options);
  const kind = await interview.choose({
    flag: '--notify KIND',
    given: options.notify,
    question: 'How are people called?',
    fallback: LOG_CHANNEL,
    choices: choicesOf(options.notify),
  });
  if (kind === LOG_CHANNEL) {
    if (Object.keys(set).length > 0) throw new UsageError('--notify-set needs --notify with the kind of the channel');
    return null;
  }
  const fields: Record<string, unknown> = { kind };
  const questions = QUESTIONS[kind as ChannelKind] ?? [];
  const examples = Object.fromEntries(questions.map(({ field, example }) => [field, example]));
  for (const { field, question, fallback } of questions) {
    const given = set[field];
    if (given !== undefined) fields[field] = given;
    else if (isReplaced(field, set)) continue;
    else {
      const answer = await interview.text({
        flag: `--notify-set ${field}=...`,
        given: undefined,
        question,
        fallback,
        refuse: (said) => {
          const tried = { ...examples, kind, [field]: valueOf(field, said) };
          return refusalOf({ channel: { name: NAME, fields: tried } });
        },
      });
      fields[field] = valueOf(field, answer);
    }
  }
  return { name: NAME, fields: { ...fields, ...set } };
}

/** A secret may come from a file instead; a Slack bot has a token instead of an address; e-mail may need no login. */
function isReplaced(field: string, set: Fields): boolean {
  if (field === 'url_env' && set['token_env'] !== undefined) return true;
  if (field === 'topic_env' && set['topic'] !== undefined) return true;
  if (['username', 'password_env'].includes(field) && set['tls'] === 'none') return true;
  return field.endsWith('_env') && set[field.replace(/_env$/, '_file')] !== undefined;
}

function choicesOf(given: ChannelKind | undefined) {
  const common = [
    { value: LOG_CHANNEL, label: "nobody yet: a call is a line in the worker's log" },
    { value: 'ntfy', label: 'ntfy, a push message to phones' },
    { value: 'telegram', label: 'Telegram' },
    { value: 'slack', label: 'Slack' },
    { value: 'email', label: 'e-mail' },
  ];
  if (given === undefined) return common;
  return CHANNEL_KINDS.map((kind) => ({ value: kind, label: kind }));
}

function fieldsOf({ notifySet = [] }: ChannelOptions): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const entry of notifySet) {
    const [, field, value] = /^([a-z_]+)=([\s\S]*)$/.exec(entry) ?? [];
    if (field === undefined || value === undefined || field === 'kind') {
      throw new UsageError('--notify-set takes field=value, such as chat_id=-1001234567890');
    }
    fields.set(field, valueOf(field, value));
  }
  return Object.fromEntries(fields);
}

function valueOf(field: string, text: string): unknown {
  if (LISTS.includes(field)) return text.split(',').map((each) => each.trim());
  return NUMBERS.test(field) && /^\d{1,9}$/.test(text) ? Number(text) : text;
}
