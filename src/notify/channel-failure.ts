import { FailureError, type FailureKind } from '../domain/failure/failure.js';

export interface ChannelFailureOptions {
  /** The setting that the failure is about, such as `notify.channels.chat.token_env`. */
  where?: string | null;
  retryAfterMs?: number | null;
  cause?: unknown;
}

/** A message that was not delivered. The caller passes redacted texts. */
export function channelFailure(
  kind: FailureKind,
  message: string,
  remedy: string,
  { where = null, retryAfterMs = null, cause }: ChannelFailureOptions = {},
): FailureError {
  const failure = { kind, side: 'channel', message, where, remedy, retryAfterMs } as const;
  return new FailureError(failure, cause === undefined ? undefined : { cause });
}
