import spinner from 'yocto-spinner';
import type { Cli } from './cli.js';

/** Tells on stderr what is being waited for: a moving line on a terminal, plain lines elsewhere. */
export interface Progress {
  /** From now on this is what is waited for. */
  on(text: string): void;
  /** A line that stays. */
  line(text: string): void;
  /** Nothing is waited for any more. */
  off(): void;
}

export function progressFor(cli: Cli): Progress {
  if (!cli.io.stderr.isTTY || cli.environment.ci) {
    return { on: (text) => cli.note(`… ${text}`), line: (text) => cli.note(text), off: () => {} };
  }
  const moving = spinner({ stream: process.stderr });
  return {
    on: (text) => void moving.start(text),
    line: (text) => {
      const { isSpinning, text: waitingFor } = moving;
      moving.stop();
      cli.note(text);
      if (isSpinning) moving.start(waitingFor);
    },
    off: () => void moving.stop(),
  };
}
