const MARK = '…';

/** At most `most` characters (code points, as people and services count them), with a mark at the end if it is cut. */
export function shortened(text: string, most: number): string {
  // A text has no more code points than code units.
  if (text.length <= most) return text;
  const points = Array.from(text);
  return points.length <= most ? text : points.slice(0, most - 1).join('') + MARK;
}

/** At most `most` bytes of UTF-8, with a mark at the end if it is cut. */
export function shortenedBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  let bytes = Buffer.byteLength(MARK);
  let kept = '';
  for (const point of text) {
    bytes += Buffer.byteLength(point);
    if (bytes > most) return kept + MARK;
    kept += point;
  }
  return kept;
}

/** Pieces of at most `most` characters, split at line ends where possible. A match of `units`, such as `&amp;`, is not split. */
export function pieces(text: string, most: number, units: RegExp = /[^]/gu): string[] {
  const found: string[] = [];
  let piece = '';
  const add = (part: string): void => {
    if (piece !== '' && piece.length + part.length > most) {
      found.push(piece);
      piece = '';
    }
    piece += part;
  };
  for (const line of text.split(/(?<=\n)/)) {
    if (line.length <= most) add(line);
    else for (const [unit] of line.matchAll(units)) add(unit);
  }
  if (piece !== '') found.push(piece);
  return found;
}
