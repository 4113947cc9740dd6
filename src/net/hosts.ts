import { isIP } from 'node:net';

/** A host and nothing else: an IPv6 address in brackets, or text without what separates the parts of an address. */
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[^\s/?#@\\:[\]]+)(?::\d{1,5})?$/i;
const LOOPBACK_IPV4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
/** 127.0.0.0/8 as an IPv6 address, in the form in which the URL parser writes it. */
const MAPPED_LOOPBACK = /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/;

/**
 * The host as browsers and resolvers understand it: lower case, no port, no final dot, IPv4 in four decimal numbers
 * ("127.1", "2130706433" and "0x7f000001" are "127.0.0.1"), IPv6 in brackets. Null for text that is no host.
 */
export function canonicalHost(text: string): string | null {
  const bare = isIP(text) === 6 ? `[${text}]` : text;
  const [, host] = HOST_AND_PORT.exec(bare) ?? [];
  if (host === undefined || !URL.canParse(`http://${host}/`)) return null;
  const { hostname } = new URL(`http://${host}/`);
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}

/** Whether the host can only be this machine, in any of the forms that a resolver takes. */
export function isLoopback(text: string): boolean {
  const host = canonicalHost(text);
  if (host === null) return false;
  // Browsers resolve every name below localhost to loopback themselves (RFC 6761), so no other server can claim one.
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return LOOPBACK_IPV4.test(host) || host === '[::1]' || MAPPED_LOOPBACK.test(host);
}

export function isIpAddress(text: string): boolean {
  const host = canonicalHost(text);
  return host !== null && isIP(host.startsWith('[') ? host.slice(1, -1) : host) !== 0;
}
