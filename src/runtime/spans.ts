export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A part of the work, after its end. */
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
  /** Runs the work as a child of the current span. Without a current span it only runs the work. */
  within<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
  /** Adds a child to the current span. Without a current span it does nothing. */
  add(span: EndedSpan): void;
}

/** For a process that traces nothing. */
export const NO_SPANS: Spans = {
  within: async (_name, _attributes, work) => work(),
  add: () => {},
};
