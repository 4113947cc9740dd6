import { pino } from 'pino';
import type { LogLevel } from './log-levels.js';
import { prettyLine } from './pretty-line.js';
import { redactedJson } from '../redaction/redacted-json.js';
import type { Redactor } from '../redaction/redactor.js';

/** pino's logger: `logger.info({ account }, 'Run began')`. */
export type Logger = pino.Logger;

/** Where lines go. Each write is one whole line. */
export interface LogDestination {
  write(line: string): unknown;
}

export interface LoggerOptions {
  /** Which part of Plumbline speaks: "worker", "serve". */
  name: string;
  level: LogLevel;
  redactor: Redactor;
  /** stderr where not given: stdout belongs to what was asked for. */
  destination?: LogDestination;
  /** One readable line for people instead of JSON. Where not given: when stderr is a terminal. */
  pretty?: boolean;
  /** Colours in readable lines. Where not given: on a terminal that takes them. */
  colors?: boolean;
}

/**
 * A logger out of which no known secret comes: fields are redacted as values, by name too, and each finished line once more
 * as a text, whatever way its parts took. JSON lines have ISO times and levels by name.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { redactor, name, level } = options;
  const destination = options.destination ?? process.stderr;
  const terminal = options.destination === undefined && process.stderr.isTTY;
  const pretty = options.pretty ?? terminal;
  const colors = options.colors ?? (terminal && process.stderr.hasColors());
  const write = (line: string): void => {
    const redacted = `${redactedJson(line.trimEnd(), redactor)}\n`;
    destination.write(pretty ? prettyLine(redacted, colors) : redacted);
  };
  return pino(
    {
      name,
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors are data already when serializers see them; pino's own would join their causes into one text.
      serializers: { err: (error: unknown) => error },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => toFields(redactor.value(fields)),
      },
    },
    { write },
  );
}

function toFields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : { value };
}
