/**
 * Why a message is sent. `called`: the first message on this channel for the intervention. `reminder`: nobody has answered.
 * `reason`: a reason was added to an open call. `acknowledged`, `resolved`: news for everybody who was called. `test`: from
 * `plumbline notify test`.
 */
export const OCCASIONS = ['called', 'reminder', 'reason', 'acknowledged', 'resolved', 'test'] as const;
export type Occasion = (typeof OCCASIONS)[number];
/** The occasions of an intervention's messages. */
export type InterventionOccasion = Exclude<Occasion, 'test'>;
