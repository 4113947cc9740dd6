import { ACCOUNT_NAME } from '../../domain/account/account-name.js';
import type { Answers } from './answers.js';
import { askBot, askInternal, derivedExchange, type Bot, type BotOptions } from './bot-answers.js';
import { askChannel, type ChannelOptions } from './channel-answers.js';
import { refusalOf } from './config-text.js';
import { askExchange, type ExchangeOptions } from './exchange-answers.js';
import type { Found } from './find-bots.js';
import type { Interview } from './interview.js';

/** Answers of the command line. */
export interface InterviewOptions extends BotOptions, ExchangeOptions, ChannelOptions {
  account?: string;
}

interface Circumstances {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Whether defaults, and a bot that was found, are taken without asking. */
  accept: boolean;
  /** Why nobody is asked, for the error that names the missing options. */
  why: string;
}

/**
 * Gets all answers, in the order in which they follow from each other: the bot often says what the exchange is.
 *
 * @throws UsageError if nobody can be asked and options are missing: names all of them
 */
export async function conduct(
  interview: Interview,
  options: InterviewOptions,
  found: Found,
  { why, ...circumstances }: Circumstances,
): Promise<{ answers: Answers; bot: Bot }> {
  const bot = await askBot(interview, options, found, circumstances);
  const exchange = await askExchange(interview, options, bot === null ? null : derivedExchange(bot));
  const state = bot === null ? null : await askInternal(interview, options, bot, exchange.id);
  const channel = await askChannel(interview, options);
  const account = await interview.text({
    flag: '--account NAME',
    given: options.account,
    question: 'Name of the account in Plumbline',
    fallback: accountNameOf(options.botName ?? bot?.settings?.botName ?? null),
    refuse: (name) => (ACCOUNT_NAME.test(name) ? refusalOf({ account: name }) : BAD_NAME),
  });
  interview.requireAll(why);
  if (bot === null || state === null) throw new Error('an interview without a bot has a missing answer');
  return { answers: { account, exchange, channel, ...state }, bot };
}

const BAD_NAME = 'a name has a-z, 0-9, _ and -, at most 63 of them, and begins with a letter or digit';

/** The bot's name with only the characters of an account's name; `main` if none is left. */
function accountNameOf(botName: string | null): string {
  const name = (botName ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 63);
  return ACCOUNT_NAME.test(name) ? name : 'main';
}
