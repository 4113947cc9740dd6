import { randomBytes } from 'node:crypto';
import { quoted } from '../context/own-command.js';
import { variablesOf, type Answers } from './answers.js';
import type { Bot } from './bot-answers.js';

/** A variable that the configuration names. */
export interface Variable {
  name: string;
  /** What it holds, in words. */
  meaning: string;
  isSet: boolean;
}

const MEANINGS: Readonly<Record<string, string>> = {
  'exchange.api_key': 'API key that can only read',
  'exchange.secret': "the key's secret",
  'exchange.password': "the key's passphrase",
  'exchange.wallet_address': "the account's address",
  'internal.token': 'the token that the bot asks for',
  'internal.url': "the database's URL: postgres://USER:PASSWORD@HOST/DATABASE, of a role that can only read",
  'internal.redis.url': "the Redis's URL: redis://USER:PASSWORD@HOST:PORT/NUMBER",
  'channel.topic': 'the topic; long and random, because everyone who knows it can read it',
  'channel.url': "the webhook's address",
};

export function variablesIn(answers: Answers, bot: Bot, env: NodeJS.ProcessEnv): Variable[] {
  const known = new Map<string, Variable>();
  for (const { name, section, field } of variablesOf(answers)) {
    const ofBot = section === 'internal' && bot.kind === 'freqtrade';
    const where = bot.file === null ? "the bot's configuration" : bot.file;
    const meaning = ofBot
      ? `api_server.${field} of ${where}`
      : (MEANINGS[`${section}.${field}`] ?? `${field.replaceAll('_', ' ')} of ${section}`);
    const earlier = known.get(name);
    known.set(name, {
      name,
      meaning: earlier === undefined ? meaning : `${earlier.meaning}; ${meaning}`,
      isSet: (env[name] ?? '').trim() !== '',
    });
  }
  return [...known.values()];
}

/** A topic of ntfy is like a password, so a random one is proposed. */
function proposed(name: string, { channel }: Answers): string | null {
  if (channel?.fields['kind'] !== 'ntfy' || channel.fields['topic_env'] !== name) return null;
  return `plumbline-${randomBytes(12).toString('hex')}`;
}

/**
 * A file for `set -a; . FILE`. User name and password of a Freqtrade's API are taken from its configuration; everything else is
 * left empty.
 */
export function variablesFile(variables: readonly Variable[], answers: Answers, bot: Bot): string {
  const values = new Map<unknown, string | null | undefined>([
    [answers.internal['username_env'], bot.settings?.api.username],
    [answers.internal['password_env'], bot.settings?.api.password],
  ]);
  const lines = variables.flatMap(({ name, meaning }) => {
    const value = bot.kind === 'freqtrade' && values.has(name) ? values.get(name) : proposed(name, answers);
    return [
      `# ${meaning.replaceAll(/[\r\n]/g, ' ')}`,
      `${name}=${value === null || value === undefined ? '' : quoted(value)}`,
    ];
  });
  return [
    '# Written by `plumbline init`. It holds secrets: keep it to yourself and out of version control.',
    ...lines,
    '',
  ].join('\n');
}
