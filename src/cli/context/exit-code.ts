/** Exit codes are a contract: scripts and bots decide on them. */
export const EXIT = {
  /** Done; for `diff`, `compare` and `run`: both sides agree. */
  ok: 0,
  /** `diff`, `compare`, `run`: both sides differ. */
  drifted: 1,
  /** `check`: every call could be made, and a run would fail. */
  notReady: 1,
  /** The command could not be carried out, or the answer is not known. */
  failed: 2,
  /** A person ended the command before its answer; what it asked for may go on (128 + SIGINT, as in a shell). */
  interrupted: 130,
  /** The command line itself is invalid (EX_USAGE of sysexits). */
  usage: 64,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(outcome: 'matched' | 'drifted' | 'failed'): ExitCode {
  return { matched: EXIT.ok, drifted: EXIT.drifted, failed: EXIT.failed }[outcome];
}
