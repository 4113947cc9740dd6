import { symbolsOf, unifiedState, type SourceAnswer } from '../../observe/unified-state.js';
import type { AccountConfig } from '../../config/config.js';
import { baselineText } from '../../domain/compare/baseline.js';
import { compare } from '../../domain/compare/compare.js';
import { modesDiffer } from '../../domain/compare/position-modes.js';
import { EXCESS_REMEDY, excessPowers, keyNote } from '../../domain/account/key-audit.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';
import type { ExchangeCall, ExchangeInspector, ReadOptions } from '../../exchange/exchange-reader.js';
import type { AccountSource } from '../../internal/account-source.js';
import { nothingCompared } from '../../observe/answer.js';
import { CHECKS, type AccountCheck, type CheckName, type CheckState, type Check } from './check-answer.js';
import { proofCheck } from './check-proof.js';
import { foundIn, readSource, type CheckOptions } from './check-internal.js';
import { clockOf, costOf, latencyOf, type ClockDifference } from './check-cost.js';
import { reportOf } from '../context/errors.js';
import { count } from '../terminal/count.js';
import { notComparedText } from '../../report/not-compared.js';

/** The account to check, with its two sides; neither has been read yet. */
export interface CheckSubject {
  account: AccountConfig;
  /** Reads the credentials. */
  exchange(): Promise<ExchangeInspector>;
  internal: readonly AccountSource[];
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
  private readonly learned: Omit<AccountCheck, 'account' | 'ready' | 'checks' | 'environment' | 'latency'> = {
    verifiedProfile: null,
    clock: null,
    key: null,
    accountKind: null,
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
      environment: this.subject.account.exchange.environment ?? 'live',
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
      const place = reader.environment === undefined ? '' : `; ${reader.environment}, not the live exchange`;
      if (reader.verifiedProfile) this.report('profile', 'ok', `verified for ${reader.exchangeId}${place}`);
      else {
        this.report(
          'profile',
          'note',
          `unverified profile: only what ${reader.exchangeId} shows is used; the rest is not compared${place}`,
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
      const { accountKind = null } = reader;
      this.learned.accountKind = accountKind;
      if (accountKind !== null) this.report('account', 'ok', accountKind);
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

  /** Reads every source, so that all problems are reported at once. Null if one of them cannot be used. */
  private async readInternal(): Promise<SourceAnswer[] | null> {
    const { maxInternalAgeSeconds: age, baseline } = this.subject.account.policy;
    const reads = await Promise.all(this.subject.internal.map(async (source) => readSource(source, age, this.options)));
    const snapshots = reads.flatMap(({ snapshot }) => snapshot ?? []);
    const failed = reads.flatMap(({ failure }) => failure ?? []);
    if (snapshots.length > 0) this.learned.internal = foundIn(snapshots, this.options.now());
    const beside = baselineText(baseline);
    const warnings = reads.flatMap((read) => read.warnings);
    const texts = [...[...reads, ...warnings].map(({ text }) => text), ...(beside === null ? [] : [beside])];
    const remedies = [...new Set((failed.length > 0 ? failed : warnings).map(({ remedy }) => remedy))];
    this.report(
      'internal state',
      failed.length > 0 ? 'failed' : warnings.length > 0 ? 'warning' : 'ok',
      texts.join('; '),
      remedies.length > 0 ? remedies.join('; ') : null,
    );
    this.checks.push(proofCheck(this.subject.account));
    const answers = reads.flatMap(({ source, snapshot }) => (snapshot === null ? [] : [{ source, snapshot }]));
    return failed.length > 0 ? null : answers;
  }

  private async resolve(answers: readonly SourceAnswer[], reader: ExchangeInspector): Promise<Snapshot | null> {
    if (this.learned.markets === null) return this.skip('symbols', 'the markets');
    const { policy, aliases } = this.subject.account;
    try {
      const rules = { ...this.traced(), aliases, ignoredSymbols: policy.ignore.symbols, now: this.options.now };
      const { snapshot, unresolved } = await unifiedState(answers, reader, rules);
      if (this.learned.internal !== null) this.learned.internal.unknownSymbols = unresolved.map(({ symbol }) => symbol);
      const symbols = [...new Set(answers.flatMap((answer) => symbolsOf(answer.snapshot)))];
      if (unresolved.length > 0) {
        this.report(
          'symbols',
          'warning',
          `not compared: ${unresolved.map(({ reason }) => reason).join('; ')}`,
          "correct them in the bot's state, give them an alias (aliases.symbols), or ignore them (ignore.symbols)",
        );
      } else {
        const text = symbols.length === 0 ? 'the internal state names none' : `${symbols.join(', ')}: all known`;
        this.report('symbols', 'ok', text);
      }
      return snapshot;
    } catch (error) {
      this.fail('symbols', error);
      return null;
    }
  }

  private compareOnce(exchange: Snapshot, internalState: Snapshot): void {
    this.warnOfModes(exchange, internalState);
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

  private warnOfModes(exchange: Snapshot, internalState: Snapshot): void {
    const warning = modesDiffer(exchange, internalState);
    if (warning === null) return;
    const at = this.checks.findIndex(({ check }) => check === 'position mode');
    this.checks.splice(at, 1, { check: 'position mode', state: 'warning', ...warning });
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
