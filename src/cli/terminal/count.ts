/** "1 observation", "2 observations"; pass `plural` for irregular nouns. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
