import type { IncomingHttpHeaders } from 'node:http';
import { canonicalHost, isIpAddress, isLoopback } from './hosts.js';

/** A refused request: the status and texts of the answer. */
export interface Refusal {
  /** 421: the server does not answer for this host. 403: a page of another site sent the request. */
  status: 421 | 403;
  message: string;
  remedy: string;
}

export interface HostCheckOptions {
  /** The address or name that the server listens on. */
  listensOn: string;
  /** Further names under which clients reach it: a service name, the public name of a proxy. */
  allowedHosts: readonly string[];
  /** The configuration key that allows further names; null if there is none. */
  setting: string | null;
}

/**
 * Decides which requests a server without authentication answers. With DNS rebinding, a web page makes its own name resolve
 * to this server and then reads and writes through the visitor's browser. The browser still sends the page's name as Host.
 *
 * A server on loopback answers only loopback hosts. A server on another address also answers IP addresses, because
 * rebinding needs a name. Other names must be allowed one by one. A request whose Origin is another site is refused, too.
 */
export function createHostCheck(options: HostCheckOptions): (headers: IncomingHttpHeaders) => Refusal | null {
  const { listensOn, allowedHosts, setting } = options;
  const names = new Set([listensOn, ...allowedHosts].map(canonicalHost));
  const answersAddresses = !isLoopback(listensOn);
  const answers = (text: string): boolean => {
    const host = canonicalHost(text);
    if (host === null) return false;
    return names.has(host) || isLoopback(host) || (answersAddresses && isIpAddress(host));
  };
  const remedy = setting === null ? 'use http://127.0.0.1' : `use its address, or add the name to ${setting}`;
  return ({ host, origin }) => {
    if (host === undefined || !answers(host)) {
      return { status: 421, message: `this server does not answer for the host "${host ?? ''}"`, remedy };
    }
    if (origin !== undefined && !answers(hostOf(origin))) {
      return { status: 403, message: `this server takes no requests from pages of "${origin}"`, remedy };
    }
    return null;
  };
}

/** The host of an origin; empty for "null", the origin of sandboxed pages. */
function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : '';
}
