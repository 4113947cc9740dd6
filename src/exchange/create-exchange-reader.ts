import type { ExchangeConfig } from '../config/config.js';
import { LIMITS } from '../domain/limits/limits.js';
import { CcxtReader } from './ccxt-reader.js';
import { ExchangeFailure } from './transport/error-kinds.js';
import type { ExchangeInspector } from './exchange-reader.js';
import { guardTransport, type TransportRules } from './transport/guarded-transport.js';
import { keyIdentity } from './transport/key-identity.js';
import type { CcxtExchange } from './transport/ccxt-exchange.js';
import { deriveAccount } from './transport/load-ccxt.js';
import { profileOf } from './exchanges.js';
import { SecretMask, type TextRedactor } from './transport/secret-mask.js';
import type { SpendingRecord } from './budget/shared-budget.js';
import type { Profile } from './profile/profile.js';
import { sharedExchange } from './shared-exchange.js';

export interface ExchangeReaderDeps {
  /** The worker's redactor. It learns the credentials here, and every text of a failure passes through it. */
  redactor: TextRedactor;
  /** The reader's clock, milliseconds since the epoch. */
  now?: () => number;
  /** Largest answer that is read, in bytes. */
  maxBytes?: number;
  /** The budget that all workers share. Without it each worker counts only its own requests. */
  spending?: SpendingRecord;
}

/**
 * Makes the reader of one account: a ccxt instance with its credentials, derived from the one that all accounts of the
 * exchange share, on the guarded transport. Sends no request yet.
 *
 * Throws FailureError: `unsupported` for an id that ccxt does not have, `configuration` for missing credentials.
 */
export async function createExchangeReader(
  config: ExchangeConfig,
  credentials: Record<string, string>,
  deps: ExchangeReaderDeps,
): Promise<ExchangeInspector> {
  for (const secret of Object.values(credentials)) deps.redactor.add(secret);
  const profile = profileOf(config.id);
  const shared = await sharedExchange(profile, config);
  shared.spendAtMost(config.weightPerMinute, deps.spending);
  const { template } = shared;
  checkCredentials(template, profile.credentials, credentials);
  checkCcxtOptions(profile, config);
  const account = deriveAccount(template, credentials, config.ccxt);
  const now = deps.now ?? Date.now;
  const rules: TransportRules = {
    deadlineMs: config.deadlineSeconds * 1000,
    maxBytes: deps.maxBytes ?? LIMITS.exchangeBytes.value,
    bans: shared.bans,
    key: keyIdentity(credentials),
    limits: profile.limits,
    onHeaders: (headers) => {
      shared.throttle.answered();
      const usage = profile.usageOf?.(headers);
      if (usage !== undefined && usage !== null) shared.report(usage);
    },
    onTimeout: () => shared.throttle.timedOut(),
    codes: profile.codes,
    codeOf: (document) => profile.codeOf(document),
    retryAfterMs: (headers) => profile.retryAfterMs?.(headers) ?? null,
    mask: new SecretMask(deps.redactor),
    nowMs: now,
  };
  guardTransport(account, rules);
  shared.guardTemplate(rules);
  return new CcxtReader(account, profile, shared, now, config.environment);
}

/** Refuses an option that the profile sets, because its reads were verified with the profile's value. */
function checkCcxtOptions(profile: Profile, { ccxt }: ExchangeConfig): void {
  const taken = Object.keys(ccxt?.options ?? {}).filter((name) => Object.hasOwn(profile.options, name));
  if (taken.length === 0) return;
  throw new ExchangeFailure({
    kind: 'configuration',
    message: `ccxt.options has ${taken.join(' and ')}, which the profile of ${profile.id} sets itself`,
    where: 'exchange',
    retryAfterMs: null,
    remedy: `remove ${taken.join(' and ')} from ccxt.options in the account's exchange section`,
  });
}

function checkCredentials(
  exchange: CcxtExchange,
  needed: readonly string[] | undefined,
  credentials: Record<string, string>,
): void {
  const byCcxt = Object.entries(exchange.requiredCredentials).flatMap(([name, required]) => (required ? [name] : []));
  const missing = (needed ?? byCcxt).filter((name) => (credentials[name] ?? '') === '');
  if (missing.length === 0) return;
  throw new ExchangeFailure({
    kind: 'configuration',
    message: `${exchange.id} needs ${missing.join(' and ')}`,
    where: 'exchange',
    retryAfterMs: null,
    remedy: `name where ${missing.join(' and ')} ${missing.length === 1 ? 'comes' : 'come'} from in the account's exchange section (such as ${exampleField(missing)})`,
  });
}

/** "walletAddress" is given as wallet_address_env. */
function exampleField([name = 'apiKey']: readonly string[]): string {
  return `${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_env`;
}
