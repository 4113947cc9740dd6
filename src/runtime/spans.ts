export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A part of the work that has ended. */
export interface EndedSpan {
  name: string;
  attributes: SpanAttributes;
  /** Milliseconds since the epoch. */
  startedAt: number;
  endedAt: number;
  /** Why it failed; null if it did not. */
  failure: string | null;
}

/** Records how long parts of an activity take, as spans of the run's trace. Never throws, and waits for nothing. */
export interface Spans {
  /** Runs the work as a span below the one that is going on. Outside of a trace it only runs the work. */
  within<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
  /** Adds a span below the one that is going on. Outside of a trace it does nothing. */
  add(span: EndedSpan): void;
}

/** For a process that traces nothing. */
export const NO_SPANS: Spans = {
  within: async (_name, _attributes, work) => work(),
  add: () => {},
};
