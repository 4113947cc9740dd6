/** "1 observation", "2 observations"; `plural` where an s does not make it. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
