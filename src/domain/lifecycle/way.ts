/**
 * How a person's act reached Plumbline. `temporal`: directly through Temporal, such as its Web UI. `link`, `telegram`: from a
 * message that called the person.
 */
export const WAYS = ['cli', 'http', 'link', 'telegram', 'temporal'] as const;
export type Way = (typeof WAYS)[number];

/** The way of an act as it is sent and recorded. */
export interface ActWay {
  /** Absent in acts that earlier versions recorded. */
  via?: Way;
  /** The channel whose link or button was used. */
  channel?: string;
}

/** An act that is carried out and recorded once, however often it is sent. */
export interface ActRequest extends ActWay {
  /** At most 200 characters. Absent: each request is an act of its own. */
  requestId?: string;
}
