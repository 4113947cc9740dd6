import type { Path, UnplacedProblem } from './config-problems.js';
import { showValue } from './issues.js';

/** The problem of a name with other characters, or of more than `longest`, with the nearest valid name. */
export function badName(name: string, at: Path, longest: number): UnplacedProblem {
  const better = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, longest);
  return {
    at,
    value: showValue(name),
    message: `the name is ${showValue(name)}, expected a-z, 0-9, _ and -, beginning with a letter or digit, at most ${longest} long`,
    remedy: better === '' ? 'rename it' : `rename it, for example to ${better}`,
  };
}
