/** A part of the embedded stack could not do its work; says what a person can do about it. */
export class StackError extends Error {
  override readonly name: string = 'StackError';
  constructor(
    message: string,
    /** What to do, one line. */
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A living process keeps what was to be started. */
export class InUseError extends StackError {
  override readonly name = 'InUseError';
}
