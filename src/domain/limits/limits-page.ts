import { LIMITS, type Limit } from './limits.js';

const HEAD = `# Limits

Everything that an account, a bot, an exchange or a person can send has a limit. Input beyond a limit is refused with the
failure kind \`too_large\`. The message says what was asked, what came and what is allowed; the remedy says what to do. Such a
read is not retried within its run; the next run asks again. Texts that are only shown are cut, and end in an ellipsis or a
count of the rest.

\`npm run schemas\` generates this page from \`src/domain/limits/limits.ts\`.
`;

/** The text of docs/limits.md. */
export function limitsPage(): string {
  const all: [string, Limit][] = Object.entries(LIMITS);
  return [
    HEAD,
    ...section(
      '## Refused',
      all.filter(([, { beyond }]) => beyond === 'refused'),
    ),
    ...section(
      '## Cut',
      all.filter(([, { beyond }]) => beyond === 'cut'),
    ),
  ].join('\n');
}

function section(title: string, limits: readonly [string, Limit][]): string[] {
  const rows = limits.map(([name, { what, value, unit, setting, reason, remedy }]) => [
    `\`${name}\``,
    what,
    `${grouped(value)} ${unit}${setting === undefined ? '' : ` (\`${setting}\`)`}`,
    reason,
    remedy,
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const head = ['name', 'limit of', 'default', 'reason', 'what to do'];
  return [title, '', line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}

/** 20000 becomes "20,000". */
function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
