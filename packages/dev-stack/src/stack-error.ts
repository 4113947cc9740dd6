/** A part of the embedded stack failed; carries a remedy. */
export class StackError extends Error {
  override readonly name: string = 'StackError';
  constructor(
    message: string,
    /** What to do, in one line. */
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Another living process already runs what was to be started. */
export class InUseError extends StackError {
  override readonly name = 'InUseError';
}
