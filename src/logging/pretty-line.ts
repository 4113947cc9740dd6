import { createColors } from 'picocolors';
import { visibleLines } from '../domain/text/shown-text.js';

/** Fields that are not printed as `name=value`. */
const PLACED: ReadonlySet<string> = new Set(['level', 'time', 'name', 'msg', 'err', 'error']);

type Colors = ReturnType<typeof createColors>;

/**
 * Converts a JSON log line to a readable one: `15:00:00.123 INFO  worker: Worker ready  taskQueue=plumbline`, with an
 * error's stack indented below. Control characters are escaped, so that text of an exchange cannot move the cursor.
 */
export function prettyLine(line: string, colors: boolean): string {
  const fields = parsed(line);
  if (fields === null) return line;
  const paint = createColors(colors);
  const level = textOf(fields['level']);
  const head = [
    paint.dim(textOf(fields['time']).slice(11, 23)),
    paintLevel(level, paint),
    paint.dim(`${textOf(fields['name'])}:`),
    safe(textOf(fields['msg'])),
  ].join(' ');
  const rest = Object.entries(fields)
    .filter(([key]) => !PLACED.has(key))
    .map(([key, value]) => paint.dim(`${safe(key)}=`) + safe(shown(value)));
  const error = fields['err'] ?? fields['error'];
  return `${[head, ...rest].join('  ').trimEnd()}${errorLines(error, paint)}\n`;
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function paintLevel(level: string, paint: Colors): string {
  const label = level.toUpperCase().padEnd(5);
  if (level === 'error' || level === 'fatal') return paint.red(label);
  if (level === 'warn') return paint.yellow(label);
  return level === 'info' ? paint.green(label) : paint.dim(label);
}

function errorLines(error: unknown, paint: Colors): string {
  if (error === undefined) return '';
  const isMap = typeof error === 'object' && error !== null;
  const stack = isMap && 'stack' in error ? textOf(error.stack) : shown(error);
  const own = stack
    .split('\n')
    .map((line) => `\n    ${paint.dim(safe(line))}`)
    .join('');
  const cause = isMap && 'cause' in error ? error.cause : undefined;
  return cause === undefined ? own : `${own}\n    ${paint.dim('caused by')}${errorLines(cause, paint)}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

function shown(value: unknown): string {
  return typeof value === 'string' && /^[^\s="]+$/.test(value) ? value : JSON.stringify(value);
}

function safe(text: string): string {
  return visibleLines(text).replaceAll('\n', '\n    ');
}
