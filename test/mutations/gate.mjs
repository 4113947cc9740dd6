// Each condition of the trading gate.
const GATE = 'src/http/gate.ts';
const SILENCE = 'src/watch/silence.ts';

const mutant = (file, test) => (what, edits) => ({ what, file, edits, test });
const gate = mutant(GATE, 'test/http/gate.test');
const finding = mutant(GATE, 'test/http/gate-finding');

export const MUTANTS = [
  gate('a stopped account opens it', [['    stopped(totals),\n', '']]),
  gate('a silent account opens it', [['    silenceOf(totals)?.text ?? null,\n', '']]),
  gate('an open intervention opens it', [
    [
      "  if (totals.openInterventions > 0) return 'a call for a human is open: it waits for `plumbline acknowledge`';\n",
      '',
    ],
  ]),
  gate('a call that is due opens it', [
    ["  if (totals.callDueSince !== null) return 'a human is being called: the last run found what needs one';\n", ''],
  ]),
  gate('an open discrepancy opens it', [['    blocked(totals),\n', '']]),
  gate('an accepted discrepancy closes it', [
    ['  if (!(blocking > 0)) return null;', '  if (!(blocking + arguments[0].acceptedDiscrepancies > 0)) return null;'],
  ]),
  gate('a single discrepancy opens it', [['if (!(blocking > 0)) return null;', 'if (!(blocking > 1)) return null;']]),
  gate('no success is needed', [
    [
      "  if (ageMinutes === null) return 'no reconciliation of this account has succeeded yet';\n",
      '  if (ageMinutes === null) return null;\n',
    ],
  ]),
  gate('a success of any age opens it', [
    ['if (!(ageMinutes <= maxAgeMinutes)) {', 'if (!(ageMinutes <= 1e9 * maxAgeMinutes)) {'],
  ]),
  gate('the age that is allowed is not allowed', [
    ['if (!(ageMinutes <= maxAgeMinutes)) {', 'if (!(ageMinutes < maxAgeMinutes)) {'],
  ]),
  gate('a success in the future opens it', [
    ['if (!(ageMinutes >= -FUTURE_MINUTES_ALLOWED)) {', 'if (!(ageMinutes >= -1e9)) {'],
  ]),
  gate('an age that is not a number opens it', [
    ['if (!(ageMinutes >= -FUTURE_MINUTES_ALLOWED)) {', 'if (ageMinutes < -FUTURE_MINUTES_ALLOWED) {'],
    ['if (!(ageMinutes <= maxAgeMinutes)) {', 'if (ageMinutes > maxAgeMinutes) {'],
  ]),
  gate('impossible values open it', [['    ...impossible(totals),\n', '']]),
  gate('impossible counts open it', [
    ['if (!Number.isSafeInteger(count) || count < 0) faults', 'if (count === 1e99) faults'],
  ]),
  gate('an impossible age that is allowed opens it', [
    [
      'if (!Number.isFinite(policy.gateMaxAgeMinutes) || policy.gateMaxAgeMinutes <= 0) {',
      'if (policy.gateMaxAgeMinutes === -1e99) {',
    ],
  ]),
  gate('an impossible clock opens it', [[' if (!isTime(readAt)) faults', ' if (readAt === null) faults']]),
  gate('a sign of life in years opens it', [['<= MAX_EXPECTATION_MINUTES)', '<= 1e99)']]),
  finding('what the watcher finds opens it', [
    [
      "if (finding === null || finding.kind === 'overdue') return gate;",
      'if (finding === null || finding !== undefined) return gate;',
    ],
  ]),
  finding('what the watcher finds of lateness closes it', [
    ["if (finding === null || finding.kind === 'overdue') return gate;", 'if (finding === null) return gate;'],
  ]),
  mutant(SILENCE, 'test/http/gate.test')('a paused account is silent', [
    ['if (!active || paused || expectedAt === null) return 0;', 'if (!active || expectedAt === null) return 0;'],
  ]),
  mutant(SILENCE, 'test/http/gate.test')('an account that is a second late is silent', [
    ['if (!(seconds > SILENT_AFTER_SECONDS) ||', 'if (!(seconds > 1) ||'],
  ]),
];
