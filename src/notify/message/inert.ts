/**
 * Makes addresses in a text inert. Chat programs turn an address into a link, and anybody can list a token whose name is an
 * address. Written like this it stays readable and does not become a link.
 */
export function withoutLinks(text: string): string {
  return text.replaceAll('://', '[:]//');
}
