import { z } from 'zod';
import { isDecimal } from '../domain/decimal/decimal.js';
import { decimalExcess } from '../domain/decimal/decimal-limits.js';
import { NOT_COMPARED_REASONS } from '../domain/snapshot/snapshot.js';
import { DISCREPANCY_TYPES } from '../domain/difference/difference.js';
import { isTolerance, MAX_LISTED, REMINDER_MINUTES } from '../domain/policy/policy-limits.js';
import { DEFAULT_POLICY } from '../domain/policy/policy.js';
import { heartbeatSchema } from './heartbeat-schema.js';
import { drift } from './drift-schema.js';
import { escalation, notifyChannels, quietHours, snoozeMaxHours } from './ladder-schema.js';
import { limited, ruleText, says, whole } from './schema-parts.js';

const toleranceText = z
  .custom<string | number>(
    (value) => (typeof value === 'string' || typeof value === 'number') && isTolerance(String(value)),
    'a decimal number that is not negative, or a percentage ("0.5%")',
  )
  .meta({ type: ['string', 'number'] })
  .transform(String);

const notNegative = z
  .custom<string | number>(
    (value) =>
      (typeof value === 'string' || typeof value === 'number') &&
      isTolerance(String(value)) &&
      !/[%+]/.test(String(value)),
    'a decimal number that is not negative',
  )
  .meta({ type: ['string', 'number'] })
  .transform(String);

/** The text of a policy for an amount and a percentage together is "0.001+0.5%". */
const tolerance = z.union([
  toleranceText,
  z
    .strictObject({ amount: notNegative, percent: notNegative })
    .transform(({ amount, percent }) => `${amount}+${percent}%`),
]);

const signedDecimal = z
  .custom<string | number>(
    (value) => isDecimal(String(value)) && decimalExcess(String(value)) === null,
    'a decimal number',
  )
  .meta({ type: ['string', 'number'] })
  .transform(String);
/** Most entries of a map. */
const listed = [(map: object) => Object.keys(map).length <= MAX_LISTED, `at most ${MAX_LISTED} entries`] as const;

const discrepancyTypes = z.array(z.enum(DISCREPANCY_TYPES)).max(MAX_LISTED);

/** How an account is judged. `policy-fields.ts` merges the defaults with the account's own. */
export const reconciliationSchema = z
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
        "Seconds that must pass after a change, on the exchange's own clock, before it is confirmed. An account with a Freqtrade: 60.",
        DEFAULT_POLICY.graceSeconds,
      ),
    ),
    max_observations: limited('maxLooks').meta(
      says(
        'Observations after which a key that keeps changing is unconfirmed. An account with a Freqtrade: 8.',
        DEFAULT_POLICY.maxLooks,
      ),
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
    aliases: z
      .strictObject({
        symbols: z
          .record(ruleText, ruleText)
          .refine(...listed)
          .meta({
            description: 'Symbols of internal state, and the symbols of the exchange that they mean.',
          }),
        currencies: z
          .record(ruleText, ruleText)
          .refine(...listed)
          .meta({
            description:
              "Currencies of internal state, and the currencies that they mean. An exchange's known names are built in.",
          }),
      })
      .partial()
      .meta({ description: 'Names of internal state that mean another symbol or currency; rows of one are summed.' }),
    baseline: z
      .strictObject({
        positions: z
          .record(ruleText, signedDecimal)
          .refine(...listed)
          .meta({
            description:
              'By unified symbol, in base units (of inverse contracts: quote value): above zero long, below zero short.',
          }),
        balances: z
          .record(ruleText, signedDecimal)
          .refine(...listed)
          .meta({ description: 'By currency.' }),
      })
      .partial()
      .meta({ description: 'What the owner holds on the account beside the bot. It is added to internal state.' }),
    tolerance: z.record(ruleText, tolerance).meta({
      description:
        'Base units (of inverse contracts: quote value), a percentage of the smaller amount ("0.5%"), or both ({amount: 0.001, percent: 0.5}; they add up), by unified symbol (or currency); "*" for all others. Default: half of the market\'s amount step.',
    }),
    compare_balances: z
      .union([z.boolean(), z.literal('auto')])
      .meta(
        says(
          'Whether balances are compared. auto: on spot accounts, where they are the positions; not where positions of contracts are compared, because margin changes with every fee.',
          DEFAULT_POLICY.compareBalances,
        ),
      ),
    at_least: z.array(ruleText).max(MAX_LISTED).meta({
      description:
        'Currencies of which the exchange may hold more than the bot says ("*" for all): fee reserves, rewards, coins of the owner.',
    }),
    ignore: z
      .strictObject({
        symbols: z.array(ruleText).max(MAX_LISTED).meta({ description: 'Unified symbols.' }),
        client_order_id_prefixes: z
          .array(ruleText)
          .max(MAX_LISTED)
          .meta({ description: 'Prefixes of client order ids.' }),
        only_client_order_id_prefixes: z.array(ruleText).max(MAX_LISTED).meta({
          description: "Only orders with these prefixes are the bot's; all others are left out.",
        }),
        orders_without_client_id: z
          .boolean()
          .meta(says('Leaves out orders without a client order id that internal state does not have.', false)),
        types: discrepancyTypes.meta({ description: 'Discrepancy types.' }),
      })
      .partial()
      .meta({ description: 'What is excluded from the comparison; each run counts it.' }),
    drift,
    intervene_on: discrepancyTypes.meta(
      says('Discrepancy types that open an intervention.', DEFAULT_POLICY.interveneOn),
    ),
    intervene_on_not_compared: z
      .array(z.enum(NOT_COMPARED_REASONS))
      .max(MAX_LISTED)
      .meta(
        says(
          'Reasons for which a symbol or scope that is not compared opens an intervention, once until it is gone.',
          DEFAULT_POLICY.interveneOnNotCompared,
        ),
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
    escalation,
    notify: notifyChannels,
    quiet_hours: quietHours,
    snooze_max_hours: snoozeMaxHours,
    gate_max_age_minutes: limited('gateMaxAgeMinutes').meta({
      description:
        'Age of the last success, in minutes, above which the trading gate closes. Default: three intervals, at least 60.',
    }),
    heartbeat: heartbeatSchema.meta({
      description:
        "A dead man's switch: the URL is pinged after each verdict, matched or drifted. {account} in it is replaced by the account's name.",
    }),
  })
  .partial();

export type ReconciliationFields = z.infer<typeof reconciliationSchema>;
