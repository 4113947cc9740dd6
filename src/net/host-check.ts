import type { IncomingHttpHeaders } from 'node:http';
import { canonicalHost, isIpAddress, isLoopback } from './hosts.js';

/** Why a request is refused. */
export interface Refusal {
  /** 421: the server does not answer for this host. 403: another site's page sent the request. */
  status: 421 | 403;
  message: string;
  remedy: string;
}

export interface HostCheckOptions {
  /** The address or name that the server listens on. */
  listensOn: string;
  /** Further names under which it is asked: a service's name, a proxy's public name. */
  allowedHosts: readonly string[];
  /** The configuration key that allows a further name; null where there is none. */
  setting: string | null;
}

/**
 * Decides which requests a server without authentication answers. By DNS rebinding, a web page makes its own name resolve to
 * this server and then reads and writes through the visitor's browser. The browser still sends the page's name as Host.
 *
 * On loopback only loopback hosts are answered. On other addresses IP addresses are answered too, because rebinding needs a
 * name. Other names must be allowed one by one. A request that a browser marks as sent by another site is refused as well.
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

/** Of "null", the origin of sandboxed pages, none. */
function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : '';
}
