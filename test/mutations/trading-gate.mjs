// Each condition of the trading gate.
import { mutant } from '../support/mutant.mjs';

const GATE = 'src/report/trading-gate.ts';
const SILENCE = 'src/watch/silence.ts';

const tradingGate = mutant(GATE, 'test/report/trading-gate.test');
const finding = mutant(GATE, 'test/report/trading-gate-finding');

export const MUTANTS = [
  tradingGate('a stopped account opens it', [['    stopped(totals),\n', '']]),
  tradingGate('a silent account opens it', [['    silenceOf(totals)?.text ?? null,\n', '']]),
  tradingGate('an open intervention opens it', [
    [
      "  if (totals.openInterventions > 0) return 'an intervention is open: it waits for `plumbline acknowledge`';\n",
      '',
    ],
  ]),
  tradingGate('an intervention that is due opens it', [
    ["  if (totals.callDueSince !== null) return 'a human is being called: the last run found a reason for it';\n", ''],
  ]),
  tradingGate('an open discrepancy opens it', [['    blocked(totals),\n', '']]),
  tradingGate('an accepted discrepancy closes it', [
    ['  if (!(blocking > 0)) return null;', '  if (!(blocking + arguments[0].acceptedDiscrepancies > 0)) return null;'],
  ]),
  tradingGate('a single discrepancy opens it', [
    ['if (!(blocking > 0)) return null;', 'if (!(blocking > 1)) return null;'],
  ]),
  tradingGate('no success is needed', [
    [
      "  if (ageMinutes === null) return 'no reconciliation of this account has succeeded yet';\n",
      '  if (ageMinutes === null) return null;\n',
    ],
  ]),
  tradingGate('a success of any age opens it', [
    ['if (!(ageMinutes <= maxAgeMinutes)) {', 'if (!(ageMinutes <= 1e9 * maxAgeMinutes)) {'],
  ]),
  tradingGate('the age that is allowed is not allowed', [
    ['if (!(ageMinutes <= maxAgeMinutes)) {', 'if (!(ageMinutes < maxAgeMinutes)) {'],
  ]),
  tradingGate('a success in the future opens it', [
    ['if (!(ageMinutes >= -FUTURE_MINUTES_ALLOWED)) {', 'if (!(ageMinutes >= -1e9)) {'],
  ]),
  tradingGate('an age that is not a number opens it', [
    ['if (!(ageMinutes >= -FUTURE_MINUTES_ALLOWED)) {', 'if (ageMinutes < -FUTURE_MINUTES_ALLOWED) {'],
    ['if (!(ageMinutes <= maxAgeMinutes)) {', 'if (ageMinutes > maxAgeMinutes) {'],
  ]),
  tradingGate('impossible values open it', [['    ...impossible(totals),\n', '']]),
  tradingGate('impossible counts open it', [
    ['if (!Number.isSafeInteger(count) || count < 0) faults', 'if (count === 1e99) faults'],
  ]),
  tradingGate('an impossible age that is allowed opens it', [
    [
      'if (!Number.isFinite(policy.gateMaxAgeMinutes) || policy.gateMaxAgeMinutes <= 0) {',
      'if (policy.gateMaxAgeMinutes === -1e99) {',
    ],
  ]),
  tradingGate('an impossible clock opens it', [[' if (!isTime(readAt)) faults', ' if (readAt === null) faults']]),
  tradingGate('a sign of life in years opens it', [['<= MAX_EXPECTATION_MINUTES)', '<= 1e99)']]),
  finding('what the watcher finds opens it', [
    [
      "if (finding === null || finding.kind === 'overdue') return tradingGate;",
      'if (finding === null || finding !== undefined) return tradingGate;',
    ],
  ]),
  finding('what the watcher finds of lateness closes it', [
    [
      "if (finding === null || finding.kind === 'overdue') return tradingGate;",
      'if (finding === null) return tradingGate;',
    ],
  ]),
  mutant(SILENCE, 'test/report/trading-gate.test')('a paused account is silent', [
    ['if (!active || paused || expectedAt === null) return 0;', 'if (!active || expectedAt === null) return 0;'],
  ]),
  mutant(SILENCE, 'test/report/trading-gate.test')('an account that is a second late is silent', [
    ['if (!(seconds > SILENT_AFTER_SECONDS) ||', 'if (!(seconds > 1) ||'],
  ]),
];
