/** Work in pieces: a generator that yields between pieces and returns the result. */
export type Pieces<T> = Generator<undefined, T, undefined>;

/** Does the work synchronously. */
export function atOnce<T>(pieces: Pieces<T>): T {
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
  }
}
