/** Longer than any statement of the ledger is up to its table. */
const READ_CHARACTERS = 20_000;
/** Deeper than any statement of the ledger nests its brackets. */
const MAX_DEPTH = 10;
const INNERMOST_BRACKETS = /\([^()]*\)/g;
const TABLE = /(?:\binto|\bfrom|^\s*update)\s+(?:only\s+)?(?:"?\w+"?\.)?"?(\w+)"?/i;

/** What a statement does, and to which table: "INSERT run", "COMMIT". Never has a value of the statement. */
export function statementName(text: string): string {
  const [, verb = 'SQL'] = /^\s*(\w+)/.exec(text) ?? [];
  let outer = text.slice(0, READ_CHARACTERS);
  // A table in brackets is that of a part of the statement.
  for (let depth = 0; depth < MAX_DEPTH && outer.includes('('); depth++)
    outer = outer.replaceAll(INNERMOST_BRACKETS, ' ');
  const [, table] = TABLE.exec(outer) ?? [];
  return table === undefined ? verb.toUpperCase() : `${verb.toUpperCase()} ${table}`;
}
