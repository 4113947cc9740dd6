import { notComparedName } from '../../domain/compare/observation.js';
import { z } from 'zod';
import type { AccountConfig } from '../../config/config.js';
import { capacityRemedy, type Capacity } from './capacity.js';
import type { AccountCheck } from './check-answer.js';
import { CHECK_STATES, CHECKS } from './check-answer.js';

const check = z.strictObject({
  check: z.enum(CHECKS),
  /** "failed": a run would fail because of it. "skipped": not checked, because an earlier check failed. */
  state: z.enum(CHECK_STATES),
  text: z.string(),
  remedy: z.string().nullable(),
});

const SOURCE_KINDS = ['http', 'file', 'freqtrade', 'push', 'sql', 'nautilus', 'hummingbot'] as const;
const mayOrNull = z.boolean().nullable();
const whole = z.int().nonnegative();

const account = z.strictObject({
  account: z.string(),
  exchange: z.string(),
  /** Whether a run would succeed. */
  ready: z.boolean(),
  checks: z.array(check),
  verified_profile: mayOrNull,
  /** Where the account trades; only `live` is real money. */
  environment: z.enum(['live', 'demo', 'testnet']),
  /** The exchange's clock minus ours. */
  clock: z.strictObject({ difference_ms: z.int(), uncertainty_ms: whole }).nullable(),
  latency: z.strictObject({ calls: whole, median_ms: whole, slowest_ms: whole }).nullable(),
  key: z
    .strictObject({
      answer: z.enum(['told', 'not_told', 'failed']),
      can_trade: mayOrNull,
      can_withdraw: mayOrNull,
      ip_restricted: mayOrNull,
      note: z.string(),
    })
    .nullable(),
  /** In the exchange's terms ("unified account"); null where the profile does not ask. */
  account_kind: z.string().nullable(),
  position_mode: z.enum(['one-way', 'hedge']).nullable(),
  markets: z.strictObject({ spot: whole, linear: whole, inverse: whole }).nullable(),
  /** What one observation costs; a run in which both sides agree takes one. Each call is counted once. */
  cost: z
    .strictObject({
      calls: whole,
      weight: z.number(),
      budget_per_minute: z.number(),
      share_of_a_minute: z.number(),
      /** `scopes` is empty for calls that read no part of the account: clock, account mode. */
      parts: z.array(z.strictObject({ scopes: z.array(z.string()), found: whole, calls: whole, weight: z.number() })),
    })
    .nullable(),
  gaps: z.array(z.strictObject({ scope: z.string(), reason: z.string() })),
  internal: z
    .strictObject({
      /** "several": the sum of several sources. */
      kind: z.enum([...SOURCE_KINDS, 'several']),
      sources: z.array(
        z.strictObject({
          name: z.string().nullable(),
          kind: z.enum(SOURCE_KINDS),
          /** "mirror": its numbers are what the bot last read from the exchange. */
          record: z.enum(['own', 'mirror']),
        }),
      ),
      age_seconds: z.int(),
      scopes: z.array(z.string()),
      positions: whole,
      orders: whole,
      balances: whole,
      unknown_symbols: z.array(z.string()),
    })
    .nullable(),
  coverage: z.strictObject({ compared: z.array(z.string()), not_compared: z.array(z.string()) }),
  /** Number of differences in this one observation; none of them is confirmed. */
  differences: whole.nullable(),
});

/** The JSON of `plumbline check -o json`. Null means "not known". */
export const checkDocumentSchema = z.strictObject({
  /** Whether a run would succeed for every account that was checked. */
  ready: z.boolean(),
  ledger: z.strictObject({ state: z.enum(CHECK_STATES), text: z.string(), remedy: z.string().nullable() }),
  accounts: z.array(account),
  /** Whether people can be reached: the channels of these accounts, and their dead man's switches. */
  notify: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.string(),
      state: z.enum(CHECK_STATES),
      text: z.string(),
      remedy: z.string().nullable(),
    }),
  ),
  /** Per exchange and address: how much of the rate limit all enabled accounts of the configuration use. */
  capacity: z.array(
    z.strictObject({
      exchange: z.string(),
      base_url: z.string().nullable(),
      accounts: whole,
      /** How many accounts like these one address can serve. */
      carries: whole,
      /** 1 is the whole limit. Above 0.9 runs come late. */
      share: z.number(),
      remedy: z.string().nullable(),
    }),
  ),
});
export type CheckDocument = z.infer<typeof checkDocumentSchema>;

/** The capacity of one exchange in the JSON form of `check -o json`. */
export function capacityDocument(capacity: Capacity): CheckDocument['capacity'][number] {
  const { exchange, baseUrl, accounts, carries, share } = capacity;
  const remedy = capacityRemedy(capacity);
  return { exchange, base_url: baseUrl, accounts, carries, share: Math.round(share * 1_000) / 1_000, remedy };
}

/** The kind of the source of internal state, and all sources by name. */
export function sourcesDocument({ internal }: AccountConfig) {
  const sources = internal.map(({ name, source, record = 'own' }) => ({ name, kind: source.kind, record }));
  const [only] = sources;
  return { kind: sources.length === 1 && only !== undefined ? only.kind : ('several' as const), sources };
}

/** The check of one account in the JSON form of `check -o json`; numbers that are not known are null. */
export function accountCheckDocument(reported: AccountCheck): CheckDocument['accounts'][number] {
  const { clock, latency, key, cost, internal } = reported;
  return {
    account: reported.account.name,
    exchange: reported.account.exchange.id,
    ready: reported.ready,
    checks: reported.checks,
    verified_profile: reported.verifiedProfile,
    environment: reported.environment,
    clock: clock === null ? null : { difference_ms: clock.differenceMs, uncertainty_ms: clock.uncertaintyMs },
    latency:
      latency === null ? null : { calls: latency.calls, median_ms: latency.medianMs, slowest_ms: latency.slowestMs },
    key:
      key === null
        ? null
        : {
            answer: key.answer,
            can_trade: key.canTrade,
            can_withdraw: key.canWithdraw,
            ip_restricted: key.ipRestricted,
            note: key.note,
          },
    account_kind: reported.accountKind,
    position_mode: reported.positionMode,
    markets: reported.markets,
    cost:
      cost === null
        ? null
        : {
            calls: cost.calls,
            weight: cost.weight,
            budget_per_minute: cost.budgetPerMinute,
            share_of_a_minute: Math.round((cost.weight / cost.budgetPerMinute) * 10_000) / 10_000,
            parts: cost.parts,
          },
    gaps: reported.gaps,
    internal:
      internal === null
        ? null
        : {
            ...sourcesDocument(reported.account),
            age_seconds: internal.ageSeconds,
            scopes: internal.scopes,
            ...internal.found,
            unknown_symbols: internal.unknownSymbols,
          },
    coverage: { compared: reported.compared, not_compared: reported.notCompared.map(notComparedName) },
    differences: reported.differences,
  };
}
