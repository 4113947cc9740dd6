const LOOPBACK = /^(localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * Whether a request is to be refused for its Host header. A server that listens on loopback answers for loopback names
 * only: else a web page could, by DNS rebinding, read the accounts through the browser of whoever sits at this machine.
 */
export function refusesHost(listensOn: string, hostHeader: string | undefined): boolean {
  if (!isLoopback(listensOn)) return false;
  if (hostHeader === undefined) return true;
  return !isLoopback(hostHeader.replace(/:\d+$/, ''));
}
