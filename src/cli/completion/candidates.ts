import type { Command, Option } from 'commander';

/** What the candidates depend on. */
export interface CompletionParts {
  commandNames: readonly string[];
  /** The command with its options and arguments; null if there is none of this name. */
  load(name: string): Promise<Command | null>;
  /** The accounts of the configuration that these words name, or of the default one. */
  accounts(words: readonly string[]): Promise<readonly string[]>;
  /** The channels of that configuration. */
  channels(words: readonly string[]): Promise<readonly string[]>;
  /** What `explain` knows. */
  explained(): readonly string[];
}

/** The options of the program itself. */
const PROGRAM_OPTIONS = ['--help', '--version'];

/**
 * The words that can stand at the cursor.
 *
 * @param words the words after `plumbline`; the last one is at the cursor, and may be empty
 */
export async function candidates(words: readonly string[], parts: CompletionParts): Promise<string[]> {
  const joined = withoutSplits(words);
  const current = joined.at(-1) ?? '';
  const before = joined.slice(0, -1);
  const found = await wordsFor(before, current, parts);
  return found.filter((word) => word.startsWith(current)).toSorted();
}

/** Bash splits `--output=json` into three words; the candidates are for the last one. */
function withoutSplits(words: readonly string[]): string[] {
  const joined: string[] = [];
  words.forEach((word, index) => {
    if (word === '=' && words[index - 1]?.startsWith('--') === true) {
      if (index === words.length - 1) joined.push('');
    } else joined.push(word);
  });
  return joined;
}

async function wordsFor(
  before: readonly string[],
  current: string,
  parts: CompletionParts,
): Promise<readonly string[]> {
  const [name, ...given] = before;
  if (name === undefined) return current.startsWith('-') ? PROGRAM_OPTIONS : parts.commandNames;
  const loaded = await parts.load(name);
  if (loaded === null) return [];
  const { command, rest } = within(loaded, given);
  const { arguments: count, waiting } = read(rest, command);
  if (waiting !== null) return valuesOf(waiting, given, parts);
  const [, long, value] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
  if (long !== undefined && value !== undefined) {
    const words = await valuesOf(optionOf(command, long), given, parts);
    return words.map((word) => `${long}=${word}`);
  }
  if (current.startsWith('-')) {
    return [...command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? []), '--help'];
  }
  if (command.commands.length > 0) return command.commands.map((each) => each.name());
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[count] ?? (last?.variadic === true ? last : undefined);
  if (argument === undefined) return [];
  if (/^accounts?$/.test(argument.name())) return parts.accounts(given);
  if (argument.name() === 'channel') return parts.channels(given);
  if (argument.name() === 'key') return parts.explained();
  return argument.argChoices ?? [];
}

async function valuesOf(
  option: Option | undefined,
  given: readonly string[],
  parts: CompletionParts,
): Promise<readonly string[]> {
  if (option?.long === '--account' || option?.long === '--accounts') return parts.accounts(given);
  return option?.argChoices ?? [];
}

function optionOf(command: Command, word: string): Option | undefined {
  return command.options.find(({ long, short }) => word === long || word === short);
}

/** The command that the words name, such as `test` of `notify`, and the words after it. */
function within(command: Command, words: readonly string[]): { command: Command; rest: readonly string[] } {
  const [first, ...rest] = words;
  const inner = command.commands.find((each) => each.name() === first);
  return inner === undefined ? { command, rest: words } : within(inner, rest);
}

/** Counts the arguments among the words, and finds the option whose value stands at the cursor. */
function read(words: readonly string[], command: Command): { arguments: number; waiting: Option | null } {
  let count = 0;
  let waiting: Option | null = null;
  for (const word of words) {
    if (waiting !== null) waiting = null;
    else if (!word.startsWith('-')) count += 1;
    else if (!word.includes('=')) {
      const option = optionOf(command, word);
      if (option !== undefined && (option.required || option.optional)) waiting = option;
    }
  }
  return { arguments: count, waiting };
}
