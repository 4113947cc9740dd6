import type { Findings } from './findings.js';
import type { ChaosOptions } from './options.js';
import type { OutsideRecord } from './record.js';

/** Violations that are reported in full for each check; `violations.json` has all. */
const SHOWN = 6;

export function reportOf({
  options,
  record,
  findings,
  ownEnds,
  memory,
  seconds,
}: {
  options: ChaosOptions;
  record: OutsideRecord;
  findings: Findings;
  /** Workers that ended without being killed. */
  ownEnds: readonly string[];
  memory: readonly string[];
  seconds: number;
}): string {
  const { minutes, seed, accounts, server } = options;
  const table = findings.table().map(({ check, checked, violated }) => [check, String(checked), String(violated)]);
  const confirmed = record.drifts.filter(({ confirmedAt }) => confirmedAt !== null).length;
  const glitches = record.drifts.filter(({ glitch }) => glitch).length;
  return [
    `Chaos: seed ${seed}, ${minutes} minutes, ${accounts} accounts, ${server} server; ${(seconds / 60).toFixed(1)} minutes in all`,
    '',
    'What happened',
    ...columns(record.counts().map(([what, times]) => [what, String(times)])),
    `  drifts: ${record.drifts.length} planted (${glitches} of them glitches), ${confirmed} seen confirmed`,
    '',
    `Workers that ended without being killed: ${ownEnds.length}`,
    ...ownEnds.slice(0, SHOWN).map((text) => `  ${text.replaceAll('\n', '\n    ')}`),
    '',
    'Memory (memory.csv, memory.svg)',
    ...memory.map((line) => `  ${line}`),
    '',
    ...columns([['check', 'checked', 'violated'], ...table]),
    ...violationsOf(findings),
    '',
    ...[...findings.bricked].map(([account, why]) => `bricked ${account}: ${why}`),
    `violated: ${findings.violations.length}`,
    `bricked: ${findings.bricked.size}`,
    '',
  ].join('\n');
}

function violationsOf({ violations }: Findings): string[] {
  const checks = [...new Set(violations.map(({ check }) => check))];
  return checks.flatMap((check) => {
    const own = violations.filter((violation) => violation.check === check);
    const more = own.length > SHOWN ? [`  and ${own.length - SHOWN} more`] : [];
    return [
      '',
      `Violated: ${check}`,
      ...own.slice(0, SHOWN).map(({ account, text }) => `  ${account ?? 'all'}: ${text}`),
      ...more,
    ];
  });
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? `  ${cell.padEnd(width(0))}` : cell.padStart(width(column))))
      .join('  ')
      .trimEnd(),
  );
}
