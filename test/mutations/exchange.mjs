// Rules of the way to an exchange: bans, the budget of requests, the guarded transport.
import { mutant } from '../support/mutant.mjs';

const BANS = 'src/exchange/transport/bans.ts';
const LIMITS = 'src/exchange/transport/request-limits.ts';
const BUDGET = 'src/exchange/budget/request-budget.ts';
const THROTTLE = 'src/exchange/budget/request-throttle.ts';
const PLACES = 'src/exchange/budget/places.ts';
const BOOK = 'src/exchange/budget/shared-budget.ts';
const CLIENT = 'src/net/http-client.ts';
const TRANSPORT = 'src/exchange/transport/guarded-transport.ts';
const MISSING = 'src/exchange/profile/missing-orders.ts';
const SOURCES = 'src/exchange/profile/order-sources.ts';
const PAGING = 'src/exchange/profile/paging.ts';

const ban = mutant(BANS, 'test/exchange/request-limits');
const limit = mutant(LIMITS, 'test/exchange/request-limits');
const budget = mutant(BUDGET, 'test/exchange/request-budget');
const throttle = mutant(THROTTLE, 'test/exchange/request-budget');
const place = mutant(PLACES, 'test/exchange/request-budget test/exchange/sharing');
const book = mutant(BOOK, 'test/exchange/request-budget');
const transport = mutant(TRANSPORT, 'test/exchange/transport test/exchange/bans');
const client = mutant(CLIENT, 'test/net/http-client');
const redirect = mutant(CLIENT, 'test/exchange/binanceusdm-faults test/net/http-client');
const missing = mutant(MISSING, 'test/exchange/missing-orders');
const source = mutant(SOURCES, 'test/exchange/missing-orders');
const numbered = mutant(PAGING, 'test/exchange/kucoin.test');
const wire = mutant(TRANSPORT, 'test/exchange/binanceusdm-faults');

export const MUTANTS = [
  ban('a shorter ban shortens a longer one (address)', [
    ['Math.max(this.addressEndsAt, this.now() + waitMs);', 'this.now() + waitMs;'],
  ]),
  ban('a shorter ban shortens a longer one (key)', [
    ['Math.max(this.keyEndsAt.get(key) ?? now, now + waitMs)', 'now + waitMs'],
  ]),
  ban('a ban of a key stops nobody', [
    [
      'key === null ? Number.NEGATIVE_INFINITY : (this.keyEndsAt.get(key) ?? now)',
      'key === null ? Number.NEGATIVE_INFINITY : now',
    ],
  ]),
  ban('a ban of a key stops all', [
    [
      'key === null ? Number.NEGATIVE_INFINITY : (this.keyEndsAt.get(key) ?? now)',
      'Math.max(now, ...this.keyEndsAt.values())',
    ],
  ]),
  ban('a ban never ends', [['return remainingMs <= 0 ? null :', 'return remainingMs <= -1e12 ? null :']]),
  limit('a wait of any length is believed', [
    ['waitMs: askedMs === null ? null : Math.min(askedMs, longestMs),', 'waitMs: askedMs,'],
  ]),
  limit('a ban is believed no longer than a rate limit', [
    ['saysBan || BAN_STATUSES.has(status) ? LONGEST_BAN_MS : LONGEST_RATE_LIMIT_MS', 'LONGEST_RATE_LIMIT_MS'],
  ]),
  limit('a rate limit is believed as long as a ban', [
    ['saysBan || BAN_STATUSES.has(status) ? LONGEST_BAN_MS : LONGEST_RATE_LIMIT_MS', 'LONGEST_BAN_MS'],
  ]),
  limit('every refusal stops the address', [
    ["stops === 'address' || !signed ? 'address' : 'key'", "signed ? 'address' : 'address'"],
  ]),
  limit('a request without a key stops a key', [
    ["stops === 'address' || !signed ? 'address' : 'key'", "stops === 'address' ? 'address' : 'key'"],
  ]),
  limit('a refusal that is not documented stops a key only', [["rule?.stops ?? 'address';", "rule?.stops ?? 'key';"]]),
  limit('a code of the prototype is a rule', [
    ['Object.hasOwn(limits, name) ? limits[name] : undefined', 'limits[name]'],
  ]),
  budget('what is spent is not counted', [
    [
      'this.earnedAt = Math.max(this.earnedAt, now) + this.costMs(weight);',
      'this.earnedAt = Math.max(this.earnedAt, now);',
    ],
  ]),
  budget('rest is saved up without end', [
    [
      'this.earnedAt = Math.max(this.earnedAt, now) + this.costMs(weight);',
      'this.earnedAt = Math.max(this.earnedAt, 0) + this.costMs(weight);',
    ],
  ]),
  budget('nothing is held near the limit', [
    [
      'Math.max(0, this.beyondBurst(aheadMs, costMs), this.heldUntil - now)',
      'Math.max(0, this.beyondBurst(aheadMs, costMs))',
    ],
  ]),
  budget('a hold has any length', [['now + Math.min(usage.resetMs, LONGEST_HOLD_MS)', 'now + usage.resetMs']]),
  budget('a request that is heavier than the burst waits for ever', [
    ['aheadMs - Math.max(this.burstMs, costMs)', 'aheadMs - this.burstMs'],
  ]),
  throttle('a lane is lost where a request gives up', [
    [
      '    } catch (error) {\n      release();\n      throw error;\n    }\n    if (context',
      '    } catch (error) {\n      throw error;\n    }\n    if (context',
    ],
  ]),
  throttle('a turn is lost where a request gives up', [
    ['    } finally {\n      endTurn();\n    }', '    } catch (error) {\n      throw error;\n    }\n    endTurn();'],
  ]),
  throttle('a place in the shared budget is not given back', [
    ['      giveBack();\n      throw error;', '      void giveBack;\n      throw error;'],
  ]),
  throttle('weight is spent before the wait', [
    [
      '      await this.waitForBudget(weight, signal);\n      const costMs',
      '      this.budget.spend(weight, this.now());\n      await this.waitForBudget(weight, signal);\n      const costMs',
    ],
    ['      this.budget.spend(weight, this.now());\n    } finally', '    } finally'],
  ]),
  mutant(THROTTLE, 'test/exchange/sharing')('there are any number of lanes', [
    ['const LANES = 4;', 'const LANES = 400;'],
  ]),
  mutant(PLACES, 'test/exchange/places')('a place that is freed twice is two places', [
    ['      if (freed) return;\n', ''],
  ]),
  place('one that gives up takes the place of another', [
    ['this.waiting.splice(this.waiting.indexOf(next), 1);', 'this.waiting.pop();'],
  ]),
  place('whoever asks last is served first', [
    ['const next = this.waiting.shift();', 'const next = this.waiting.pop();'],
  ]),
  book('more is given back than lies ahead', [['Math.min(costMs, aheadMs - (this.now() - askedAt))', 'costMs']]),
  book('a place that is granted late is kept', [
    [
      '        taken.then(({ giveBack }) => giveBack()).catch(() => undefined);\n',
      '        taken.catch(() => undefined);\n',
    ],
  ]),
  book('a shared budget that does not answer is asked every time', [
    ['    this.restsUntil = this.now() + REST_MS;\n', ''],
  ]),
  transport('a question is sent during a ban', [['    this.refuseIfBanned();\n', '']]),
  transport('a refusal bans nobody', [
    [
      "    if (stops === 'key' && key !== null) bans.banKey(key, waitMs);\n    else bans.banAddress(waitMs);\n",
      '    void bans;\n',
    ],
  ]),
  transport('a key is banned as the address', [
    ["if (stops === 'key' && key !== null) bans.banKey(key, waitMs);\n    else bans", 'bans'],
  ]),
  transport('an answer has any length', [['readUpTo(body, this.rules.maxBytes)', 'readUpTo(body, 1e12)']]),
  wire('a page where JSON is owed is read as JSON', [
    ['else if (/html|xml/i.test(type)) why', 'else if (/html|xml/i.test(type) && type === answer.text) why'],
  ]),
  transport('an answer has any shape', [
    [
      "    if (limit === undefined) throw this.failure('unreadable', what, answer);\n",
      '    if (limit === undefined) return document;\n',
    ],
  ]),
  redirect('a redirect is followed', [
    ['import { Agent, request }', 'import { Agent, interceptors, request }'],
    ['dispatcher: agent,', 'dispatcher: agent.compose(interceptors.redirect({ maxRedirections: 3 })),'],
  ]),
  client('a body is read beyond its limit', [['if (size > limit) return', 'if (size > 1e12) return']]),
  client('a compressed body is read as it is', [['makers.length < names.length', 'makers.length >= 0']]),
  client('encodings are undone in the order in which they were applied', [['makers.toReversed()', 'makers']]),
  transport('any question is sent', [
    [
      'if (endpoint !== undefined) return endpoint;',
      "if (endpoint !== undefined || method !== 'HEAD') return endpoint ?? { ...this.context.allowed[0], path: pathname };",
    ],
  ]),
  wire('there is no deadline', [['new Deadline(this.rules.deadlineMs, signal)', 'new Deadline(2 ** 30, signal)']]),
  transport('a lane is kept after the answer', [
    ['      context.lanes.shift()?.();\n', '      context.lanes.shift();\n'],
  ]),
  missing('a history that was not read to its end proves something', [
    ["if (known === 'unread') unread = true;", "if (known === 'unread') unread = false;"],
  ]),
  missing('an order that no source knows was never seen, whatever is forgotten', [
    ['if (remembered === true) {', 'if (remembered !== undefined) {'],
  ]),
  missing('a triggered order that is open again counts as open itself', [
    ["if ('end' in found.known && found.known.end === 'open') {", 'if (false) {'],
  ]),
  missing('trades of a part fill the whole order', [
    ['multiplyDecimals(sumOf(trades), market.contractSize), amount) >= 0', "amount, '0') > 0"],
  ]),
  source('an answer about another order is no failure', [
    ['if (table.only === true && other !== undefined) {', 'if (table.only === true && other === null) {'],
  ]),
  source('an order of another market is this one', [
    ['return same && row.market === market.id;', 'return same || row.market === undefined;'],
  ]),
  source('an order is filled with nothing', [['says.filled !== null && isZero(says.filled)', 'says.filled === null']]),
  numbered('a list of numbered pages may have any number of rows', [
    ['if (total !== null && page.total !== total) throw', 'if (total === -1) throw'],
    ['if (rows.size === total) return', 'if (rows.size === total || page.rows.length < 50) return'],
  ]),
];
