/**
 * Every limit on what an account, a bot, an exchange or a person can send. `npm run schemas` generates `docs/limits.md`
 * from this table, and a test compares the two.
 *
 * Input beyond a limit is refused with the failure kind `too_large`, or cut if it is only shown. Nothing is omitted
 * silently.
 */
export interface Limit {
  value: number;
  unit: string;
  /** What is limited: a sentence's subject, such as "the orders of one side". */
  what: string;
  /** Why there is a limit, and why it has this value. */
  reason: string;
  /** What a person should do. */
  remedy: string;
  /** `refused`: failure kind `too_large` (or a refused message). `cut`: shortened where it is shown, with a mark. */
  beyond: 'refused' | 'cut';
  /** The setting that changes it, if there is one. */
  setting?: string;
}

const CLOSE_ROWS =
  'Close or cancel what is not needed, or split the account: one account of Plumbline per sub-account.';
const CHECK_WRITER = 'Check the program that wrote it: no valid value is this long.';
const REPORT = 'Report it with this message: no known answer of this exchange is this large.';

const KIB = 1024;
const MIB = 1024 * KIB;

const TABLE = {
  orders: {
    value: 20_000,
    unit: 'orders',
    what: 'open orders of one side',
    reason: 'A run holds both sides in memory and compares them without stalling the worker.',
    remedy: CLOSE_ROWS,
    beyond: 'refused',
  },
  positions: {
    value: 5_000,
    unit: 'positions',
    what: 'open positions of one side',
    reason: 'No exchange has this many contract markets.',
    remedy: CLOSE_ROWS,
    beyond: 'refused',
  },
  balances: {
    value: 10_000,
    unit: 'balances',
    what: 'balances of one side',
    reason: 'No exchange has this many currencies.',
    remedy: CLOSE_ROWS,
    beyond: 'refused',
  },
  scopes: {
    value: 500,
    unit: 'scopes',
    what: 'scopes that one side answers for',
    reason: 'Scopes of the two sides are compared in pairs.',
    remedy: 'Name wider scopes ("positions", "orders") instead of one for each currency.',
    beyond: 'refused',
  },
  gaps: {
    value: 500,
    unit: 'gaps',
    what: 'gaps that one side names',
    reason: 'Gaps are compared in pairs, and shown with every run.',
    remedy: 'Name wider scopes in gaps instead of one for each currency.',
    beyond: 'refused',
  },
  markets: {
    value: 20_000,
    unit: 'markets',
    what: 'amount steps that internal state names',
    reason: 'No exchange has this many markets.',
    remedy: CHECK_WRITER,
    beyond: 'refused',
  },
  idLength: {
    value: 200,
    unit: 'characters',
    what: 'an id, symbol, currency or order type',
    reason: 'The longest ids of exchanges have 100 characters; an id is part of index entries.',
    remedy: CHECK_WRITER,
    beyond: 'refused',
  },
  scopeLength: {
    value: 100,
    unit: 'characters',
    what: 'a scope',
    reason: 'A scope has a kind, a class and a currency.',
    remedy: CHECK_WRITER,
    beyond: 'refused',
  },
  reasonLength: {
    value: 500,
    unit: 'characters',
    what: 'the reason of a gap',
    reason: 'It is shown on one line.',
    remedy: 'Shorten it.',
    beyond: 'refused',
  },
  numberLength: {
    value: 80,
    unit: 'characters',
    what: 'a number',
    reason: 'A token with 18 decimals and a supply of 10^40 has 59. Exact arithmetic takes quadratic time.',
    remedy: CHECK_WRITER,
    beyond: 'refused',
  },
  exponent: {
    value: 40,
    unit: '(positive or negative)',
    what: 'the exponent of a number',
    reason: 'An exponent is written out as that many digits.',
    remedy: CHECK_WRITER,
    beyond: 'refused',
  },
  internalBytes: {
    value: 32 * MIB,
    unit: 'bytes',
    what: 'internal state, after decompression',
    reason: '20,000 orders take about 5 MB.',
    remedy: 'Raise internal.max_bytes if the account is really that large.',
    beyond: 'refused',
    setting: 'internal.max_bytes',
  },
  exchangeBytes: {
    value: 40 * MIB,
    unit: 'bytes',
    what: 'one answer of an exchange, after decompression',
    reason: 'The markets of a spot exchange take 20 MB; 20,000 orders in one answer take 15 MB.',
    remedy: REPORT,
    beyond: 'refused',
  },
  jsonDepth: {
    value: 64,
    unit: 'levels',
    what: 'nesting of a JSON document',
    reason: 'Known documents nest 10 levels deep.',
    remedy: CHECK_WRITER,
    beyond: 'refused',
  },
  jsonValues: {
    value: 3_000_000,
    unit: 'values',
    what: 'values in a JSON document',
    reason: 'An empty list takes 2 bytes in a document and 30 times as much in memory.',
    remedy: CHECK_WRITER,
    beyond: 'refused',
  },
  jsonTextLength: {
    value: 100_000,
    unit: 'characters',
    what: 'one text in a JSON document',
    reason: 'Texts that Plumbline uses have their own limits; others may be notices of an exchange.',
    remedy: CHECK_WRITER,
    beyond: 'refused',
  },
  pages: {
    value: 400,
    unit: 'pages',
    what: 'pages of one list of an exchange',
    reason: 'Bounds the requests to an exchange that never reports a last page.',
    remedy: CLOSE_ROWS,
    beyond: 'refused',
  },
  failureMessage: {
    value: 1_000,
    unit: 'characters',
    what: 'message of a failure, description of a difference, text of a call',
    reason: 'They pass through workflow history.',
    remedy: 'The ledger keeps rows and values in full.',
    beyond: 'cut',
  },
  failureRemedy: {
    value: 500,
    unit: 'characters',
    what: 'remedy and place of a failure',
    reason: 'They pass through workflow history.',
    remedy: 'The ledger keeps rows and values in full.',
    beyond: 'cut',
  },
  listedScopes: {
    value: 100,
    unit: 'scopes',
    what: 'scopes listed in an answer to a workflow',
    reason: 'They pass through workflow history. The entry after them counts the rest.',
    remedy: '`plumbline diff` lists all; the ledger keeps them with the run.',
    beyond: 'cut',
  },
  reasons: {
    value: 100,
    unit: 'reasons',
    what: 'reasons of one open intervention',
    reason: 'They are arguments of its workflow. Later ones are counted, and the newest is recorded.',
    remedy: '`plumbline events` has one event for each run that gave reasons.',
    beyond: 'cut',
  },
  summaryBytes: {
    value: 200,
    unit: 'bytes',
    what: 'summary of a timer or activity',
    reason: 'A Temporal server refuses a workflow task with a summary over 400 bytes.',
    remedy: 'The ledger has the full text.',
    beyond: 'cut',
  },
  currentDetails: {
    value: 10_000,
    unit: 'characters',
    what: 'current details of a workflow',
    reason: 'A person reads them; the Web UI loads them with each list of workflows.',
    remedy: '`plumbline status` and `plumbline runs` show the rest.',
    beyond: 'cut',
  },
  messageName: {
    value: 200,
    unit: 'characters',
    what: 'name of a sender, action of a reason',
    reason: 'It is a name, not a text.',
    remedy: 'Send a shorter name.',
    beyond: 'refused',
  },
  messageText: {
    value: 2_000,
    unit: 'characters',
    what: 'reason or note in a message to a workflow',
    reason: 'It passes through workflow history.',
    remedy: 'Put the rest elsewhere and send a link.',
    beyond: 'refused',
  },
  policyLength: {
    value: 100_000,
    unit: 'characters',
    what: 'the policy of an account, as JSON',
    reason: 'It is an argument of the workflow and of its activities.',
    remedy: 'Ignore by prefix instead of by symbol.',
    beyond: 'refused',
  },
  accounts: {
    value: 10_000,
    unit: 'accounts',
    what: 'accounts in one configuration',
    reason: 'Each account has about 30 series in /metrics.',
    remedy: 'Split the configuration: one worker and one ledger for each part.',
    beyond: 'refused',
  },
  configBytes: {
    value: 8 * MIB,
    unit: 'bytes',
    what: 'the configuration file',
    reason: '10,000 accounts take about 5 MB.',
    remedy: 'Check that --config names the right file.',
    beyond: 'refused',
  },
  configDepth: {
    value: 20,
    unit: 'levels',
    what: 'nesting of the configuration',
    reason: 'A configuration nests 6 levels deep.',
    remedy: 'Correct the indentation.',
    beyond: 'refused',
  },
  configTextLength: {
    value: 4_096,
    unit: 'characters',
    what: 'one text in the configuration',
    reason: 'The longest are URLs and paths.',
    remedy: 'Put secrets into files or environment variables, and refer to those.',
    beyond: 'refused',
  },
  configAliases: {
    value: 100,
    unit: 'uses',
    what: 'aliases of the configuration, expanded',
    reason: 'Nested aliases grow exponentially.',
    remedy: 'Write out the values instead of aliases.',
    beyond: 'refused',
  },
  secretBytes: {
    value: 64 * KIB,
    unit: 'bytes',
    what: 'a file that holds a secret',
    reason: 'The longest private keys have 16 KiB.',
    remedy: 'Name a file that holds only the secret.',
    beyond: 'refused',
  },
  channelAnswerBytes: {
    value: 64 * KIB,
    unit: 'bytes',
    what: 'the answer of a service that receives notifications',
    reason: 'Their answers have a few hundred bytes.',
    remedy: 'Check the address of the channel: a proxy or a login page may have answered.',
    beyond: 'refused',
  },
  gateWaits: {
    value: 1_000,
    unit: 'requests',
    what: 'requests to one `serve` that wait for a change of a trading gate',
    reason: 'Each holds one of 4,096 connections.',
    remedy: 'One waiting request per bot is enough. Run a second `plumbline serve` for more bots.',
    beyond: 'refused',
  },
  statusStreams: {
    value: 500,
    unit: 'streams',
    what: 'status pages that follow one `serve`',
    reason: 'Each holds one of 4,096 connections.',
    remedy: 'Close pages that nobody looks at. A page without a stream says that it does not follow.',
    beyond: 'refused',
  },
  recentBodies: {
    value: 16_000_000,
    unit: 'characters',
    what: 'snapshots that a worker keeps in memory',
    reason: 'Older ones are loaded from the ledger.',
    remedy: 'No action is needed: a run with more is slower.',
    beyond: 'cut',
  },
} as const satisfies Readonly<Record<string, Limit>>;

export type LimitName = keyof typeof TABLE;

export const LIMITS: Readonly<Record<LimitName, Limit>> = TABLE;

/** Input exceeds a limit. Code that knows the sender turns it into a FailureError of kind `too_large`. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
  constructor(
    readonly limit: LimitName,
    /** What came: a count, or a few words. */
    readonly came: number | string,
    /** The place in the document ("orders[3].id"); null if the whole document exceeds the limit. */
    readonly where: string | null = null,
    /** The limit that applied, which a setting may have changed. */
    readonly allowed: number = LIMITS[limit].value,
  ) {
    super(excessText(limit, came, where, allowed));
  }

  get remedy(): string {
    return LIMITS[this.limit].remedy;
  }
}

/** "orders[3].id has 900 characters; at most 200 characters are read (limit: an id, symbol, currency or order type)" */
function excessText(name: LimitName, came: number | string, where: string | null, allowed: number): string {
  const { unit, what } = LIMITS[name];
  const amount = typeof came === 'number' ? `${came} ${unit}` : came;
  return `${where ?? 'it'} has ${amount}; at most ${allowed} ${unit} are read (limit: ${what})`;
}

/** Throws TooLargeError if a text or list is longer than its limit. */
export function requireLength(name: LimitName, length: number, where: string | null = null): void {
  if (length > LIMITS[name].value) throw new TooLargeError(name, length, where);
}
