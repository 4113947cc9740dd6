import { z } from 'zod';
import { isDecimal, signOf } from '../domain/decimal.js';
import { DISCREPANCY_TYPES } from '../domain/difference.js';
import { exchangeIds } from './exchange-ids.js';
import { suggest } from './suggest.js';

/** `api_key` in the file becomes `apiKey` for ccxt. Each is given as `<name>_env` or `<name>_file`. */
export const CREDENTIALS = {
  api_key: 'apiKey',
  secret: 'secret',
  password: 'password',
  uid: 'uid',
  account_id: 'accountId',
  login: 'login',
  token: 'token',
  wallet_address: 'walletAddress',
  private_key: 'privateKey',
} as const;
type CredentialName = keyof typeof CREDENTIALS;

export const ACCOUNT_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const whole = (min: number, max: number) => z.int().min(min).max(max);
const filled = z.string().min(1);

const envName = filled
  .refine((name) => ENV_NAME.test(name), 'the name of an environment variable (letters, digits, underscores)')
  .refine((name) => !looksLikeSecret(name), 'the name of an environment variable, not the secret itself');
const fileName = filled;

/** Long, with letters and digits and without the underscores of a variable's name: someone pasted the key itself. */
function looksLikeSecret(text: string): boolean {
  return text.length >= 20 && !text.includes('_') && /\d/.test(text) && /[A-Za-z]/.test(text);
}

const decimal = z
  .custom<string | number>((value) => isTolerance(String(value)), 'a decimal number that is not negative')
  .meta({ type: ['string', 'number'] })
  .transform(String);

function isTolerance(text: string): boolean {
  return text.length <= 40 && isDecimal(text) && signOf(text) >= 0;
}

const port = whole(0, 65_535);
const discrepancyTypes = z.array(z.enum(DISCREPANCY_TYPES));

const reconciliation = z
  .strictObject({
    enabled: z.boolean().meta({ description: 'Whether `plumbline apply` runs this account. Default true.' }),
    interval_minutes: whole(5, 1440).meta({ description: 'Minutes from one run to the next. Default 30.' }),
    failure_threshold: whole(1, 1000).meta({ description: 'Failed runs in a row that call a human. Default 3.' }),
    confirmations: whole(2, 20).meta({
      description: 'Consecutive looks in which a difference must stand unchanged before it counts. Default 2.',
    }),
    settle_seconds: whole(1, 3600).meta({ description: 'Seconds from one look to the next. Default 10.' }),
    grace_seconds: whole(0, 3600).meta({
      description: "How long a change must lie back, on the exchange's own clock, before it counts. Default 30.",
    }),
    max_looks: whole(2, 100).meta({ description: 'Looks after which a moving key is called unsettled. Default 6.' }),
    max_internal_age_seconds: whole(1, 86_400).meta({
      description: 'Internal state older than this is a failure named internal_stale. Default 300.',
    }),
    retry_seconds: whole(0, 3600).meta({
      description: 'How long a failed read is tried again before the run is failed; 0 tries once.',
    }),
    tolerance: z.record(filled, decimal).meta({
      description: 'Base units by unified symbol, "*" for all others. Default: half of the market\'s amount step.',
    }),
    compare_balances: z.boolean().meta({ description: 'Whether balances are compared. Default false.' }),
    ignore: z
      .strictObject({
        symbols: z.array(filled),
        client_order_id_prefixes: z.array(filled),
        types: discrepancyTypes,
      })
      .partial()
      .meta({ description: 'Rows left out of the comparison; what is left out is counted in the run.' }),
    intervene_on: discrepancyTypes.meta({ description: 'Discrepancy types that call a human. Default: all.' }),
    unsettled_threshold: whole(1, 1000).meta({
      description: 'Runs in a row that leave the same key unsettled before a human is called. Default 3.',
    }),
    reminder_minutes: z
      .array(whole(1, 10_080))
      .min(1)
      .meta({ description: 'Minutes between reminders while an intervention is open, the last one repeating.' }),
    gate_max_age_minutes: whole(1, 100_000).meta({
      description: 'Age of the last success above which the gate closes. Grows with interval_minutes where not given.',
    }),
  })
  .partial();

function sourceFields<Name extends string>(name: Name) {
  const fields = {
    [`${name}_env`]: envName.meta({ description: 'Environment variable that holds it.' }).optional(),
    [`${name}_file`]: fileName.meta({ description: "File that holds it, relative to this file's folder." }).optional(),
  };
  return fields as Record<`${Name}_env`, z.ZodOptional<typeof envName>> &
    Record<`${Name}_file`, z.ZodOptional<typeof fileName>>;
}

const credentialFields = Object.assign({}, ...Object.keys(CREDENTIALS).map((name) => sourceFields(name))) as ReturnType<
  typeof sourceFields<CredentialName>
>;

const webAddress = filled.superRefine((text, context) => {
  const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
  if (!URL.canParse(text)) return refuse('an http:// or https:// address');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') refuse('an http:// or https:// address');
});

const deadline = whole(1, 300).meta({
  description: 'Seconds for one request, its whole body included. Default 10.',
});

const exchange = z.strictObject({
  id: filled.meta({ description: "ccxt's exchange id, such as binanceusdm." }).refine((id) => exchangeIds().has(id), {
    error: ({ input }) => {
      const nearest = suggest(String(input), exchangeIds());
      return `an exchange id of ccxt${nearest === null ? '' : `; did you mean "${nearest}"?`}`;
    },
  }),
  ...credentialFields,
  base_url: webAddress
    .meta({ description: "Replaces scheme and host of all of the exchange's addresses: a proxy or a test." })
    .optional(),
  deadline_seconds: deadline.optional(),
});

const maxBytes = whole(1, 1024 ** 3).meta({ description: 'Largest answer that is read. Default 33554432 (32 MiB).' });

const internal = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('http'),
    url: webAddress.meta({ description: 'Where the bot serves its state.' }),
    ...sourceFields('token'),
    deadline_seconds: deadline.optional(),
    max_bytes: maxBytes.optional(),
  }),
  z.strictObject({
    kind: z.literal('file'),
    path: filled.meta({ description: "The file that the bot writes, relative to this file's folder." }),
    max_bytes: maxBytes.optional(),
  }),
]);

const account = z.strictObject({
  exchange,
  internal,
  reconciliation: reconciliation.meta({ description: 'Overrides for this account.' }).optional(),
});

/** The YAML file as it is written. Secrets are refused and relations between fields checked in `load-config.ts`. */
export const configSchema = z
  .strictObject({
    reconciliation: reconciliation.meta({ description: 'Defaults for every account.' }).optional(),
    // The names are checked with the relations: a wrong key would keep zod from looking at the account itself.
    accounts: z.record(z.string(), account).meta({ propertyNames: { pattern: ACCOUNT_NAME.source }, minProperties: 1 }),
    ledger: z
      .strictObject({
        ...sourceFields('url'),
        keep_clean_evidence_days: whole(1, 36_500)
          .meta({ description: 'Days for which the snapshots of clean runs are kept. Default 30.' })
          .optional(),
      })
      .optional(),
    serve: z.strictObject({ host: filled, port }).partial().optional(),
    worker: z.strictObject({ task_queue: filled, metrics_host: filled, metrics_port: port }).partial().optional(),
  })
  .meta({ title: 'Plumbline configuration' });

export const reconciliationSchema = reconciliation;

export type ConfigFile = z.infer<typeof configSchema>;
export type ReconciliationFields = z.infer<typeof reconciliation>;
export type AccountFields = z.infer<typeof account>;
