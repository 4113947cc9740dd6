import { symbolsOf, unified } from '../../observe/read-internal.js';
import type { AccountConfig } from '../../config/config.js';
import { compare } from '../../domain/compare/compare.js';
import { FailureError } from '../../domain/failure/failure.js';
import { EXCESS_REMEDY, excessPowers, keyNote } from '../../domain/account/key-audit.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';
import type { ExchangeCall, ExchangeInspector, ReadOptions } from '../../exchange/exchange-reader.js';
import { checkFreshness } from '../../internal/freshness.js';
import type { InternalSource } from '../../internal/internal-source.js';
import { nothingCompared } from '../../observe/answer.js';
import { CHECKS, type AccountCheck, type CheckName, type CheckState, type Check } from './check-answer.js';
import { clockOf, costOf, latencyOf, type ClockDifference } from './check-cost.js';
import { reportOf } from '../context/errors.js';
import { count } from '../terminal/count.js';
import { notComparedText } from '../../report/not-compared.js';

/** The account to check, with its two sides; neither has been read yet. */
export interface CheckSubject {
  account: AccountConfig;
  /** Reads the credentials. */
  exchange(): Promise<ExchangeInspector>;
  internal: InternalSource;
}

export interface CheckOptions {
  signal: AbortSignal;
  now: () => number;
  /** Replaces an error before it is reported, such as the deadline that ended the check. */
  explain: (error: unknown) => unknown;
}

/** Above this difference an exchange may refuse requests that a bot on the same machine signs. */
const CLOCK_WARNING_MS = 1000;

/**
 * Checks one account: makes every call that a run would make, once each, and also asks what the key may do. Records and
 * changes nothing. A part that fails does not prevent the other checks. Never throws.
 */
export async function checkAccount(subject: CheckSubject, options: CheckOptions): Promise<AccountCheck> {
  const checking = new Checking(subject, options);
  await checking.run();
  return checking.result();
}

class Checking {
  private readonly checks: Check[] = [];
  private readonly calls: ExchangeCall[] = [];
  private readonly learned: Omit<AccountCheck, 'account' | 'ready' | 'checks' | 'latency'> = {
    verifiedProfile: null,
    clock: null,
    key: null,
    positionMode: null,
    markets: null,
    cost: null,
    gaps: [],
    internal: null,
    compared: [],
    notCompared: [],
    differences: null,
  };

  constructor(
    private readonly subject: CheckSubject,
    private readonly options: CheckOptions,
  ) {}

  async run(): Promise<void> {
    const reader = await this.connect();
    const [exchange, internal] = await Promise.all([
      reader === null ? null : this.readExchange(reader),
      this.readInternal(),
    ]);
    if (reader === null) for (const check of OF_EXCHANGE) this.skip(check, 'the configuration');
    const internalState =
      reader === null || internal === null
        ? this.skip('symbols', 'what it needs')
        : await this.resolve(internal, reader);
    if (exchange === null || internalState === null) this.skip('coverage', 'one side');
    else this.compareOnce(exchange, internalState);
  }

  result(): AccountCheck {
    const checks = this.checks.toSorted((a, b) => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check));
    return {
      account: this.subject.account,
      ready: checks.every(({ state }) => state !== 'failed' && state !== 'skipped'),
      checks,
      latency: latencyOf(this.calls),
      ...this.learned,
    };
  }

  private async connect(): Promise<ExchangeInspector | null> {
    const { account } = this.subject;
    try {
      const reader = await this.subject.exchange();
      this.learned.verifiedProfile = reader.verifiedProfile;
      const every = `a run every ${account.policy.intervalMinutes} min`;
      this.report('configuration', 'ok', `${account.enabled ? every : 'not enabled'}; the key's secrets are set`);
      if (reader.verifiedProfile) this.report('profile', 'ok', `verified for ${reader.exchangeId}`);
      else {
        this.report(
          'profile',
          'note',
          `unverified profile: only what ${reader.exchangeId} shows is used; the rest is not compared`,
          'see "scopes" and "coverage" for what is not compared',
        );
      }
      return reader;
    } catch (error) {
      this.fail('configuration', error);
      return null;
    }
  }

  private async readExchange(reader: ExchangeInspector): Promise<Snapshot | null> {
    const before = this.calls.length;
    try {
      this.learned.markets = await reader.countMarkets(this.traced());
    } catch (error) {
      this.fail('markets', error);
    }
    const { markets } = this.learned;
    if (markets !== null) this.reportMarkets(markets);
    await this.auditKey(reader);
    const snapshot = markets === null ? null : await this.readState(reader);
    if (snapshot === null) for (const check of ['clock', 'position mode'] as const) this.skip(check, 'the read');
    if (markets === null) this.skip('scopes', 'the markets');
    const answered = this.calls.slice(before).some(({ failure }) => failure === null);
    if (!answered) this.report('exchange', 'failed', 'no call was answered', 'see the failed checks below');
    else this.reportReachable();
    return snapshot;
  }

  private async readState(reader: ExchangeInspector): Promise<Snapshot | null> {
    const calls: ExchangeCall[] = [];
    try {
      const options = { ...this.traced(calls), balances: this.subject.account.policy.compareBalances };
      const snapshot = await reader.readState(options);
      this.learned.gaps = snapshot.gaps;
      this.learned.cost = costOf(snapshot, calls, reader.budgetPerMinute);
      this.learned.positionMode = snapshot.positionMode;
      this.reportClock(clockOf(snapshot, calls));
      const mode = snapshot.positionMode ?? 'not reported: rows decide';
      this.report('position mode', 'ok', mode);
      this.reportScopes(snapshot);
      return snapshot;
    } catch (error) {
      this.fail('scopes', error);
      return null;
    }
  }

  private async auditKey(reader: ExchangeInspector): Promise<void> {
    const key = await reader.auditKey(this.traced());
    this.learned.key = key;
    const excess = excessPowers(key);
    const note = keyNote(key);
    if (excess !== null) {
      const reported = [`it can ${excess}`, key.note, ...(note === null ? [] : [note])].join('; ');
      this.report('key', 'warning', reported, EXCESS_REMEDY);
    } else if (note !== null) this.report('key', 'note', note, 'limit the key to the addresses of the workers');
    else if (key.answer === 'failed') this.report('key', 'note', key.note, 'ask the exchange what the key may do');
    else this.report('key', key.answer === 'told' ? 'ok' : 'note', key.note);
  }

  private async readInternal(): Promise<Snapshot | null> {
    const { account } = this.subject;
    const { now, signal } = this.options;
    try {
      const source = this.subject.internal;
      const snapshot = await source.readState({ signal });
      const readMs = snapshot.readEndedAt - snapshot.readStartedAt;
      const { positions, orders, balances, scopes, asOf } = snapshot;
      const found = { positions: positions.length, orders: orders.length, balances: balances.length };
      const ageSeconds = Math.round((now() - asOf) / 1000);
      this.learned.internal = { ageSeconds, scopes, found, unknownSymbols: [] };
      const stale = checkFreshness(snapshot, now(), account.policy.maxInternalAgeSeconds);
      if (stale !== null) this.fail('internal state', new FailureError(stale));
      else {
        const text = `${source.description}: read in ${readMs} ms, ${ageSeconds} s old; it reports ${scopes.join(', ') || 'nothing'}`;
        this.report('internal state', 'ok', text);
      }
      return stale === null ? snapshot : null;
    } catch (error) {
      this.fail('internal state', error);
      return null;
    }
  }

  /** Finds all unknown symbols at once; a run would report only the first. */
  private async resolve(internalState: Snapshot, reader: ExchangeInspector): Promise<Snapshot | null> {
    if (this.learned.markets === null) return this.skip('symbols', 'the markets');
    const symbols = symbolsOf(internalState);
    try {
      const unknown: string[] = [];
      for (const symbol of symbols) {
        if ((await reader.resolveMarket(symbol, this.traced())) === null) unknown.push(symbol);
      }
      if (this.learned.internal !== null) this.learned.internal.unknownSymbols = unknown;
      if (unknown.length > 0) {
        const text = `${reader.exchangeId} has no ${unknown.map((symbol) => `"${symbol}"`).join(', ')}`;
        this.report(
          'symbols',
          'failed',
          text,
          `use ccxt's unified symbols or the ids of ${reader.exchangeId} in the internal state`,
        );
        return null;
      }
      const named = await unified(internalState, reader, this.traced());
      this.report(
        'symbols',
        'ok',
        symbols.length === 0 ? 'the internal state names none' : `${symbols.join(', ')}: all known`,
      );
      return named;
    } catch (error) {
      this.fail('symbols', error);
      return null;
    }
  }

  private compareOnce(exchange: Snapshot, internalState: Snapshot): void {
    try {
      const comparison = compare(exchange, internalState, this.subject.account.policy);
      const { compared, notCompared, differences } = comparison;
      this.learned.compared = compared;
      this.learned.notCompared = notCompared;
      const nothing = nothingCompared(comparison);
      if (nothing !== null) return this.fail('coverage', nothing);
      this.learned.differences = differences.length;
      const without = notCompared.map(notComparedText).join('; ');
      const text = `compared: ${compared.join(', ')}${without === '' ? '' : `; not compared: ${without}`}`;
      if (differences.length === 0) this.report('coverage', 'ok', text);
      else {
        const seen = `${text}; ${differences.length} differ in this one observation`;
        this.report('coverage', 'note', seen, `plumbline diff ${this.subject.account.name}`);
      }
    } catch (error) {
      this.fail('coverage', error);
    }
  }

  private reportMarkets(markets: NonNullable<AccountCheck['markets']>): void {
    const kinds = Object.entries(markets).flatMap(([kind, number]) => (number === 0 ? [] : `${number} ${kind}`));
    if (kinds.length > 0) this.report('markets', 'ok', kinds.join(', '));
    else
      this.report('markets', 'failed', 'the exchange has no market that can be read', 'check the id of the exchange');
  }

  private reportScopes({ scopes, gaps }: Snapshot): void {
    const unread = gaps.map(({ scope, reason }) => `${scope} (${reason})`).join(', ');
    const read = scopes.length === 0 ? 'none is read completely' : `${scopes.length} read completely`;
    const text = unread === '' ? read : `${read}; not read: ${unread}`;
    this.report('scopes', scopes.length === 0 ? 'note' : 'ok', text);
  }

  private reportReachable(): void {
    const latency = latencyOf(this.calls);
    if (latency === null) return;
    const { calls, medianMs, slowestMs } = latency;
    this.report('exchange', 'ok', `reachable: ${count(calls, 'call')}, median ${medianMs} ms, slowest ${slowestMs} ms`);
  }

  private reportClock(clock: ClockDifference | null): void {
    this.learned.clock = clock;
    if (clock === null) return this.report('clock', 'note', 'the exchange does not report its time');
    const { differenceMs, uncertaintyMs } = clock;
    const off = Math.abs(differenceMs);
    const text = `the exchange's is ${off} ms ${differenceMs < 0 ? 'behind' : 'ahead of'} ours, ±${uncertaintyMs} ms`;
    if (off - uncertaintyMs <= CLOCK_WARNING_MS) this.report('clock', 'ok', text);
    else this.report('clock', 'warning', text, "synchronise this machine's clock (NTP)");
  }

  private traced(calls?: ExchangeCall[]): ReadOptions {
    const onCall = (call: ExchangeCall): void => {
      this.calls.push(call);
      calls?.push(call);
    };
    return { signal: this.options.signal, onCall };
  }

  private report(check: CheckName, state: CheckState, text: string, remedy: string | null = null): void {
    this.checks.push({ check, state, text, remedy });
  }

  private skip(check: CheckName, before: string): null {
    this.report(check, 'skipped', `not asked: ${before} failed`);
    return null;
  }

  private fail(check: CheckName, error: unknown): void {
    const { kind, message, remedy } = reportOf(this.options.explain(error));
    this.report(check, 'failed', `${kind}: ${message}`, remedy);
  }
}

const OF_EXCHANGE = ['profile', 'exchange', 'clock', 'key', 'position mode', 'markets', 'scopes'] as const;
