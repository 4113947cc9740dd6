/** Work in pieces: it yields between them, and returns its result. */
export type Pieces<T> = Generator<undefined, T, undefined>;

/** Does the work at once. */
export function atOnce<T>(pieces: Pieces<T>): T {
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
  }
}
