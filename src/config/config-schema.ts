import { z } from 'zod';
import { ACCOUNT_NAME } from '../domain/account/account-name.js';
import { DISCREPANCY_TYPES } from '../domain/difference/difference.js';
import { LIMITS } from '../domain/limits/limits.js';
import {
  isTolerance,
  MAX_LISTED,
  MAX_RULE_LENGTH,
  POLICY_LIMITS,
  REMINDER_MINUTES,
} from '../domain/policy/policy-limits.js';
import { DEFAULT_POLICY } from '../domain/policy/policy.js';
import { canonicalHost } from '@plumbline/primitives/hosts';
import { exchangeIds } from './exchange-ids.js';
import { suggest } from './suggest.js';

export const DEFAULT_DEADLINE_SECONDS = 10;
export const DEFAULT_MAX_BYTES = LIMITS.internalBytes.value;
export const DEFAULT_KEEP_CLEAN_EVIDENCE_DAYS = 30;
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_SERVE_PORT = 9400;
export const DEFAULT_METRICS_PORT = 9401;
export const DEFAULT_TASK_QUEUE = 'plumbline';

/** Names of credentials in the file and in ccxt. Each is given as `<name>_env` or `<name>_file`. */
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

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const whole = (min: number, max: number) => z.int().min(min).max(max);
/** A whole number within the limits that the workflows check, too. */
const limited = (field: keyof typeof POLICY_LIMITS) => whole(POLICY_LIMITS[field][0], POLICY_LIMITS[field][1]);
const filled = z.string().min(1);

const envName = filled
  .refine((name) => ENV_NAME.test(name), 'the name of an environment variable (letters, digits, underscores)')
  .refine((name) => !looksLikeSecret(name), 'the name of an environment variable, not the secret itself');
const fileName = filled;

/** Whether the text is long, with letters and digits and without underscores: probably a pasted key, not a variable name. */
function looksLikeSecret(text: string): boolean {
  return text.length >= 20 && !text.includes('_') && /\d/.test(text) && /[A-Za-z]/.test(text);
}

const decimal = z
  .custom<string | number>(
    (value) => isTolerance(String(value)),
    'a decimal number that is not negative, or a percentage ("0.5%")',
  )
  .meta({ type: ['string', 'number'] })
  .transform(String);

const port = whole(0, 65_535);
const discrepancyTypes = z.array(z.enum(DISCREPANCY_TYPES)).max(MAX_LISTED);
const ruleText = filled.max(MAX_RULE_LENGTH);

/** Metadata for editors. `policy-fields.ts` and `load-config.ts` apply the defaults. */
function says(description: string, byDefault: unknown): { description: string; default: unknown } {
  return { description, default: byDefault };
}

const reconciliation = z
  .strictObject({
    enabled: z.boolean().meta(says('Whether `plumbline apply` runs the account.', true)),
    interval_minutes: limited('intervalMinutes').meta(
      says('Minutes between the starts of two runs.', DEFAULT_POLICY.intervalMinutes),
    ),
    failure_threshold: limited('failureThreshold').meta(
      says('Failed runs in a row that open an intervention.', DEFAULT_POLICY.failureThreshold),
    ),
    confirmations: limited('confirmations').meta(
      says(
        'Consecutive observations in which a difference must be unchanged before it is confirmed; one never confirms.',
        DEFAULT_POLICY.confirmations,
      ),
    ),
    confirm_interval_seconds: limited('settleSeconds').meta(
      says('Seconds between two observations.', DEFAULT_POLICY.settleSeconds),
    ),
    grace_seconds: limited('graceSeconds').meta(
      says(
        "Seconds that must pass after a change, on the exchange's own clock, before it is confirmed.",
        DEFAULT_POLICY.graceSeconds,
      ),
    ),
    max_observations: limited('maxLooks').meta(
      says('Observations after which a key that keeps changing is unconfirmed.', DEFAULT_POLICY.maxLooks),
    ),
    max_internal_age_seconds: limited('maxInternalAgeSeconds').meta(
      says(
        'A run fails with internal_stale if internal state is older than this.',
        DEFAULT_POLICY.maxInternalAgeSeconds,
      ),
    ),
    retry_seconds: limited('retrySeconds').meta(
      says(
        'Seconds for which a failed read is retried before the run fails; 0 tries once.',
        DEFAULT_POLICY.retrySeconds,
      ),
    ),
    tolerance: z.record(ruleText, decimal).meta({
      description:
        'Base units, or a percentage of the smaller amount ("0.5%"), by unified symbol (or currency); "*" for all others. Default: half of the market\'s amount step.',
    }),
    compare_balances: z.boolean().meta(says('Whether balances are compared.', DEFAULT_POLICY.compareBalances)),
    ignore: z
      .strictObject({
        symbols: z.array(ruleText).max(MAX_LISTED).meta({ description: 'Unified symbols.' }),
        client_order_id_prefixes: z
          .array(ruleText)
          .max(MAX_LISTED)
          .meta({ description: 'Prefixes of client order ids.' }),
        types: discrepancyTypes.meta({ description: 'Discrepancy types.' }),
      })
      .partial()
      .meta({ description: 'What is excluded from the comparison; each run counts it.' }),
    intervene_on: discrepancyTypes.meta(
      says('Discrepancy types that open an intervention.', DEFAULT_POLICY.interveneOn),
    ),
    unconfirmed_threshold: limited('unsettledThreshold').meta(
      says('Runs in a row with the same unconfirmed key that open an intervention.', DEFAULT_POLICY.unsettledThreshold),
    ),
    reminder_minutes: z
      .array(whole(...REMINDER_MINUTES))
      .min(1)
      .max(MAX_LISTED)
      .meta(
        says(
          'Minutes between reminders while an intervention is open; the last value repeats.',
          DEFAULT_POLICY.reminderMinutes,
        ),
      ),
    gate_max_age_minutes: limited('gateMaxAgeMinutes').meta({
      description:
        'Age of the last success, in minutes, above which the trading gate closes. Default: three intervals, at least 60.',
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

/** Only for networks that nobody else can read: keys, tokens and positions are sent unencrypted. */
const allowPlainHttp = z
  .boolean()
  .meta(
    says(
      'Allows http:// to another host although a key or token is sent: anyone who sees the traffic can read and use it.',
      false,
    ),
  );

const allowedHosts = z
  .array(
    filled
      .max(255)
      .refine((host) => canonicalHost(host) !== null && !/:\d+$/.test(host), 'a host name without scheme and port'),
  )
  .max(MAX_LISTED);
const allowedHostsMeaning =
  'Further host names that it answers: the service name of a container, the public name of a proxy. It always answers ' +
  'loopback names and, unless it listens on loopback, IP addresses. Requests for other names are refused (421), so that no ' +
  'web page can read it through a browser by DNS rebinding.';

const deadline = whole(1, 300).meta(
  says('Seconds for one request, including its whole body.', DEFAULT_DEADLINE_SECONDS),
);

const exchange = z.strictObject({
  id: filled.meta({ description: "ccxt's exchange id, such as binanceusdm." }).refine((id) => exchangeIds().has(id), {
    error: ({ input }) => {
      const nearest = suggest(String(input), exchangeIds());
      return `an exchange id of ccxt${nearest === null ? '' : `; did you mean "${nearest}"?`}`;
    },
  }),
  ...credentialFields,
  base_url: webAddress
    .meta({ description: "Replaces scheme and host of all of the exchange's addresses: for a proxy or a test." })
    .optional(),
  allow_plain_http: allowPlainHttp.optional(),
  deadline_seconds: deadline.optional(),
  weight_per_minute: whole(10, 10_000_000)
    .meta({
      description:
        "The part of the exchange's rate limit that all accounts of this exchange together may use in a minute, on all workers, " +
        'in the weights that `plumbline check` shows. The lowest value of these accounts applies. Default: well below the ' +
        'documented limit.',
    })
    .optional(),
});

const maxBytes = whole(1, 1024 ** 3).meta(
  says('Size of the largest answer that is read, in bytes.', DEFAULT_MAX_BYTES),
);

const internal = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('http'),
    url: webAddress.meta({ description: 'The address at which the bot serves its state.' }),
    ...sourceFields('token'),
    allow_plain_http: allowPlainHttp.optional(),
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

/** The YAML file as written. `load-config.ts` refuses secrets and checks relations between fields. */
export const configSchema = z
  .strictObject({
    reconciliation: reconciliation.meta({ description: 'Defaults for every account.' }).optional(),
    // `checkRelations` checks the names, because after a wrong key zod would not check the account itself.
    accounts: z.record(z.string(), account).meta({ propertyNames: { pattern: ACCOUNT_NAME.source }, minProperties: 1 }),
    ledger: z
      .strictObject({
        ...sourceFields('url'),
        keep_clean_evidence_days: whole(1, 36_500)
          .meta(says('Days for which snapshots of clean runs are kept.', DEFAULT_KEEP_CLEAN_EVIDENCE_DAYS))
          .optional(),
      })
      .optional(),
    serve: z
      .strictObject({
        host: filled.meta(says('The address that `plumbline serve` listens on.', DEFAULT_HOST)),
        port: port.meta(says('0 takes any free port.', DEFAULT_SERVE_PORT)),
        allowed_hosts: allowedHosts.meta(says(allowedHostsMeaning, [])),
      })
      .partial()
      .optional(),
    watch: z
      .strictObject({
        command: z
          .array(z.string().max(10_000))
          .min(1)
          .max(100)
          .refine(
            ([program]) => program !== '',
            'a program and its arguments, such as ["/usr/local/bin/notify", "ops"]',
          )
          .meta({
            description:
              "Program and arguments that `plumbline serve` runs when an account becomes silent or is checked again. The program reads one JSON document on stdin and may run for 30 s. A path with a slash is relative to this file's folder.",
          }),
      })
      .partial()
      .meta({ description: 'What happens when an account is not checked although it should be.' })
      .optional(),
    worker: z
      .strictObject({
        task_queue: filled.max(200).meta(says("Temporal's task queue of the workers.", DEFAULT_TASK_QUEUE)),
        metrics_host: filled.meta(says("The address that serves the worker's own metrics.", DEFAULT_HOST)),
        metrics_port: port.meta(says('0 takes any free port.', DEFAULT_METRICS_PORT)),
        metrics_allowed_hosts: allowedHosts.meta(says(`As serve.allowed_hosts, for the worker's metrics.`, [])),
      })
      .partial()
      .optional(),
  })
  .meta({ title: 'Plumbline configuration' });

export const reconciliationSchema = reconciliation;

export type ConfigFile = z.infer<typeof configSchema>;
export type ReconciliationFields = z.infer<typeof reconciliation>;
export type AccountFields = z.infer<typeof account>;
