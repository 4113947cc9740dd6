import { isIP } from 'node:net';

/** A host with an optional port: an IPv6 address in brackets, or text without URL delimiters. */
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[^\s/?#@\\:[\]]+)(?::\d{1,5})?$/i;
const LOOPBACK_IPV4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
/** 127.0.0.0/8 as an IPv4-mapped IPv6 address, as the URL parser writes it. */
const MAPPED_LOOPBACK = /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/;

/**
 * The host as browsers and resolvers interpret it: lower case, no port, no final dot, IPv4 as four decimal numbers ("127.1",
 * "2130706433" and "0x7f000001" become "127.0.0.1"), IPv6 in brackets. Null if the text is no host.
 */
export function canonicalHost(text: string): string | null {
  const bare = isIP(text) === 6 ? `[${text}]` : text;
  const [, host] = HOST_AND_PORT.exec(bare) ?? [];
  if (host === undefined || !URL.canParse(`http://${host}/`)) return null;
  const { hostname } = new URL(`http://${host}/`);
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}

/** Whether the host is this machine, in any form that a resolver accepts. */
export function isLoopback(text: string): boolean {
  const host = canonicalHost(text);
  if (host === null) return false;
  // Browsers resolve every name below localhost to loopback (RFC 6761), so no other server can use such a name.
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return LOOPBACK_IPV4.test(host) || host === '[::1]' || MAPPED_LOOPBACK.test(host);
}

export function isIpAddress(text: string): boolean {
  const host = canonicalHost(text);
  return host !== null && isIP(host.startsWith('[') ? host.slice(1, -1) : host) !== 0;
}
