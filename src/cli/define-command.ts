import type { Command } from 'commander';
import type { CatalogueEntry } from './catalogue.js';
import type { Cli } from './context/cli.js';
import { stateOption } from './context/options.js';

/** Adds a command of the catalogue, with its options. */
export async function defineCommand(program: Command, entry: CatalogueEntry, cli: Cli): Promise<void> {
  const command = addCommand(program, entry);
  (await entry.load()).define(command, cli);
  const named = (long: string) => command.options.find((option) => option.long === long && !option.hidden);
  if (named('--config') !== undefined && named('--state') === undefined) command.addOption(stateOption());
}

/** Adds a command's name and summary alone, for the help of the program. */
export function addCommand(program: Command, { name, group, summary }: CatalogueEntry): Command {
  return program.command(name).helpGroup(group).summary(summary).description(summary);
}
