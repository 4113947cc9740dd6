import pc from 'picocolors';
import type { Environment } from '../../config/environment.js';
import type { Output } from './io.js';
import { ownCode } from './own-codes.js';

/** Colours by meaning: each meaning has one colour everywhere. */
export interface Style {
  good: (text: string) => string;
  warning: (text: string) => string;
  bad: (text: string) => string;
  strong: (text: string) => string;
  faint: (text: string) => string;
}

/** Uses colours only on a terminal, unless NO_COLOR is set or the terminal is dumb. */
export function styleFor(output: Output, environment: Pick<Environment, 'noColor' | 'forceColor'>): Style {
  return styleOf(!environment.noColor && (output.isTTY || environment.forceColor));
}

export function styleOf(coloured: boolean): Style {
  const colours = pc.createColors(coloured);
  return {
    good: marked(colours.green),
    warning: marked(colours.yellow),
    bad: marked((text) => colours.bold(colours.red(text))),
    strong: marked(colours.bold),
    faint: marked(colours.dim),
  };
}

/** Puts the codes around the text and marks them as Plumbline's; codes inside the text stay unmarked. */
function marked(paint: (text: string) => string): (text: string) => string {
  const [open = '', close = ''] = paint('|').split('|').map(ownCode);
  if (open === '') return (text) => text;
  // A style nested in this one ends with the same code.
  return (text) => `${open}${text.replaceAll(close, close + open)}${close}`;
}

export const PLAIN: Style = styleOf(false);
