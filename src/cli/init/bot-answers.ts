import { resolve } from 'node:path';
import type { TradingMode } from '../../internal/freqtrade/books.js';
import { exchangeIdOf, modeOf } from '../../internal/freqtrade/exchange-names.js';
import { CommandError, UsageError } from '../context/errors.js';
import type { Fields } from './answers.js';
import { refusalOf } from './config-text.js';
import type { Found, FoundDatabase, FoundFreqtrade } from './find-bots.js';
import { readFreqtradeConfig, type FreqtradeSettings } from './freqtrade-config.js';
import type { Choice, Interview } from './interview.js';
import { EXAMPLE_QUERIES, freqtradeQueries } from './sql-queries.js';

export const BOT_KINDS = ['freqtrade', 'http', 'file', 'push', 'sql', 'nautilus', 'hummingbot'] as const;
export type BotKind = (typeof BOT_KINDS)[number];

export interface BotOptions {
  bot?: BotKind;
  botUrl?: string;
  botFile?: string;
  botName?: string;
  tradingMode?: TradingMode;
  freqtradeConfig?: string;
  usernameEnv?: string;
  passwordEnv?: string;
  tokenEnv?: string;
  databaseEnv?: string;
  redisEnv?: string;
  traderId?: string;
  connector?: string;
}

/** The bot of the account, before its exchange is known. */
export interface Bot {
  kind: BotKind;
  /** For a Freqtrade with a configuration: its content, and the file's path as the user writes it. */
  settings: FreqtradeSettings | null;
  file: string | null;
  /** The address that was found or configured. */
  url: string | null;
  database: FoundDatabase | null;
}

const LABELS: Readonly<Record<BotKind, string>> = {
  freqtrade: 'a Freqtrade, by its REST API',
  http: 'a bot that serves its state over HTTP',
  file: 'a bot that writes its state into a file',
  push: 'a bot that sends its state to Plumbline',
  sql: 'a bot with a database (PostgreSQL, MySQL, MariaDB or SQLite)',
  nautilus: 'a NautilusTrader with a Redis cache',
  hummingbot: 'a Hummingbot, by its database',
};

const bare = (kind: BotKind): Bot => ({ kind, settings: null, file: null, url: null, database: null });

/** Which bot it is: named by the command line, or chosen from what was found. */
export async function askBot(
  interview: Interview,
  options: BotOptions,
  found: Found,
  { cwd, env, accept }: { cwd: string; env: NodeJS.ProcessEnv; accept: boolean },
): Promise<Bot | null> {
  if (options.freqtradeConfig !== undefined) return namedFreqtrade(options, options.freqtradeConfig, cwd, env);
  if (options.bot === 'freqtrade') return matching(options, found) ?? bare('freqtrade');
  if (options.bot !== undefined) return bare(options.bot);
  const bots = botsOf(found);
  // With --yes a Freqtrade is taken only if it is the only one that was found.
  const first = interview.asks ? bots[0] : accept && found.freqtrades.length === 1 ? bots[0] : undefined;
  const chosen = await interview.choose({
    flag: `--bot ${BOT_KINDS.join('|')}`,
    given: undefined,
    question: "Where does Plumbline read the bot's state?",
    fallback: first?.value ?? null,
    choices: [...bots, ...BOT_KINDS.map((kind) => ({ value: kind, label: LABELS[kind] }))],
  });
  return bots.find(({ value }) => value === chosen)?.bot ?? kindOf(chosen);
}

function kindOf(chosen: string): Bot | null {
  const kind = BOT_KINDS.find((each) => each === chosen);
  return kind === undefined ? null : bare(kind);
}

function namedFreqtrade(options: BotOptions, file: string, cwd: string, env: NodeJS.ProcessEnv): Bot {
  if (options.bot !== undefined && options.bot !== 'freqtrade') {
    throw new UsageError(`--freqtrade-config is the configuration of a Freqtrade, and --bot says ${options.bot}`);
  }
  const settings = readFreqtradeConfig(resolve(cwd, file), env);
  if ('problem' in settings) {
    throw new CommandError(settings.problem, "name the bot's configuration, which `freqtrade trade --config` gets");
  }
  return { ...bare('freqtrade'), settings, file, url: settings.api.url };
}

/** The Freqtrade that was found at the named address, or the only one. */
function matching({ botUrl }: BotOptions, { freqtrades }: Found): Bot | null {
  const at = botUrl === undefined ? freqtrades : freqtrades.filter(({ url }) => url === botUrl.replace(/\/+$/, ''));
  const [only] = at;
  return only !== undefined && at.length === 1 ? botOf(only) : null;
}

function botOf({ settings, file, url }: FoundFreqtrade): Bot {
  return { ...bare('freqtrade'), settings, file, url };
}

function botsOf({ freqtrades, databases }: Found): (Choice & { bot: Bot })[] {
  return [
    ...freqtrades.map((found) => ({
      value: found.file ?? found.url,
      label: freqtradeLabel(found),
      bot: botOf(found),
    })),
    ...databases.map((database): Choice & { bot: Bot } => {
      const isHummingbot = database.kind === 'sqlite' && database.bot === 'hummingbot';
      const bot: Bot = { ...bare(isHummingbot ? 'hummingbot' : 'sql'), database };
      if (database.kind === 'url') {
        return { value: database.variable, label: `the PostgreSQL database of ${database.variable}`, bot };
      }
      return {
        value: database.path,
        label: `${database.path}, the database of a ${isHummingbot ? 'Hummingbot' : 'Freqtrade'}`,
        bot,
      };
    }),
  ];
}

function freqtradeLabel({ file, url, isUp, settings }: FoundFreqtrade): string {
  if (settings === null) return `the Freqtrade that answers at ${url}`;
  const name = settings.botName === null ? 'Freqtrade' : `Freqtrade ${JSON.stringify(settings.botName)}`;
  const place = isUp ? `answers at ${url}` : settings.api.enabled ? `does not answer at ${url} now` : 'its API is off';
  const dry = settings.dryRun ? ', dry run' : '';
  return `${name} of ${file ?? url}: ${settings.tradingMode} on ${settings.exchange}${dry}, ${place}`;
}

/** ccxt's id of the exchange on which the bot trades; null if its configuration is not known. */
export function derivedExchange({ settings }: Bot): string | null {
  return settings === null ? null : exchangeIdOf(settings.exchange, settings.tradingMode);
}

/** The `internal` section, and the rules that follow from it. */
export async function askInternal(
  interview: Interview,
  options: BotOptions,
  bot: Bot,
  exchange: string,
): Promise<{ internal: Fields; reconciliation: Fields }> {
  const none = { reconciliation: {} };
  switch (bot.kind) {
    case 'freqtrade':
      return askFreqtrade(interview, options, bot, exchange);
    case 'http':
      return { internal: await askHttp(interview, options), ...none };
    case 'file':
      return {
        internal: { kind: 'file', path: await askPath(interview, options, 'File that the bot writes') },
        ...none,
      };
    case 'push':
      return { internal: { kind: 'push' }, ...none };
    case 'sql':
      return { internal: await askSql(interview, options, bot), ...none };
    case 'nautilus':
      return { internal: await askNautilus(interview, options), ...none };
    case 'hummingbot':
      return { internal: await askHummingbot(interview, options, bot, exchange), ...none };
  }
}

async function askFreqtrade(
  interview: Interview,
  options: BotOptions,
  bot: Bot,
  exchange: string,
): Promise<{ internal: Fields; reconciliation: Fields }> {
  const secrets = { username_env: 'USERNAME', password_env: 'PASSWORD' };
  const refuse = (fields: Fields): string | null =>
    refusalOf({ internal: { kind: 'freqtrade', url: 'http://127.0.0.1:8080', ...secrets, ...fields } });
  const url = await interview.text({
    flag: '--bot-url URL',
    given: options.botUrl,
    question: "Address of the bot's API",
    fallback: bot.url ?? (interview.asks ? 'http://127.0.0.1:8080' : null),
    refuse: (answer) => refuse({ url: answer }),
  });
  interview.tell('', "User name and password of the bot's API are read from variables, too.");
  const names = await interview.variables([
    {
      field: 'username_env',
      flag: '--username-env NAME',
      given: options.usernameEnv,
      question: "Variable with the API's user name",
      fallback: 'FREQTRADE_USERNAME',
      refuse: (answer) => refuse({ username_env: answer }),
    },
    {
      field: 'password_env',
      flag: '--password-env NAME',
      given: options.passwordEnv,
      question: "Variable with the API's password",
      fallback: 'FREQTRADE_PASSWORD',
      refuse: (answer) => refuse({ password_env: answer }),
    },
  ]);
  const ofExchange = modeOf(exchange);
  const mode = options.tradingMode ?? bot.settings?.tradingMode ?? ofExchange;
  const botName = options.botName ?? bot.settings?.botName ?? null;
  return {
    internal: {
      kind: 'freqtrade',
      url,
      ...names,
      ...(botName !== null && { bot_name: botName }),
      ...(mode !== null && ofExchange === null && { trading_mode: mode }),
    },
    reconciliation: mode === 'spot' ? { at_least: ['*'] } : {},
  };
}

async function askHttp(interview: Interview, options: BotOptions): Promise<Fields> {
  const url = await interview.text({
    flag: '--bot-url URL',
    given: options.botUrl,
    question: 'Address at which the bot serves its state',
    fallback: null,
    refuse: (answer) => refusalOf({ internal: { kind: 'http', url: answer } }),
  });
  const sendsToken =
    options.tokenEnv !== undefined ||
    (interview.asks && (await interview.confirm('Does the bot ask for a token?', false)));
  if (!sendsToken) return { kind: 'http', url };
  const token = await interview.text({
    flag: '--token-env NAME',
    given: options.tokenEnv,
    question: 'Variable with the token',
    fallback: 'BOT_TOKEN',
    refuse: (answer) => refusalOf({ internal: { kind: 'http', url, token_env: answer } }),
  });
  return { kind: 'http', url, token_env: token };
}

async function askPath(interview: Interview, options: BotOptions, question: string): Promise<string> {
  return interview.text({
    flag: '--bot-file FILE',
    given: options.botFile,
    question,
    fallback: interview.asks ? 'state.json' : null,
    refuse: (answer) => refusalOf({ internal: { kind: 'file', path: answer } }),
  });
}

async function askSql(interview: Interview, options: BotOptions, { database }: Bot): Promise<Fields> {
  if (database?.kind === 'sqlite') {
    return { kind: 'sql', path: database.path, ...freqtradeQueries(database.tradingMode ?? 'futures') };
  }
  const queries = EXAMPLE_QUERIES;
  if (options.botFile !== undefined) {
    return { kind: 'sql', path: await askPath(interview, options, 'SQLite file'), ...queries };
  }
  const variable = await interview.text({
    flag: '--database-env NAME (or --bot-file FILE for SQLite)',
    given: options.databaseEnv,
    question: "Variable with the database's URL (postgres://...)",
    fallback: database?.variable ?? (interview.asks ? 'BOT_DATABASE_URL' : null),
    refuse: (answer) => refusalOf({ internal: { kind: 'sql', url_env: answer, ...queries } }),
  });
  return { kind: 'sql', url_env: variable, ...queries };
}

async function askNautilus(interview: Interview, options: BotOptions): Promise<Fields> {
  const sample = (fields: Fields): Fields => ({
    kind: 'nautilus',
    redis: { url_env: 'URL' },
    trader_id: 'TRADER-001',
    as_of: 'newest_event',
    ...fields,
  });
  const traderId = await interview.text({
    flag: '--trader-id ID',
    given: options.traderId,
    question: "trader_id of the bot's TradingNodeConfig",
    fallback: null,
    refuse: (answer) => refusalOf({ internal: sample({ trader_id: answer }) }),
  });
  const variable = await interview.text({
    flag: '--redis-env NAME',
    given: options.redisEnv,
    question: "Variable with the Redis's URL (redis://...)",
    fallback: 'NAUTILUS_REDIS_URL',
    refuse: (answer) => refusalOf({ internal: sample({ redis: { url_env: answer } }) }),
  });
  return sample({ redis: { url_env: variable }, trader_id: traderId });
}

/** Hummingbot's name of the connector, where an exchange trades in one mode only. */
const CONNECTORS: Readonly<Record<string, string>> = { binance: 'binance', binanceusdm: 'binance_perpetual' };

async function askHummingbot(interview: Interview, options: BotOptions, bot: Bot, exchange: string): Promise<Fields> {
  const { database } = bot;
  const rest = { connector: 'binance', as_of: 'newest_event' };
  const place =
    options.databaseEnv === undefined
      ? {
          path: await interview.text({
            flag: '--bot-file FILE (or --database-env NAME for PostgreSQL)',
            given: options.botFile,
            question: "The bot's SQLite file",
            fallback: database?.kind === 'sqlite' ? database.path : null,
            refuse: (answer) => refusalOf({ internal: { kind: 'hummingbot', path: answer, ...rest } }),
          }),
        }
      : { url_env: options.databaseEnv };
  const connector = await interview.text({
    flag: '--connector NAME',
    given: options.connector,
    question: 'Connector of the account, such as binance_perpetual',
    fallback: Object.hasOwn(CONNECTORS, exchange) ? (CONNECTORS[exchange] ?? null) : null,
    refuse: (answer) => refusalOf({ internal: { kind: 'hummingbot', path: 'x', ...rest, connector: answer } }),
  });
  return { kind: 'hummingbot', ...place, ...rest, connector };
}
