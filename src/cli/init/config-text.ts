import { Document, isMap, isScalar } from 'yaml';
import { ConfigError } from '../../config/config-error.js';
import { configSchemaFor } from '../../config/json-schema.js';
import { parseConfig } from '../../config/load-config.js';
import { fileOf, type Answers, type Fields } from './answers.js';

/** Comments at the end of a field's line, by section and field. */
const REMARKS: Readonly<Record<string, string>> = {
  'exchange.id': "ccxt's id of the exchange",
  'exchange.base_url': "instead of the exchange's own addresses",
  'exchange.api_key_env': "a key of its own that can only read, not the bot's",
  'exchange.wallet_address_env': 'the address of the master, sub-account or vault; no private key is needed',
  'internal.kind=freqtrade': 'the REST API of the bot',
  'internal.kind=http': 'the bot serves its state',
  'internal.kind=file': 'the bot writes its state into a file',
  'internal.kind=push': 'the bot sends its state to `plumbline serve`',
  'internal.kind=sql': "the bot's database is read",
  'internal.kind=nautilus': "the bot's cache in Redis is read",
  'internal.kind=hummingbot': "the bot's database is read: its open orders",
  'internal.as_of=newest_event': 'a bot that has nothing to do becomes stale',
  'internal.bot_name': 'another bot at this address is refused',
  'internal.max_silence_seconds': 'the state is stale after so long without a push',
  'reconciliation.at_least':
    'the wallet holds at least what the trades have bought; it also holds fees and coins of yours',
};

const HEAD = [
  'Written by `plumbline init`; `plumbline check` tests it. All keys: the schema above.',
  '`*_env` names an environment variable. No secret stands in this file.',
];

/**
 * The configuration file at that absolute path. It is built as a YAML document from values, so no name or address can become structure.
 */
export function configText(answers: Answers, path: string): string {
  const document = new Document(fileOf(answers));
  document.commentBefore = [`yaml-language-server: $schema=${configSchemaFor(path)}`, '', ...HEAD]
    .map((line) => (line === '' ? '' : ` ${line}`))
    .join('\n');
  const at = ['accounts', answers.account];
  remark(document, [...at, 'exchange'], 'exchange', answers.exchange);
  remark(document, [...at, 'internal'], 'internal', answers.internal);
  remark(document, [...at, 'reconciliation'], 'reconciliation', answers.reconciliation);
  const accounts = document.get('accounts');
  const name = isMap(accounts) ? accounts.items[0]?.key : null;
  if (isScalar(name)) name.commentBefore = " The account's name. It is a part of workflow ids, metrics and addresses.";
  return document.toString({ lineWidth: 0 });
}

function remark(document: Document, at: string[], section: string, fields: Fields): void {
  for (const [field, value] of Object.entries(fields)) {
    const text = REMARKS[`${section}.${field}`] ?? REMARKS[`${section}.${field}=${String(value)}`];
    const node: unknown = document.getIn([...at, field], true);
    // After a text of several lines a comment would become part of the text.
    if (text !== undefined && isScalar(node) && !String(node.value).includes('\n')) node.comment = ` ${text}`;
  }
}

/**
 * The file's text, after it was read with the loader of all commands.
 *
 * @throws ConfigError if the answers do not make a configuration; it names the fields
 */
export function checkedText(answers: Answers, path: string): string {
  const text = configText(answers, path);
  parseConfig(text, path);
  return text;
}

/** A configuration that is valid in each section; single answers are tried in it. */
const VALID: Answers = {
  account: 'main',
  exchange: { id: 'binanceusdm', api_key_env: 'API_KEY', secret_env: 'API_SECRET' },
  internal: { kind: 'push' },
  reconciliation: {},
  channel: null,
};

/** Why the loader would refuse this part of the answers, in one line; null if it takes it. */
export function refusalOf(part: Partial<Answers>): string | null {
  try {
    checkedText({ ...VALID, ...part }, 'plumbline.yaml');
    return null;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first] = error.problems;
    return first === undefined ? error.message : `${first.message}; ${first.remedy}`;
  }
}
