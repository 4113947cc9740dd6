export { Gate, type GateOptions } from './gate.js';
export { GateClosed, type GateAnswer } from './answer.js';
export { Pusher, PushFailed, type Pushed, type PusherOptions } from './push.js';
export { exportState } from './watch/export-state.js';
export { RecordInUse } from './watch/file-lock.js';
export { RecordUnreadable } from './watch/journal.js';
export type { OrderRow } from './watch/order.js';
export type { State } from './watch/state.js';
export {
  RecordFailed,
  watch,
  type Positions,
  type RecordState,
  type Watched,
  type WatchOptions,
} from './watch/watched.js';
