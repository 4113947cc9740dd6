import type { Cli } from './cli.js';
import { terminalLine } from '../terminal/own-codes.js';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 80;
const clearLine = '\r\u001B[2K';

/** Shows on stderr what the command waits for: an animated line on a terminal, plain lines elsewhere. */
export interface Progress {
  /** Sets what the command is waiting for. */
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
    return { on: (text) => cli.note(`… ${text}`), line: (text) => cli.note(text), off: () => {} };
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
    on: (text) => {
      off();
      const draw = (): void =>
        stderr.write(`${clearLine}${frames[frame++ % frames.length] ?? ''} ${terminalLine(text)}`);
      draw();
      timer = setInterval(draw, frameMs);
    },
    // The animated line is drawn again below this one.
    line: (text) => stderr.write(`${timer === null ? '' : clearLine}${terminalLine(text)}\n`),
    off,
  };
}

/** Below this number of steps no progress is shown. */
const FEW_STEPS = 50;
/** If every text is a line of its own, one line is printed per this many steps. */
const STEPS_A_LINE = 250;

/** Shows how many of `total` similar steps are done; shows nothing if there are few. */
export function stepsProgress(cli: Cli, total: number): { one(): void; end(): void } {
  if (total < FEW_STEPS) return { one: () => {}, end: () => {} };
  const progress = progressFor(cli);
  const isDrawn = cli.io.stderr.isTTY && !cli.environment.ci;
  let done = 0;
  const say = (): void => progress.on(`${done} of ${total} accounts`);
  say();
  return {
    one: () => {
      done++;
      if (isDrawn || done % STEPS_A_LINE === 0) say();
    },
    end: () => progress.off(),
  };
}
