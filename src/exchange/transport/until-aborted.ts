/** Resolves or rejects with the promise, or rejects with the signal's reason when it aborts. The promise itself continues. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

/** Why a signal ended a request: our deadline, or a caller that gave up. */
export function endedBy({ reason }: AbortSignal): string {
  const late = reason instanceof DOMException && reason.name === 'TimeoutError';
  return late ? 'did not end within its time' : 'was given up by its caller';
}
