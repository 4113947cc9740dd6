import type { Command, Option } from 'commander';

/** What the candidates depend on. */
export interface CompletionParts {
  commandNames: readonly string[];
  /** The command with its options and arguments; null if there is none of this name. */
  load(name: string): Promise<Command | null>;
  /** The accounts of the configuration that these words name, or of the default one. */
  accounts(words: readonly string[]): Promise<readonly string[]>;
  /** What `explain` knows. */
  explained(): readonly string[];
}

/**
 * The words that can stand at the cursor.
 *
 * @param words the words after `plumbline`; the last one is at the cursor, and may be empty
 */
export async function candidates(words: readonly string[], parts: CompletionParts): Promise<string[]> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const found = await wordsFor(before, current, parts);
  return found.filter((word) => word.startsWith(current)).toSorted();
}

async function wordsFor(
  before: readonly string[],
  current: string,
  parts: CompletionParts,
): Promise<readonly string[]> {
  const [name, ...given] = before;
  if (name === undefined) return parts.commandNames;
  const command = await parts.load(name);
  if (command === null) return [];
  const { arguments: count, waiting } = read(given, command);
  if (waiting !== null) {
    if (waiting.long === '--account') return parts.accounts(given);
    return waiting.argChoices ?? [];
  }
  if (current.startsWith('-')) {
    return command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? []);
  }
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[count] ?? (last?.variadic === true ? last : undefined);
  if (argument === undefined) return [];
  if (/^accounts?$/.test(argument.name())) return parts.accounts(given);
  if (argument.name() === 'key') return parts.explained();
  return argument.argChoices ?? [];
}

/** Counts the arguments among the words, and finds the option whose value stands at the cursor. */
function read(words: readonly string[], command: Command): { arguments: number; waiting: Option | null } {
  let count = 0;
  let waiting: Option | null = null;
  for (const word of words) {
    if (waiting !== null) waiting = null;
    else if (!word.startsWith('-')) count += 1;
    else if (!word.includes('=')) {
      const option = command.options.find(({ long, short }) => word === long || word === short);
      if (option !== undefined && (option.required || option.optional)) waiting = option;
    }
  }
  return { arguments: count, waiting };
}
