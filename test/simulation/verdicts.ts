import type { Difference } from '../../src/domain/difference/difference.js';
import type { RunMade } from './plumbline.js';
import { textOf, type Drifts } from './rows.js';
import type { Script } from './script.js';
import { checkUnread, seenIn } from './seen.js';
import { nameOf, unreadKeys } from './unread-rows.js';
import { SLOWEST_START_MS, type Moment, type World } from './world.js';

export interface Judgement {
  /** What the world has: its kind of account, and what is special about its bots. */
  features: string[];
  /** Plumbline's errors, one per line. Empty means correct. */
  wrong: string[];
  /** Drifts that had to be declared, by type, and those that were not. */
  due: Record<string, number>;
  missed: Record<string, number>;
  /**
   * By type, for each drift that had to be declared and was: the number of observations in the first run that had to
   * declare it.
   */
  observationsToDeclare: Record<string, number[]>;
  /** Declared drifts by type, counted in every run. */
  declared: Record<string, number>;
  falseAlarms: number;
  /** Differences in an observation that were no drift and were not declared, by type. */
  races: Record<string, number>;
  resolved: number;
  failedRuns: number;
  runs: number;
}

/** Compares every run with the truth. */
export function judgeRuns(world: World, runs: readonly RunMade[]): Judgement {
  const judgement: Judgement = {
    features: featuresOf(world.script, runs),
    wrong: [],
    due: {},
    missed: {},
    declared: {},
    observationsToDeclare: {},
    falseAlarms: 0,
    races: {},
    resolved: 0,
    failedRuns: 0,
    runs: runs.length,
  };
  const history = new History(world.moments);
  const episodes = new Set<string>();
  for (const [index, run] of runs.entries()) {
    const say = (text: string): void => void judgement.wrong.push(`run ${index + 1}: ${text}`);
    if (run.failure !== null) {
      judgement.failedRuns += 1;
      const mayBeOld = wasFrozen(world, run) || wasSilent(world, run);
      if (run.failure === 'internal_stale' && !mayBeOld) say('failed for a bot that was not frozen');
      continue;
    }
    checkFrozen(world, run, say);
    checkAlarms(world, history, run, judgement, say);
    checkDue(world, history, run, judgement, episodes, say);
    checkResolved(world, history, run, judgement, say);
    checkUnconfirmed(world, run, say);
    checkObservations(world, run, say);
    checkUnread(run, say);
  }
  return judgement;
}

function featuresOf({ kind, books, policy }: Script, runs: readonly RunMade[]): string[] {
  const { isFeeBlind, forgetsDust, showsPositions, countsContracts, second } = books;
  const isBeside = Object.keys({ ...policy.baseline?.positions, ...policy.baseline?.balances }).length > 0;
  const wasUnread = runs.some(({ observations }) =>
    observations.some(({ exchange, internal }) => unreadKeys(exchange, internal).size > 0),
  );
  const has: [boolean, string][] = [
    [isFeeBlind, 'fee-blind bots'],
    [forgetsDust, 'bots that forget dust'],
    [showsPositions, 'holdings shown as positions'],
    [countsContracts, 'contracts taken for value'],
    [second !== null, 'two sources'],
    [isBeside, 'a baseline'],
    [(policy.atLeast ?? []).length > 0, 'at_least'],
    [policy.ignore.clientOrderIdPrefixes.length > 0, 'a prefix rule'],
    [wasUnread, 'unread rows'],
  ];
  return [kind, ...has.filter(([is]) => is).map(([, name]) => name)];
}

/** Maximum distance between an observation's clock and its begin or end. */
const SLOWEST_READ_MS = 80_000;

type Say = (text: string) => void;

/**
 * A difference may be declared only if it really existed, with the same values, at some time since the internal state
 * of the last two observations was true according to the bot, extended by the maximum delay of a message to the bot.
 */
function checkAlarms(world: World, history: History, run: RunMade, judgement: Judgement, say: Say): void {
  const last = run.observations.at(-1);
  if (last === undefined) return;
  const { mostDelayMs, skew } = world.script;
  const reported = run.observations.slice(-2).flatMap(({ from, internal }) => {
    const sources = internal.sources ?? [{ name: 'bots', asOf: internal.asOf }];
    return [from, ...sources.map(({ name, asOf }) => asOf - (name === 'second' ? skew.second : skew.bot))];
  });
  const moments = history.between(Math.min(...reported) - mostDelayMs, last.until);
  const confirmed = new Set<string>();
  for (const { identity, difference } of run.confirmed) {
    confirmed.add(identity);
    const text = textOf(difference);
    if (!moments.some(({ true: drifts }) => drifts.get(identity)?.text === text)) {
      if (cameAndWentUnseen(world.script, history, run, difference)) continue;
      judgement.falseAlarms += 1;
      say(`FALSE ALARM ${identity}: ${text}`);
      continue;
    }
    count(judgement.declared, difference.type);
  }
  const raced = new Map<string, string>();
  for (const observation of run.observations) {
    const truth = history.between(observation.from, observation.until);
    for (const [identity, { text }] of seenIn(observation, world)) {
      if (confirmed.has(identity) || truth.every(({ true: drifts }) => drifts.has(identity))) continue;
      raced.set(identity, typeOf(text));
    }
  }
  for (const type of raced.values()) count(judgement.races, type);
}

/**
 * Observations with the same values that confirm a change without a time: the internal state of the last but one
 * counts, after those of the first.
 */
const OBSERVATIONS_OF_UNDATED = 4;

/** More changes than this in one observation are a storm. */
const MOST_BETWEEN = 3;

/**
 * The known case that cannot be distinguished from a drift. Without a grace, a position opens and closes several times
 * per second, is read as gone before and after the orders, and is in the internal state of every observation. No time
 * shows that.
 */
function cameAndWentUnseen(
  { policy, untimed }: Script,
  history: History,
  run: RunMade,
  difference: Difference,
): boolean {
  if (policy.graceSeconds > 0 || !(untimed || difference.type === 'POSITION_CLOSED_EXTERNALLY')) return false;
  return run.observations
    .slice(-OBSERVATIONS_OF_UNDATED)
    .every(
      ({ from, until, tore }) =>
        !tore.includes(difference.symbol) && history.between(from, until).length > MOST_BETWEEN,
    );
}

/**
 * Every drift that has been stable for the confirm interval when the run begins, and stays stable, must be declared in
 * it. An order that is filled meanwhile is not stable, even if its price differs: the exchange dates the order as a
 * whole.
 */
function checkDue(
  world: World,
  history: History,
  run: RunMade,
  judgement: Judgement,
  episodes: Set<string>,
  say: Say,
): void {
  const { policy } = world.script;
  const confirmed = new Map(run.confirmed.map(({ identity, difference }) => [identity, textOf(difference)]));
  const moments = history.between(run.from - policy.settleSeconds * 1000, run.until);
  const [first] = moments;
  if (first === undefined || wasFrozen(world, run)) return;
  for (const [identity, drift] of first.true) {
    const { text } = drift;
    const stood = moments.every(
      ({ true: truth, served }) =>
        truth.get(identity)?.text === text &&
        served.get(identity)?.text === text &&
        truth.get(identity)?.changedAt === drift.changedAt,
    );
    if (!stood || isExcused(identity, text, run)) continue;
    const isDated = drift.changedAt !== null && !world.script.untimed;
    if (!confirmed.has(identity) && !isDated && wasOutOfSight(world, run)) continue;
    const type = typeOf(text);
    const isFirst = !episodes.has(`${identity} ${text}`);
    if (isFirst) count(judgement.due, type);
    episodes.add(`${identity} ${text}`);
    if (confirmed.get(identity) === text) {
      if (isFirst) (judgement.observationsToDeclare[type] ??= []).push(run.observations.length);
      continue;
    }
    count(judgement.missed, type);
    say(`MISSED ${identity}: ${text}`);
  }
}

/** What could not be observed: a scope that was not answered, a row that was not read, or a symbol that moved during the read. */
function isExcused(identity: string, text: string, run: RunMade): boolean {
  const symbol = identity.split('|')[1] ?? '';
  return run.observations.some(({ exchange, internal }) => {
    if (unreadKeys(exchange, internal).has(nameOf(identity))) return true;
    const hasGap = exchange.gaps.length > 0 && identity.startsWith('order') && !text.includes(' at 0');
    return hasGap || exchange.movedWhileRead?.includes(symbol) === true;
  });
}

/**
 * Whether a key without a time from the exchange may have disappeared and returned between two observations, because
 * Plumbline was down or the exchange did not answer.
 */
function wasOutOfSight({ script }: World, { observations }: RunMade): boolean {
  const longest = script.policy.settleSeconds * 1000 + SLOW_OBSERVATION_MS;
  return observations.some(
    ({ exchange }, index) => exchange.asOf - (observations[index - 1]?.exchange.asOf ?? exchange.asOf) > longest,
  );
}

const SLOW_OBSERVATION_MS = 20_000;

/** A key on which both sides agree since before the run is resolved in it; one that truly differs is not. */
function checkResolved(world: World, history: History, run: RunMade, judgement: Judgement, say: Say): void {
  const last = run.observations.at(-1);
  if (last === undefined) return;
  const { policy } = world.script;
  judgement.resolved += run.resolved.length;
  const recent = history.between(last.from - policy.graceSeconds * 1000, last.until);
  const meanwhile = history.between(last.from, last.until);
  for (const identity of run.resolved) {
    const isReal = recent.every((moment) => moment.true.has(identity) && moment.served.has(identity));
    // Traded between the two reads of an observation: they agree, although they show different moments, and the next
    // run reopens it.
    const values = new Set(meanwhile.map((moment) => moment.served.get(identity)?.text)).size;
    const tore = last.tore.includes(identity.split('|')[1] ?? '');
    if (!isReal || (values > 1 && !tore)) continue;
    say(`FALSE RESOLUTION ${identity}: ${recent[0]?.true.get(identity)?.text}`);
  }
  const during = history.between(run.from, run.until);
  // A key that changed between the two reads of the last observation differs in it.
  const differed = seenIn(last, world);
  for (const identity of run.openBefore) {
    if (run.resolved.includes(identity) || isExcused(identity, '', run) || differed.has(identity)) continue;
    const agreed = during.every((moment) => !hasKey(moment.true, identity) && !hasKey(moment.served, identity));
    if (agreed) say(`NOT RESOLVED ${identity}, though it agreed since before the run`);
  }
}

function hasKey(drifts: Drifts, identity: string): boolean {
  return drifts.has(identity);
}

/** Unconfirmed keys are those that differed in every observation of the run and were not confirmed. */
function checkUnconfirmed(world: World, run: RunMade, say: Say): void {
  const seen = run.observations.map((observation) => seenIn(observation, world));
  for (const identity of run.unconfirmed) {
    if (!seen.every((drifts) => drifts.has(identity)))
      say(`UNCONFIRMED ${identity}, though it agreed in an observation`);
  }
  if (run.observations.some(({ exchange }) => exchange.gaps.length > 0)) return;
  const reported = new Set([...run.unconfirmed, ...run.confirmed.map(({ identity }) => identity)]);
  for (const identity of seen[0]?.keys() ?? []) {
    if (seen.every((drifts) => drifts.has(identity)) && !reported.has(identity)) {
      say(`FORGOTTEN ${identity}: it differed in every observation, and is neither confirmed nor unconfirmed`);
    }
  }
  if (seen.at(-1)?.size !== 0) return;
  const clean = seen.findIndex((drifts) => drifts.size === 0);
  if (clean < run.observations.length - 1) say(`OBSERVED ON after observation ${clean + 1}, which was clean`);
}

/**
 * More observations than the limit are made only for keys that were still stable then, and rarely sooner than one grace
 * apart if the exchange reports the times of everything that differs.
 */
function checkObservations(world: World, run: RunMade, say: Say): void {
  const { maxLooks, confirmations, graceSeconds } = world.script.policy;
  const seen = run.observations.map((observation) => seenIn(observation, world));
  let soon = 0;
  for (let number = maxLooks; number < run.observations.length; number += 1) {
    const before = seen.slice(maxLooks - confirmations, number);
    const stands = [...(before[0] ?? [])].some(([identity, { text }]) =>
      before.every((drifts) => drifts.get(identity)?.text === text),
    );
    if (!stands) say(`OBSERVED ON after ${number} observations, though nothing stood still`);
    const [last, next] = [run.observations[number - 1], run.observations[number]];
    const isDated = [...(seen[number - 1]?.values() ?? [])].every(({ changedAt }) => changedAt !== null);
    if (isDated && (next?.from ?? 0) - (last?.until ?? 0) < (graceSeconds - 1) * 1000) soon += 1;
  }
  if (soon > MOST_SOON) say(`OBSERVED TOO OFTEN: ${soon} observations more than ${maxLooks}, each sooner than a grace`);
}

/** One observation to reach the end of the grace, two to read newer state, and the same again for another key. */
const MOST_SOON = 6;

function wasFrozen(world: World, run: RunMade): boolean {
  return world.frozenSpans.some(({ from, until }) => from <= run.until && until >= run.from - 120_000);
}

/**
 * Restarted bots write no state file until they have read the account, so that one file is left out. If the clocks are minutes
 * apart, the file before may then look older than allowed.
 */
function wasSilent({ script, restarts }: World, run: RunMade): boolean {
  if (script.pageEveryMs === null) return false;
  const silentMs = 2 * script.pageEveryMs + SLOWEST_START_MS;
  const looksAsOld = silentMs + script.skew.plumbline - script.skew.bot;
  if (looksAsOld <= script.policy.maxInternalAgeSeconds * 1000) return false;
  return restarts.some((at) => at <= run.until && at >= run.from - silentMs);
}

/**
 * State that is older than allowed must not be used: an observation in which the bots had been frozen that long must
 * not lead to a verdict.
 */
function checkFrozen({ script, frozenSpans }: World, run: RunMade, say: Say): void {
  const oldest = script.policy.maxInternalAgeSeconds * 1000 + script.skew.bot - script.skew.plumbline;
  const [first] = run.observations;
  if (first === undefined) return;
  if (frozenSpans.some(({ from, until }) => from < first.from - oldest && until > first.until)) {
    say('BELIEVED a frozen bot');
  }
  const last = run.observations.at(-1) ?? first;
  const longest = script.policy.maxInternalAgeSeconds * 1000 + SLOWEST_READ_MS;
  if (
    frozenSpans.some(({ from, until }) => from < first.from && until > last.until && last.from - first.until > longest)
  ) {
    say('BELIEVED a bot that was frozen throughout the run');
  }
}

/** The state of the world over time. */
class History {
  constructor(private readonly moments: readonly Moment[]) {}

  /** The moment that was valid at `from`, and all later ones until `until`. */
  between(from: number, until: number): readonly Moment[] {
    const first = this.moments.findLastIndex(({ at }) => at <= from);
    const last = this.moments.findLastIndex(({ at }) => at <= until);
    return this.moments.slice(Math.max(first, 0), last + 1);
  }
}

/** The type in a drift's text, which begins with it. */
function typeOf(text: string): string {
  return text.split(' ')[0] ?? text;
}

function count(counts: Record<string, number>, type: string): void {
  counts[type] = (counts[type] ?? 0) + 1;
}
