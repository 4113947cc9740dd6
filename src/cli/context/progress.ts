import type { Cli } from './cli.js';
import { terminalLine } from '../terminal/own-codes.js';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 80;
const clearLine = '\r\u001B[2K';

/** Reports on stderr what is being waited for: a moving line on a terminal, plain lines elsewhere. */
export interface Progress {
  /** From now on this is what is waited for. */
  on(text: string): void;
  /** A line that stays. */
  line(text: string): void;
  /** Nothing is waited for any more. */
  off(): void;
}

/** Of our own, since the usual ones take Ctrl-C for themselves and end the process before it could put things in order. */
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
    // The moving line comes again below it.
    line: (text) => stderr.write(`${timer === null ? '' : clearLine}${terminalLine(text)}\n`),
    off,
  };
}

/** Fewer steps than this are over before anybody wonders. */
const FEW_STEPS = 50;
/** Where every text is a line of its own, one comes so often. */
const STEPS_A_LINE = 250;

/** Reports how many of many alike steps are done; of a few it reports nothing. */
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
