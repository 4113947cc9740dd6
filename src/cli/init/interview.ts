import { count } from '../terminal/count.js';
import { UsageError } from '../context/errors.js';
import type { Prompter } from '../terminal/prompter.js';
import type { Style } from '../terminal/style.js';
import { wrap } from '../terminal/table.js';

interface Asked {
  /** The option that answers the question, as the user writes it: `--exchange ID`. */
  flag: string;
  /** What the command line says. */
  given: string | undefined;
  question: string;
  /** The answer for Enter and for `--yes`; null if there is none. */
  fallback: string | null;
  /** Why an answer cannot be used; null if it can. */
  refuse: (answer: string) => string | null;
}

export interface Choice {
  value: string;
  label: string;
}

/** After so many refused answers to one question the interview ends: a program might never give a valid one. */
const MOST_TRIES = 20;

/**
 * Gets each answer from the command line, else from the person, else from the default. Without a person, what has no
 * default is collected, so that all missing options are named at once.
 */
export class Interview {
  private readonly missing: string[] = [];

  constructor(
    private readonly person: Prompter | null,
    private readonly style: Style,
    /** Width of the terminal in characters. */
    private readonly width: number,
  ) {}

  get asks(): boolean {
    return this.person !== null;
  }

  /** Shows lines as they are. */
  say(lines: readonly string[]): void {
    this.person?.say(lines);
  }

  /** Shows texts, wrapped between words. */
  tell(...texts: string[]): void {
    for (const text of texts) this.say(text === '' ? [''] : wrap(text, this.width, '    '));
  }

  /** @throws UsageError if the command line's answer cannot be used; PromptEnded */
  async text(asked: Asked): Promise<string> {
    const { flag, given, fallback, refuse } = asked;
    if (given !== undefined) {
      const refusal = refuse(given);
      if (refusal !== null) throw new UsageError(`${flag}: ${refusal}`);
      return given;
    }
    if (this.person !== null) return this.ask(this.person, asked);
    if (fallback !== null) return fallback;
    this.missing.push(flag);
    return '';
  }

  /** One of the choices, by its number or its name. */
  async choose(asked: Omit<Asked, 'refuse'> & { choices: readonly Choice[] }): Promise<string> {
    const { choices } = asked;
    const valueOf = (answer: string): string => choices[Number(answer) - 1]?.value ?? answer;
    if (asked.given === undefined) {
      const width = String(choices.length).length;
      const numbers = choices.map((_, index) => this.style.strong(String(index + 1).padStart(width)));
      this.tell('', asked.question, ...choices.map(({ label }, index) => `  ${numbers[index] ?? ''}  ${label}`));
    }
    const known = choices.map(({ value }) => value);
    const numbered = asked.fallback === null ? null : String(known.indexOf(asked.fallback) + 1);
    const answer = await this.text({
      ...asked,
      question: 'Number or name',
      fallback: this.asks ? numbered : asked.fallback,
      refuse: (said) =>
        known.includes(valueOf(said))
          ? null
          : `choose a number from 1 to ${choices.length}, or one of ${known.join(', ')}`,
    });
    return valueOf(answer);
  }

  /**
   * Names of variables, each with a default. One answer accepts the defaults of all that the command line does not give.
   */
  async variables(asked: readonly (Asked & { field: string; fallback: string })[]): Promise<Record<string, string>> {
    const open = asked.filter(({ given }) => given === undefined);
    const defaults = open.map(({ fallback }) => fallback).join(', ');
    const keeps =
      !this.asks || open.length === 0 || !(await this.confirm(`Variables for it: ${defaults}. Other names?`, false));
    const names: Record<string, string> = {};
    for (const each of asked) {
      const given = each.given ?? (keeps ? each.fallback : undefined);
      names[each.field] = await this.text({ ...each, given });
    }
    return names;
  }

  /** Yes or no; without a person the default. */
  async confirm(question: string, fallback: boolean): Promise<boolean> {
    if (this.person === null) return fallback;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const answer = await this.person.ask(`${question} ${this.style.faint(fallback ? '[Y/n]' : '[y/N]')}`);
      if (answer === '') return fallback;
      if (/^(?:y|yes|n|no)$/i.test(answer)) return /^y/i.test(answer);
      this.say(['  answer y or n']);
    }
    throw tooManyTries();
  }

  /** @throws UsageError that names all options without which nothing can be written */
  requireAll(why: string): void {
    if (this.missing.length === 0) return;
    throw new UsageError(
      `${why}, and ${count(this.missing.length, 'answer')} without a default ${this.missing.length === 1 ? 'is' : 'are'} missing: ${this.missing.join(', ')}`,
    );
  }

  private async ask(person: Prompter, { question, fallback, refuse }: Asked): Promise<string> {
    const shown = fallback === null ? question : `${question} ${this.style.faint(`[${fallback}]`)}`;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const said = await person.ask(`${shown}:`);
      const answer = said === '' ? fallback : said;
      if (answer === null) {
        person.say(['  there is no default: please answer, or press Ctrl-C']);
        continue;
      }
      const refusal = refuse(answer);
      if (refusal === null) return answer;
      this.tell(`  ${this.style.warning(refusal)}`);
    }
    throw tooManyTries();
  }
}

function tooManyTries(): UsageError {
  return new UsageError(`no usable answer in ${MOST_TRIES} tries`);
}
