// What the workflows take from outside.
import { mutant } from '../support/mutant.mjs';

const VALIDATE = 'src/workflows/validate.ts';
const FIELDS = 'src/workflows/checked-fields.ts';
const LIMITS = 'src/domain/policy/policy-limits.ts';
const CONVERTER = 'src/workflows/payload-converter.ts';
const CLOCK = 'src/workflows/clock.ts';

const map = mutant('src/domain/text/is-map.ts', 'test/workflows/validate');
const validator = mutant(VALIDATE, 'test/workflows/validate');
const fields = mutant(FIELDS, 'test/workflows/validate');
const limit = mutant(LIMITS, 'test/workflows/policy-limits');

export const MUTANTS = [
  fields('a payload that is no object is taken', [['  if (!isMap(fields)) {\n', '  if (fields === 12345.5) {\n']]),
  fields('unknown fields are taken', [['  if (unknown !== undefined) {\n', '  if (unknown === null) {\n']]),
  validator('any number of payloads is one', [['payloads.length <= 1 ?', 'payloads.length <= 9 ?']]),
  map('a list is an object', [[' && !Array.isArray(value);\n', ';\n']]),
  fields('a payload that cannot be read is an empty one', [
    [
      '  if (payload instanceof UnreadablePayload) return refused(`the payload cannot be read: ${payload.problem}`);\n',
      '',
    ],
  ]),
  fields('a name has any length', [
    ["textOr(value, 'by', otherwise, MAX_NAME)", "textOr(value, 'by', otherwise, 1e9)"],
  ]),
  fields('a text may be a number', [
    [
      "  if (typeof value !== 'string') return refused(`${name} is ${shown(value)}; it must be a text`);\n",
      "  if (typeof value !== 'string') return taken(String(value));\n",
    ],
  ]),
  fields('an invisible name is a name', [
    ["return taken(text === '' ? otherwise : text);", "return taken(value === '' ? otherwise : value);"],
  ]),
  validator('a stop needs no name', [
    ["const name = required(by, 'by', 'who stops it');", 'const name = nameOr(by, UNKNOWN_PERSON);'],
  ]),
  validator('an acknowledgement needs no note', [
    ["required(fields['note'], 'note', 'what was found and done', MAX_TEXT)", "textOr(fields['note'], 'note', '')"],
  ]),
  validator('any policy is taken', [
    [
      "exchangeProblem(fields['exchange']) ?? policyProblem(fields['policy']);\n    if (problem !== null) return refused(problem);\n    return taken({ by",
      "exchangeProblem(fields['exchange']);\n    if (problem !== null) return refused(problem);\n    return taken({ by",
    ],
  ]),
  validator('any account name is taken', [['&& ACCOUNT_NAME.test(account)', '']]),
  validator('any exchange is taken', [[' && EXCHANGE_ID.test(exchange)', '']]),
  validator('a snooze may end in the past', [['nowMs !== null && until <= nowMs', 'nowMs !== null && until < 0']]),
  validator('a snooze may last for years', [
    ['nowMs !== null && until > nowMs + MAX_SNOOZE_MS', 'nowMs !== null && until > 1e18'],
  ]),
  fields('a time of any year is taken', [[' && ms >= 0 && ms <= LAST_MS', '']]),
  fields('a time in any form is taken', [
    ['!/^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d/.test(value) || value.length > 40', 'value.length > 40'],
  ]),
  validator('a reminder may come at once', [['each >= 1 && each <= 10_080', 'each >= 0 && each <= 10_080']]),
  validator('an intervention takes any reasons', [['    if (bad !== undefined && !bad.ok) return bad;\n', '']]),
  validator('our own reasons have any length', [['return line.length <= max ?', 'return max > 0 ?']]),
  mutant(CONVERTER, 'test/workflows/validate')('a payload that cannot be decoded throws', [
    ['return new UnreadablePayload(problem);', 'throw new Error(problem);'],
  ]),
  limit('numbers have no limits', [
    [
      '    if (!isWhole(policy[name], min, max)) return wrongNumber(name, policy[name], min, max);\n',
      '    if (!isWhole(policy[name], 0, 1e9)) return wrongNumber(name, policy[name], min, max);\n',
    ],
  ]),
  limit('halves are whole numbers', [['return Number.isInteger(value) &&', "return typeof value === 'number' &&"]]),
  limit('more agreement than observations', [
    ['if (confirmations > maxLooks) {', 'if (confirmations < 0 && maxLooks < 0) {'],
  ]),
  limit('unknown fields are taken', [['if (unknown !== undefined) return', 'if (unknown === null) return']]),
  limit('a policy has any length', [['if (length > MAX_POLICY_LENGTH) {', 'if (length > 1e9) {']]),
  limit('no reminder is needed', [
    ['minutes.length > 0 && minutes.length <= MAX_LISTED', 'minutes.length <= MAX_LISTED'],
  ]),
  limit('a tolerance may be negative', [[' && signOf(number) >= 0;', ';']]),
  limit('a tolerance has any exponent', [[' && decimalExcess(number) === null', '']]),
  limit('texts in messages keep invisible characters', [[".replaceAll(/\\p{C}/gu, '')", '']]),
  mutant(CLOCK, 'test/workflows/clock')('the clock goes back', [
    ['return Math.max(Date.now(), this.knownMs);', 'return Date.now();'],
  ]),
  mutant(CLOCK, 'test/workflows/clock')('an earlier time is learned', [
    ['this.knownMs = Math.max(this.knownMs, ms);', 'this.knownMs = ms;'],
  ]),
];
