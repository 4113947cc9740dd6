/** In every statement of the ledger, the name of the table comes earlier than this. */
const READ_CHARACTERS = 20_000;
/** No statement of the ledger nests its brackets deeper than this. */
const MAX_DEPTH = 10;
const INNERMOST_BRACKETS = /\([^()]*\)/g;
const TABLE = /(?:\binto|\bfrom|^\s*update)\s+(?:only\s+)?(?:"?\w+"?\.)?"?(\w+)"?/i;

/** The verb and the table of a statement: "INSERT run", "COMMIT". It never has a value of the statement. */
export function statementName(text: string): string {
  const [, verb = 'SQL'] = /^\s*(\w+)/.exec(text) ?? [];
  let outer = text.slice(0, READ_CHARACTERS);
  // A table in brackets belongs to a part of the statement.
  for (let depth = 0; depth < MAX_DEPTH && outer.includes('('); depth++)
    outer = outer.replaceAll(INNERMOST_BRACKETS, ' ');
  const [, table] = TABLE.exec(outer) ?? [];
  return table === undefined ? verb.toUpperCase() : `${verb.toUpperCase()} ${table}`;
}
