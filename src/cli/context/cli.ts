import type { Command } from 'commander';
import type { Environment } from '../../config/environment.js';
import { redactedJson } from '../../redaction/redacted-json.js';
import type { Redactor } from '../../redaction/redactor.js';
import { visibleJson } from '../../domain/text/shown-text.js';
import { createRedactor } from '../../redaction/redactor.js';
import { CommandContext } from './command-context.js';
import { errorDocument, reportOf } from './errors.js';
import type { ErrorReport } from './errors.js';
import { EXIT } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import { redactingIo } from '../terminal/io.js';
import type { Io } from '../terminal/io.js';
import { terminalLine } from '../terminal/own-codes.js';
import type { Style } from '../terminal/style.js';
import { styleFor } from '../terminal/style.js';
import { sentences } from '../terminal/table.js';

/** What each file of `commands/` exports as `define`: adds arguments, options and the action to its command. */
export type DefineCommand = (command: Command, cli: Cli) => void;

/** What a command works with: the process, the configuration behind `--config`, and the output. */
export class Cli {
  exitCode: ExitCode | null = null;
  /** The process. Everything written to its streams is redacted first. */
  readonly io: Io;

  constructor(
    private readonly bareIo: Io,
    readonly environment: Environment,
    /** Knows each secret that a command reads; redacts every text that leaves the process. */
    readonly redactor: Redactor = createRedactor(),
  ) {
    this.io = redactingIo(bareIo, redactor);
  }

  /** Style of what goes to stdout. */
  get style(): Style {
    return styleFor(this.io.stdout, this.environment);
  }

  /** Prints the command's answer for people, line by line. Control characters in a line are made visible, not sent. */
  print(lines: string | readonly string[]): void {
    const all = typeof lines === 'string' ? [lines] : lines;
    if (all.length === 0) return;
    this.io.stdout.write(`${all.map(terminalLine).join('\n')}\n`);
  }

  /** Prints the command's answer for programs. */
  printJson(document: unknown, form: 'document' | 'line' = 'document'): void {
    const indent = form === 'line' ? undefined : 2;
    const json = redactedJson(JSON.stringify(document, null, indent), this.redactor, indent);
    this.bareIo.stdout.write(`${visibleJson(json)}\n`);
  }

  /** Sentences of the answer as lines for `print`: broken to the width of a terminal. */
  sentences(...lines: string[]): string[] {
    return sentences(lines, this.io.stdout);
  }

  /** Prints a remark for people, broken to the width of a terminal; never part of the answer. */
  note(text: string): void {
    for (const line of sentences([text], this.io.stderr)) this.io.stderr.write(`${terminalLine(line)}\n`);
  }

  /**
   * Wraps `work` as an action: returns its exit code, and reports an error on stderr, with `-o json` also on stdout.
   */
  action<A extends unknown[]>(work: (...args: A) => Promise<ExitCode>): (...args: A) => Promise<void> {
    return async (...args) => {
      try {
        this.exitCode = await work(...args);
      } catch (error) {
        const report = reportOf(error);
        this.exitCode = report.kind === 'usage' ? EXIT.usage : EXIT.failed;
        const command = args.at(-1);
        if (isCommand(command) && command.opts()['output'] === 'json') {
          this.printJson(errorDocument(report, command.name()));
        }
        this.report(report);
      }
    };
  }

  /** Runs `work` with the context of `--config` and `--state`, then closes every connection that it opened. */
  async using<T>(
    options: { config?: string; state?: string },
    work: (context: CommandContext) => Promise<T>,
  ): Promise<T> {
    const context = new CommandContext(this.io, this.environment, this.redactor, {
      config: options.config ?? null,
      state: options.state ?? null,
    });
    try {
      return await work(context);
    } finally {
      await context.close();
    }
  }

  report(report: ErrorReport): void {
    const style = styleFor(this.io.stderr, this.environment);
    for (const line of report.stack?.split('\n') ?? []) this.io.stderr.write(`${terminalLine(style.faint(line))}\n`);
    const where = report.where === null || report.message.includes(report.where) ? '' : ` (${report.where})`;
    // Only configuration errors have several lines: one for each problem.
    const lines = ['configuration', 'too_large'].includes(report.kind) ? report.message.split('\n') : [report.message];
    lines.forEach((line, index) => {
      const last = index === lines.length - 1 ? where : '';
      this.note(`${index === 0 ? `${style.bad('error:')} ` : ''}${line}${last}`);
    });
    this.note(`${style.strong('what to do:')} ${report.remedy}`);
  }
}

/** Commander passes the command itself to an action as the last argument. */
function isCommand(value: unknown): value is Command {
  return typeof value === 'object' && value !== null && 'opts' in value && typeof value.opts === 'function';
}
