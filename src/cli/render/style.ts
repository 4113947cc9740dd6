import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import type { Environment } from '../../config/environment.js';
import type { Output } from '../io.js';

/** Colours by meaning, so that one meaning has one colour everywhere. */
export interface Style {
  good: (text: string) => string;
  warning: (text: string) => string;
  bad: (text: string) => string;
  strong: (text: string) => string;
  faint: (text: string) => string;
}

/** Colours only where a person reads: on a terminal, unless NO_COLOR is set or the terminal is dumb. */
export function styleFor(output: Output, environment: Pick<Environment, 'noColor' | 'forceColor'>): Style {
  return styleOf(!environment.noColor && (output.isTTY || environment.forceColor));
}

export function styleOf(coloured: boolean): Style {
  const colours = pc.createColors(coloured);
  return {
    good: colours.green,
    warning: colours.yellow,
    bad: (text) => colours.bold(colours.red(text)),
    strong: colours.bold,
    faint: colours.dim,
  };
}

export const PLAIN: Style = styleOf(false);

/** Characters that a text takes on a terminal: colour codes take none. */
export function visibleWidth(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}
