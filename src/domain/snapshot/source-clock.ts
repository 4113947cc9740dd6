/** The own clock of one of several sources of internal state. */
export interface SourceClock {
  name: string;
  /** The source's `as_of`, milliseconds since the epoch. */
  asOf: number;
}
