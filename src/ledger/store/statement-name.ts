/** Longer than any statement of the ledger is up to its table. */
const READ_CHARACTERS = 20_000;
/** A name before a bracket is a function, as in `extract(epoch from now())`. */
const TABLE = /(?:\binto|\bfrom|^\s*update)\s+(?:only\s+)?(?:"?\w+"?\.)?"?(\w+)\b"?(?!\()/i;

/** What a statement does, and to which table: "INSERT run", "COMMIT". Never has a value of the statement. */
export function statementName(text: string): string {
  const start = text.slice(0, READ_CHARACTERS);
  const [, verb = 'SQL'] = /^\s*(\w+)/.exec(start) ?? [];
  const [, table] = TABLE.exec(start) ?? [];
  return table === undefined ? verb.toUpperCase() : `${verb.toUpperCase()} ${table}`;
}
