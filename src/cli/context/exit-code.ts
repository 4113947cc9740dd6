/** Exit codes are a contract: scripts and bots decide on them. */
export const EXIT = {
  /** Done; for `diff`, `compare` and `run`: both sides agree. */
  ok: 0,
  /** `diff`, `compare`, `run`: both sides differ. */
  drifted: 1,
  /** `check`: all could be asked, and a run would fail. */
  notReady: 1,
  /** It could not be done, or could not be reported. */
  failed: 2,
  /** The command line itself is wrong (EX_USAGE of sysexits). */
  usage: 64,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(outcome: 'matched' | 'drifted' | 'failed'): ExitCode {
  return { matched: EXIT.ok, drifted: EXIT.drifted, failed: EXIT.failed }[outcome];
}
