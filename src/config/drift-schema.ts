import { z } from 'zod';
import { normalizeDecimal } from '../domain/decimal/decimal.js';
import { DISCREPANCY_TYPES } from '../domain/difference/difference.js';
import { contradiction, isNotional, MAX_DRIFT_RULES, MAX_DRIFT_SYMBOLS } from '../domain/policy/drift-limits.js';
import { DRIFT_ACTIONS } from '../domain/policy/drift-rules.js';
import type { DriftRule } from '../domain/policy/policy.js';
import { ruleText } from './schema-parts.js';

const notional = z
  .custom<string | number>(
    (value) => (typeof value === 'string' || typeof value === 'number') && isNotional(String(value)),
    'a decimal number that is not negative',
  )
  .meta({ type: ['string', 'number'] })
  .transform((value) => normalizeDecimal(String(value)));

const type = z.enum(DISCREPANCY_TYPES);

const driftRule = z
  .strictObject({
    types: z
      .union([type.transform((one) => [one]), z.array(type).min(1).max(DISCREPANCY_TYPES.length)])
      .meta({ description: 'Discrepancy types, one or a list. Absent: all.' })
      .optional(),
    symbols: z
      .union([ruleText.transform((one) => [one]), z.array(ruleText).min(1).max(MAX_DRIFT_SYMBOLS)])
      .meta({ description: 'Unified symbols (for balances: currencies), one or a list. Absent: all.' })
      .optional(),
    notional_at_least: notional
      .meta({
        description:
          'Fits if the difference is worth at least this much. Without symbols: dollars; with symbols: their quote currency. Also fits where the value is unknown.',
      })
      .optional(),
    notional_below: notional
      .meta({ description: 'Fits if the difference is worth less than this. Does not fit where the value is unknown.' })
      .optional(),
    action: z.enum(DRIFT_ACTIONS).meta({
      description:
        'ignore: left out of the comparison, and counted. record: a discrepancy that calls nobody. notify: a person is notified, outside quiet hours. page: a person is called until somebody answers.',
    }),
    close_gate: z
      .boolean()
      .meta({ description: 'Whether the trading gate is closed while it is open. Default: true for page, else false.' })
      .optional(),
  })
  .transform((fields): DriftRule => {
    const { types, symbols, notional_at_least: least, notional_below: limit, action, close_gate: closeGate } = fields;
    return {
      ...(types === undefined ? {} : { types }),
      ...(symbols === undefined ? {} : { symbols }),
      ...(least === undefined ? {} : { notionalAtLeast: least }),
      ...(limit === undefined ? {} : { notionalBelow: limit }),
      action,
      ...(closeGate === undefined ? {} : { closeGate }),
    };
  })
  .superRefine((rule, context) => {
    const problem = contradiction(rule);
    if (problem === null) return;
    const path = [problem.field === 'closeGate' ? 'close_gate' : 'notional_below'];
    context.addIssue({ code: 'custom', path, message: `another value: the rule ${problem.text}` });
  });

export const drift = z.array(driftRule).min(1).max(MAX_DRIFT_RULES).meta({
  description:
    'What happens with a drift, by type, symbol and size. The first rule that fits decides, the rules of the account before those of all accounts; if none fits, intervene_on decides.',
});
