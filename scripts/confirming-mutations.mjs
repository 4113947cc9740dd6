// Each rule of src/domain/confirm/confirm.ts (by number) and of its neighbours, and the text edits that weaken it.
// `where` selects the worlds to which the rule applies; others are skipped.
const CONFIRM = 'src/domain/confirm/confirm.ts';
const KEY_STREAK = 'src/domain/confirm/key-streak.ts';
const VALUES = 'src/domain/difference/same-values.ts';
const AGREEMENT = 'src/domain/compare/agreement.ts';
const CONSISTENCY = 'src/exchange/profile/consistency.ts';

const hasPages = ({ pageEveryMs }) => pageEveryMs !== null;
const has = (kind) => (script) => script.events.some((event) => event.kind === kind);
const hasNoGrace = (script) => script.policy.graceSeconds === 0;
const hasFastTrading = (script) => script.policy.graceSeconds === 0 && script.untimed && has('storm')(script);
const hasRoundTrips = (script) => script.untimed && has('roundTrips')(script);

/** The script with more of some events in each run, at the given milliseconds after its start. */
const withMore = (script, kinds) => ({
  ...script,
  events: [
    ...script.events,
    ...script.ticks.slice(0, -2).flatMap((tick) =>
      kinds.map(([kind, afterMs], index) => ({
        at: tick + afterMs,
        kind,
        seed: (script.seed * 31 + tick / 1000 + index) >>> 0,
      })),
    ),
  ].toSorted((a, b) => a.at - b.at),
});

/** If the exchange reports times, each observation during a storm is an inconsistent read. */
const withStorms = (script) => withMore({ ...script, untimed: false }, [['storm', -3000]]);

/**
 * Every edit must find its text exactly once.
 *
 * @param into changes each of these worlds so that the rule applies more often
 */
function mutation(rule, what, file, edits, where, into) {
  return { rule, what, file, edits, where, into };
}

export const MUTATIONS = [
  mutation('confirm 1', 'a run without a difference observes again', CONFIRM, [
    ['if (worthObserving.length > 0) {', 'if (worthObserving.length > 0 || observations.length === 1) {'],
  ]),
  mutation('confirm 2', 'a difference that is gone in the last observation is kept', KEY_STREAK, [
    [
      'for (const [index, difference] of last.differences.entries()) {',
      'const gone = (earlier[0]?.differences ?? []).filter((old) => last.find(old) === undefined);\n' +
        '  for (const [index, difference] of [...last.differences, ...gone].entries()) {',
    ],
  ]),
  mutation('confirm 3', 'one observation less is enough', CONFIRM, [
    ['keyStreak.streak >= rules.confirmations;', 'keyStreak.streak >= rules.confirmations - 1;'],
  ]),
  mutation('confirm 3', 'one observation more than are made is needed', CONFIRM, [
    ['keyStreak.streak >= rules.confirmations;', 'keyStreak.streak >= rules.maxLooks + 1;'],
  ]),
  mutation('confirm 4', 'a change of a value does not restart the count', KEY_STREAK, [
    [' && showsSameValues(before, difference);', ';'],
  ]),
  mutation(
    'confirm 4',
    'the bot may change its value meanwhile',
    VALUES,
    [
      [
        'samePosition(a.exchange, b.exchange) && samePosition(a.internal, b.internal)',
        'samePosition(a.exchange, b.exchange)',
      ],
      ['sameTerms(a.exchange, b.exchange) && sameTerms(a.internal, b.internal)', 'sameTerms(a.exchange, b.exchange)'],
      ['sameFill(a.exchange, b.exchange) && sameFill(a.internal, b.internal)', 'sameFill(a.exchange, b.exchange)'],
      ['sameTotal(a.exchange, b.exchange) && sameTotal(a.internal, b.internal)', 'sameTotal(a.exchange, b.exchange)'],
    ],
    has('hesitate'),
  ),
  mutation('confirm 4', 'the exchange may change its value meanwhile', VALUES, [
    [
      'samePosition(a.exchange, b.exchange) && samePosition(a.internal, b.internal)',
      'samePosition(a.internal, b.internal)',
    ],
    ['sameTerms(a.exchange, b.exchange) && sameTerms(a.internal, b.internal)', 'sameTerms(a.internal, b.internal)'],
    ['sameFill(a.exchange, b.exchange) && sameFill(a.internal, b.internal)', 'sameFill(a.internal, b.internal)'],
    ['sameTotal(a.exchange, b.exchange) && sameTotal(a.internal, b.internal)', 'sameTotal(a.internal, b.internal)'],
  ]),
  mutation(
    'confirm 4',
    'time is counted from the first difference, not from the last change',
    KEY_STREAK,
    [
      [
        'if (!stands) continue;',
        'if (!stands) {\n      since = inSightSince = observation.clock;\n      continue;\n    }',
      ],
    ],
    (script) => script.untimed,
  ),
  mutation(
    'confirm 5',
    'an observation in which the symbol moved counts',
    KEY_STREAK,
    [
      [
        'return this.inconsistent.size > 0 && this.inconsistent.has(symbol);',
        'return this.inconsistent.size > 0 && symbol === "";',
      ],
    ],
    (script) => hasNoGrace(script) && !script.policy.compareBalances,
    (script) => withMore({ ...script, untimed: false, events: [] }, [['storm', -3000]]),
  ),
  mutation(
    'confirm 5',
    'an observation that did not show the difference does not break the count',
    KEY_STREAK,
    [['if (before === undefined) break;', 'if (before === undefined) continue;']],
    hasRoundTrips,
  ),
  mutation(
    'confirm 6',
    'the internal state of the last observation is compared with what the exchange said previously',
    CONFIRM,
    [
      [
        'stateWrittenAfter(observations.length > 1 ? observations.slice(0, -1) : observations, rules);',
        'stateWrittenAfter(observations, rules);',
      ],
    ],
    (script) => script.pageEveryMs >= 60_000 && has('resync')(script),
  ),
  mutation('confirm 6', 'no grace at all', CONFIRM, [
    ['writtenAfter - changedAt > graceMs;', 'writtenAfter + changedAt > 0;'],
  ]),
  mutation(
    'confirm 6',
    'half the grace',
    CONFIRM,
    [['writtenAfter - changedAt > graceMs;', 'writtenAfter - changedAt > graceMs / 2;']],
    ({ policy }) => policy.graceSeconds === 60,
  ),
  mutation('confirm 6', 'the grace is compared with the last observation, not with the internal state', CONFIRM, [
    ['writtenAfter - changedAt > graceMs;', 'now - changedAt > graceMs && writtenAfter > 0;'],
  ]),
  mutation('confirm 7', 'a change without a time counts as long ago', CONFIRM, [
    ['const changedAt = reportedAt ?? (', 'const changedAt = reportedAt ?? 0 * ('],
  ]),
  mutation(
    'confirm 7',
    'a key counts as observed over any stretch without an observation',
    KEY_STREAK,
    [
      [
        'isInSight &&= since - observation.clock <= unwatchedMs;',
        'isInSight &&= since - observation.clock <= unwatchedMs * 99;',
      ],
    ],
    (script) => script.policy.graceSeconds === 30 && has('roundTrips')(script),
    (script) => ({ ...script, untimed: true, outages: true, lateExchange: false, pageEveryMs: 120_000 }),
  ),
  mutation(
    'confirm 7',
    'and is not observed in between',
    CONFIRM,
    [
      ['!standsStill || mustBeInSight', '!standsStill'],
      ['(mustBeInSight ? keyStreak.inSightSince : keyStreak.since)', 'keyStreak.since'],
    ],
    (script) => hasRoundTrips(script) && (script.policy.graceSeconds === 60 || hasPages(script)),
  ),
  mutation('confirm 8', 'state counts as written when it was first read', CONFIRM, [
    [
      'return firstRead === 0 ? oldest : Math.max(oldest, askedTheBotAt(observationAt(observations, firstRead - 1)));',
      'return Math.max(oldest, observationAt(observations, firstRead).exchangeClock);',
    ],
  ]),
  mutation(
    'confirm 8',
    'state of the first observation counts as written then',
    CONFIRM,
    [['return firstRead === 0 ? oldest :', 'return firstRead === 0 ? observationAt(observations, 0).exchangeClock :']],
    hasPages,
  ),
  mutation('confirm 8', 'newer state is not distinguished from old state', CONFIRM, [
    [
      'return firstRead === 0 ? oldest : Math.max(oldest, askedTheBotAt(observationAt(observations, firstRead - 1)));',
      'return oldest;',
    ],
  ]),
  mutation(
    'confirm 8',
    'state that a restarted bot had saved counts as new',
    CONFIRM,
    [['if (wentBack(observations)) return oldest;', '']],
    (script) => script.policy.graceSeconds <= 30 && !hasPages(script),
    (script) =>
      withMore(script, [
        ['humanLimit', -90_000],
        ['botAmend', -45_000],
        ['fillPart', -40_000],
        ['restart', 6_000],
      ]),
  ),
  mutation(
    'confirm 8',
    "an observation counts from the exchange's answer, however late",
    CONFIRM,
    [['return exchangeClock - exchangeLateMs;', 'return exchangeClock - exchangeLateMs * 0;']],
    (script) => script.policy.graceSeconds === 20 && !script.paged,
    (script) =>
      withMore({ ...script, lateExchange: true, outages: false, pageEveryMs: 60_000 }, [
        ['humanLimit', -90_000],
        ['fillPart', -6000],
        ['fillPart', -3000],
        ['fillPart', 0],
      ]),
  ),
  mutation('confirm 9', "the bot's clock is compared with the exchange's", CONFIRM, [
    [
      'stateWrittenAfter(observations.length > 1 ? observations.slice(0, -1) : observations, rules);',
      'lastOf(observations).internalClock;',
    ],
  ]),
  mutation(
    'confirm 10',
    'always observes again after the confirm interval',
    CONFIRM,
    [
      [
        'inSeconds: nextObservationInSeconds(worthObserving, observations, rules),',
        'inSeconds: Math.min(rules.settleSeconds, nextObservationInSeconds(worthObserving, observations, rules)),',
      ],
    ],
    hasPages,
  ),
  mutation('confirm 10', 'observes again sooner than after the confirm interval', CONFIRM, [
    [
      'inSeconds: nextObservationInSeconds(worthObserving, observations, rules),',
      'inSeconds: Math.min(1, nextObservationInSeconds(worthObserving, observations, rules)),',
    ],
  ]),
  mutation('confirm 11', 'nothing is observed after maxLooks', CONFIRM, [
    ['pending.filter((key) => stoodStillInTime(key, observationsMade, rules));', '[];'],
  ]),
  mutation('confirm 11', 'what moves is observed after maxLooks', CONFIRM, [
    ['observationsMade < rules.maxLooks\n      ? pending', 'observationsMade < rules.maxLooks + 3 ? pending'],
  ]),
  mutation('confirm 11', 'what stood still only after maxLooks is observed as well', CONFIRM, [
    ['keyStreak.streak >= confirmations + extraObservations', 'extraObservations >= 0'],
  ]),
  mutation('confirm 11', 'what agreed in an observation still counts as unconfirmed', CONFIRM, [
    ['(keyStreak.seen === observationsMade ? unconfirmed : moving)', '(keyStreak.seen > 0 ? unconfirmed : moving)'],
  ]),
  mutation('confirm 11', 'what differed in every observation is merely moving', CONFIRM, [
    [
      '(keyStreak.seen === observationsMade ? unconfirmed : moving)',
      '(keyStreak.seen > observationsMade ? unconfirmed : moving)',
    ],
  ]),
  mutation('agreement 1', 'what was not compared is resolved', AGREEMENT, [
    ['wasCompared(difference, comparison);', '(wasCompared(difference, comparison) || true);'],
  ]),
  mutation(
    'agreement 1',
    'what moved while it was read is resolved',
    AGREEMENT,
    [['!comparison.inconsistent.includes(difference.symbol) &&', '']],
    (script) => hasNoGrace(script) && !script.policy.compareBalances,
    // Nothing but a drift of before, so that an inconsistent observation may be the last one.
    (script) =>
      withMore({ ...script, untimed: false, events: [] }, [
        ['humanMarket', -100_000],
        ['storm', -3000],
      ]),
  ),
  mutation('agreement 2', 'what still differs is resolved', AGREEMENT, [['!differing.has(identity) &&', '']]),
  mutation('agreement', 'nothing is resolved', AGREEMENT, [
    ['return agrees ? [identity] : [];', 'return agrees && identity === "" ? [identity] : [];'],
  ]),
  mutation(
    'judge',
    'frozen state is believed',
    'src/activities/judge.ts',
    [['if (stoodStillSeconds <= maxInternalAgeSeconds) continue;', 'if (stoodStillSeconds >= 0) continue;']],
    (script) => has('freeze')(script) && script.skew.bot > 60_000,
  ),
  mutation('freshness', 'old state is believed', 'src/internal/freshness.ts', [
    ['if (!isAhead && ageSeconds <= maxAgeSeconds) return null;', 'if (ageSeconds <= maxAgeSeconds * 99) return null;'],
  ]),
  mutation(
    'reading',
    'an inconsistent read is not marked as such',
    CONSISTENCY,
    [['return { held: after, orders, moved };', 'return { held: after, orders, moved: [] };']],
    hasNoGrace,
    withStorms,
  ),
  mutation(
    'reading',
    'positions and orders are read once',
    CONSISTENCY,
    [
      [
        'if (moved.length === 0 || round === MAX_ROUNDS)',
        'if (round >= 1) return { held: before, orders, moved: [] };\n    if (moved.length === 0 || round === MAX_ROUNDS)',
      ],
    ],
    hasFastTrading,
  ),
  mutation(
    'reading',
    'a list that moved under its pages is believed',
    'src/exchange/profile/paging.ts',
    [['if (!first && (start === undefined || keyOf<Row>(start, idOf) !== last)) {', 'if (seen < 0) {']],
    undefined,
    (script) =>
      withMore({ ...script, paged: true }, [
        ['humanLimit', -90_000],
        ['requote', -3000],
      ]),
  ),
  mutation('compare', 'rows that could not be read are compared', 'src/domain/snapshot/unread-parts.ts', [
    ['return parts.some((part) => (part', 'return parts.some((part) => part.reason === "" && (part'],
  ]),
  mutation(
    'compare',
    'dust is reported',
    'src/domain/compare/holdings.ts',
    [['compareDecimals(only, least) < 0;', "compareDecimals(only, '0') < 0;"]],
    ({ books }) => books.forgetsDust,
  ),
  mutation(
    'compare',
    'at_least accepts less, too',
    'src/domain/compare/holdings.ts',
    [['&& compareDecimals(held, believed) >= 0;', '&& compareDecimals(held, believed) !== 2;']],
    ({ policy }) => policy.atLeast.length > 0,
  ),
  mutation(
    'compare',
    'an amount is not tolerated',
    'src/domain/compare/tolerance.ts',
    [['amount: amount ?? byDefault.amount,', 'amount: byDefault.amount,']],
    ({ books }) => books.isFeeBlind,
  ),
  mutation(
    'compare',
    "what the owner holds beside the bot counts as the exchange's",
    'src/domain/compare/compare.ts',
    [['withBaseline(exchange, own.state, rules.baseline)', 'withBaseline(exchange, own.state, undefined)']],
    ({ policy }) => Object.keys(policy.baseline.positions).length > 0,
  ),
];
