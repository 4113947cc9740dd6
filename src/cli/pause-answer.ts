/** What became of a request to pause or resume. */
export interface PauseAnswer {
  /** Null: Temporal keeps the request for a worker that has not answered yet. */
  changed: boolean | null;
  /** Who paused it, where it is paused. */
  paused: { by: string; reason: string; since: string } | null;
}

/** The client's answer; a client that only sends the request answers nothing. */
export function pauseAnswer(answer: unknown): PauseAnswer {
  if (typeof answer !== 'object' || answer === null) return { changed: null, paused: null };
  return { changed: null, paused: null, ...answer };
}

export const LEFT_WITH_TEMPORAL = 'no worker answered in time; Temporal keeps the request until one does';
