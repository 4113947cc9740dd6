import { createInterface } from 'node:readline';
import type { Person } from './io.js';
import { terminalLine } from './own-codes.js';

/** The person pressed Ctrl-C or Ctrl-D, or the terminal is gone. */
export class PromptEnded extends Error {
  override readonly name = 'PromptEnded';
}

/** Asks a person line by line. */
export interface Prompter {
  /** The answer without blanks around it; empty if only Enter was pressed. @throws PromptEnded */
  ask(question: string): Promise<string>;
  /** Shows lines between the questions. */
  say(lines: readonly string[]): void;
  /** Releases the terminal. Idempotent. */
  close(): void;
}

/**
 * Lines that arrive before their question (typed ahead, or pasted) are kept for it. One interface serves all questions,
 * because each new one would lose such lines.
 */
export function prompterFor({ input, output }: Person, signal: AbortSignal): Prompter {
  const lines: string[] = [];
  let waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | null = null;
  let ended = false;
  const terminal = createInterface({ input, output, terminal: true, historySize: 0 });
  const end = (): void => {
    if (ended) return;
    ended = true;
    terminal.close();
    signal.removeEventListener('abort', end);
    waiting?.reject(new PromptEnded());
    waiting = null;
  };
  terminal.on('line', (line) => {
    if (waiting === null) lines.push(line);
    else {
      waiting.resolve(line);
      waiting = null;
    }
  });
  // In raw mode the terminal sends no signal for Ctrl-C.
  terminal.on('SIGINT', () => {
    output.write('\n');
    end();
  });
  terminal.on('close', end);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  return {
    ask: async (question) => {
      const text = `${terminalLine(question)} `;
      const known = lines.shift();
      if (known !== undefined) {
        output.write(`${text}\n`);
        return known.trim();
      }
      const line = await new Promise<string>((resolve, reject) => {
        if (ended) {
          reject(new PromptEnded());
          return;
        }
        waiting = { resolve, reject };
        terminal.setPrompt(text);
        terminal.prompt();
      });
      return line.trim();
    },
    say: (all) => output.write(`${all.map(terminalLine).join('\n')}\n`),
    close: end,
  };
}
