import { CREDENTIALS } from '../../config/config-schema.js';
import { profileOf, REGIONAL, VERIFIED } from '../../exchange/exchanges.js';
import { loadCcxtClass } from '../../exchange/transport/load-ccxt.js';
import type { Fields } from './answers.js';
import { refusalOf } from './config-text.js';
import type { Interview } from './interview.js';

export interface ExchangeOptions {
  exchange?: string;
  exchangeUrl?: string;
  demo?: boolean;
  testnet?: boolean;
  keyEnv?: string;
  secretEnv?: string;
  passphraseEnv?: string;
  walletEnv?: string;
}

/** What an id means where its name does not say it. */
const MEANINGS: Readonly<Record<string, string>> = {
  binance: 'spot',
  binanceusdm: 'Binance USD-M futures',
  binancecoinm: 'Binance COIN-M futures',
  binanceus: 'spot',
  kucoinfutures: 'futures alone',
};

/** Prefixes of the variables' names: exchanges of one company share them. */
const PREFIXES: readonly (readonly [RegExp, string])[] = [
  [/^binanceus$/, 'BINANCEUS'],
  [/^binance/, 'BINANCE'],
  [/okx/, 'OKX'],
  [/^bybit/, 'BYBIT'],
  [/^gate/, 'GATE'],
  [/^kucoin/, 'KUCOIN'],
  [/^krakenfutures$/, 'KRAKEN'],
];

/** Credentials that the file names, with the suffix of their variables' names and the words of the question. */
const ASKED: Readonly<
  Record<string, { suffix: string; what: string; flag: string; option: keyof ExchangeOptions | null }>
> = {
  api_key: { suffix: 'KEY', what: 'API key', flag: '--key-env NAME', option: 'keyEnv' },
  secret: { suffix: 'SECRET', what: "API key's secret", flag: '--secret-env NAME', option: 'secretEnv' },
  password: {
    suffix: 'PASSPHRASE',
    what: "API key's passphrase",
    flag: '--passphrase-env NAME',
    option: 'passphraseEnv',
  },
  wallet_address: { suffix: 'ADDRESS', what: "account's address", flag: '--wallet-env NAME', option: 'walletEnv' },
};

const VERIFIED_IDS = [...VERIFIED, ...REGIONAL].map(({ id }) => id).toSorted();

/** Credentials of only few exchanges have no option: the user renames the variable in the file. */
function unusual(field: string): (typeof ASKED)[string] {
  return { suffix: field.toUpperCase(), what: field.replaceAll('_', ' '), flag: '', option: null };
}

/** The `exchange` section. `derived` is what the bot's own configuration says. */
export async function askExchange(
  interview: Interview,
  options: ExchangeOptions,
  derived: string | null,
): Promise<Fields & { id: string }> {
  const id = await askId(interview, options, derived);
  if (id === '') return { id };
  const settings = { ...settingsOf(options) };
  if (options.exchange === undefined || options.keyEnv === undefined) {
    interview.tell(
      '',
      'Make an API key of its own for Plumbline, which can only read: not the key of the bot, no trading, no withdrawals.',
      'The file gets the names of the variables that will hold it, never the key.',
    );
  }
  const credentials = await interview.variables(
    (await credentialsOf(id)).map((field) => {
      const { suffix, what, flag, option } = ASKED[field] ?? unusual(field);
      const given = option === null ? undefined : options[option];
      return {
        field: `${field}_env`,
        flag,
        given: typeof given === 'string' ? given : undefined,
        question: `Variable with the ${what}`,
        fallback: `${prefixOf(id)}_${suffix}`,
        refuse: (name: string) => refusalOf({ exchange: { id, api_key_env: name } }),
      };
    }),
  );
  return { id, ...settings, ...credentials };
}

async function askId(interview: Interview, options: ExchangeOptions, derived: string | null): Promise<string> {
  if (options.exchange === undefined && derived === null) {
    const labels = VERIFIED_IDS.map((id) => (MEANINGS[id] === undefined ? id : `${id} (${MEANINGS[id]})`));
    interview.tell(
      '',
      `Exchanges with a profile of their own: ${labels.join(', ')}. Any other id of ccxt is read too, and compares less.`,
    );
  }
  return interview.text({
    flag: '--exchange ID',
    given: options.exchange,
    question: derived === null ? 'Exchange' : "Exchange, as the bot's configuration says",
    fallback: derived,
    refuse: (id) => refusalOf({ exchange: { id, ...settingsOf(options), api_key_env: 'KEY', secret_env: 'SECRET' } }),
  });
}

function settingsOf({ exchangeUrl, demo, testnet }: ExchangeOptions): Fields {
  return {
    ...(exchangeUrl !== undefined && { base_url: exchangeUrl }),
    ...(demo === true && { demo: true }),
    ...(testnet === true && { testnet: true }),
  };
}

/** The fields of the credentials that reading this exchange needs. */
async function credentialsOf(id: string): Promise<string[]> {
  const byCcxt = profileOf(id).credentials ?? (await requiredBy(id));
  const fields = Object.entries(CREDENTIALS).flatMap(([field, name]) => (byCcxt.includes(name) ? [field] : []));
  return fields.length === 0 ? ['api_key', 'secret'] : fields;
}

async function requiredBy(id: string): Promise<string[]> {
  const CcxtClass = await loadCcxtClass(id);
  const { requiredCredentials } = new CcxtClass({});
  return Object.entries(requiredCredentials).flatMap(([name, isRequired]) => (isRequired ? [name] : []));
}

function prefixOf(id: string): string {
  const [, prefix] = PREFIXES.find(([pattern]) => pattern.test(id)) ?? [null, id.toUpperCase()];
  return /^[A-Z]/.test(prefix) ? prefix : `EXCHANGE_${prefix}`;
}
