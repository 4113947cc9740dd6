/** A text as PostgreSQL reads it in a statement. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
