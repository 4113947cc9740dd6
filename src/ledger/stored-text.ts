/**
 * PostgreSQL's text holds every character but NUL and halves of surrogate pairs, which an exchange or a bot may well send
 * in an id. JSON columns keep them, escaped; only what is searched or shown by column is replaced.
 */
export function storable(text: string): string {
  return text.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD');
}
