/** Settles as the promise does, or rejects with the signal's reason as soon as it aborts. The promise itself goes on. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

/** What became of a question that a signal ended: a deadline of ours, or a caller that does not want the answer any more. */
export function endedBy({ reason }: AbortSignal): string {
  const late = reason instanceof DOMException && reason.name === 'TimeoutError';
  return late ? 'did not end within its time' : 'was given up by its caller';
}
