import { z } from 'zod';
import { ACCOUNT_NAME } from '../domain/account/account-name.js';
import { environmentFields } from './environment-fields.js';
import { exchangeIds } from './exchange-ids.js';
import { internalSchema } from './internal-schema.js';
import { notifySchema } from './notify-schema.js';
import { reconciliationSchema } from './reconciliation-schema.js';
import { allowPlainHttp, deadline, filled, port, says, sourceFields, webAddress, whole } from './schema-parts.js';
import { allowedHosts, DEFAULT_HOST, serveSchema } from './serve-schema.js';
import { temporalSchema } from './temporal-schema.js';
import { tracingSchema } from './tracing-schema.js';
import { suggest } from './suggest.js';

export const DEFAULT_KEEP_CLEAN_EVIDENCE_DAYS = 30;
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

const credentialFields = Object.assign({}, ...Object.keys(CREDENTIALS).map((name) => sourceFields(name))) as ReturnType<
  typeof sourceFields<CredentialName>
>;

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
  ...environmentFields,
});

const account = z.strictObject({
  exchange,
  internal: internalSchema,
  reconciliation: reconciliationSchema.meta({ description: 'Overrides for this account.' }).optional(),
});

/** The YAML file as written. `load-config.ts` refuses secrets and checks relations between fields. */
export const configSchema = z
  .strictObject({
    reconciliation: reconciliationSchema.meta({ description: 'Defaults for every account.' }).optional(),
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
    temporal: temporalSchema.optional(),
    tracing: tracingSchema
      .meta({ description: 'Where the traces of runs are sent (OpenTelemetry). Without it there are none.' })
      .optional(),
    serve: serveSchema.optional(),
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
    notify: notifySchema.meta({ description: 'How people are reached.' }).optional(),
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

export type ConfigFile = z.infer<typeof configSchema>;
export type AccountFields = z.infer<typeof account>;
