import { pino } from 'pino';
import type { LogLevel } from './log-levels.js';
import { prettyLine } from './pretty-line.js';
import { redactedJson } from '../redaction/redacted-json.js';
import type { Redactor } from '../redaction/redactor.js';

/** pino's logger, called as `logger.info({ account }, 'Run began')`. */
export type Logger = pino.Logger;

/** Receives log lines. Each write is one complete line. */
export interface LogDestination {
  write(line: string): unknown;
}

export interface LoggerOptions {
  /** The part of Plumbline that logs: "worker", "serve". */
  name: string;
  level: LogLevel;
  redactor: Redactor;
  /** Default: stderr, because stdout is for the result of a command. */
  destination?: LogDestination;
  /** Readable lines for people instead of JSON. Default: true if stderr is a terminal. */
  pretty?: boolean;
  /** Colours in readable lines. Default: true if stderr is a terminal with colours. */
  colors?: boolean;
}

/**
 * A logger that prints no known secret. Fields are redacted as values, also by their names, and each complete line is
 * redacted again as text. JSON lines have ISO times and level names.
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
      // `formatters.log` has already converted errors to data. pino's own serializer would join their causes into one text.
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
