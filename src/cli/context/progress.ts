import type { Cli } from './cli.js';
import { terminalLine } from '../terminal/own-codes.js';
import { shortened } from '../terminal/width.js';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 80;
const clearLine = '\r\u001B[2K';

/** Shows on stderr what the command waits for: an animated line on a terminal, plain lines elsewhere. */
export interface Progress {
  /** Whether it is one line that is redrawn. Only then may its text change every second. */
  readonly isDrawn: boolean;
  /** Sets what the command is waiting for. On a terminal it is cut to the width. */
  on(text: string): void;
  /** Prints a line that stays. */
  line(text: string): void;
  /** Ends the waiting. */
  off(): void;
}

/** Implemented here because the usual libraries handle Ctrl-C themselves and end the process before it can clean up. */
export function progressFor(cli: Cli): Progress {
  const { stderr } = cli.io;
  if (!stderr.isTTY || cli.environment.ci) {
    return { isDrawn: false, on: (text) => cli.note(`… ${text}`), line: (text) => cli.note(text), off: () => {} };
  }
  let timer: NodeJS.Timeout | null = null;
  let frame = 0;
  const off = (): void => {
    if (timer === null) return;
    clearInterval(timer);
    timer = null;
    stderr.write(clearLine);
  };
  return {
    isDrawn: true,
    on: (text) => {
      off();
      const draw = (): void => {
        // Some terminals begin the next line after one that is as wide as they are.
        const shown = shortened(text, stderr.columns - '⠋ '.length - 1);
        stderr.write(`${clearLine}${frames[frame++ % frames.length] ?? ''} ${shown}`);
      };
      draw();
      timer = setInterval(draw, frameMs);
    },
    // The animated line is drawn again below this one.
    line: (text) => stderr.write(`${timer === null ? '' : clearLine}${terminalLine(text)}\n`),
    off,
  };
}

/** Fewer steps than this are not shown if the line is not redrawn. */
const FEW_STEPS = 50;
/** If the line is not redrawn, one is printed for so many steps. */
const STEPS_A_LINE = 250;

/** Shows how many of `total` similar steps are done. If the line is not redrawn, few steps are not shown. */
export function stepsProgress(progress: Progress, total: number): { one(): void; end(): void } {
  if (total === 0 || (!progress.isDrawn && total < FEW_STEPS)) return { one: () => {}, end: () => {} };
  let done = 0;
  const say = (): void => progress.on(`${done} of ${total} accounts`);
  say();
  return {
    one: () => {
      done++;
      if (progress.isDrawn || done % STEPS_A_LINE === 0) say();
    },
    end: () => progress.off(),
  };
}
