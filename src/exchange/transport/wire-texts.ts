import type { z } from 'zod';

/** A request as ccxt sends it: signed. */
export interface HttpRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** All headers; of one that is named twice, in any spelling, the last one. */
export function mergedHeaders(...all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const byName = new Map<string, [string, string]>();
  for (const headers of all) for (const entry of Object.entries(headers)) byName.set(entry[0].toLowerCase(), entry);
  return Object.fromEntries(byName.values());
}

/** Secrets of a request that its answer may echo: signatures and keys in query, body and headers. */
export function secretsOf(request: HttpRequest): string[] {
  const secrets: string[] = [];
  const sensitive = /key|sign|pass|auth|token|secret|cookie/i;
  for (const [name, value] of Object.entries(request.headers)) if (sensitive.test(name)) secrets.push(value);
  for (const query of [new URL(request.url).search, request.body ?? '']) {
    for (const [name, value] of new URLSearchParams(query)) if (sensitive.test(name)) secrets.push(value);
  }
  return secrets;
}

/** The first problem of a document, with its path. */
export function firstIssue([issue]: readonly z.core.$ZodIssue[]): string {
  if (issue === undefined) return 'unknown';
  return `${issue.path.length === 0 ? 'the whole answer' : issue.path.join('.')}: ${issue.message}`;
}

/** The innermost cause that undici names: "ECONNRESET", "other side closed". */
export function causeOf(error: unknown): string {
  let deepest = error;
  while (isObject(deepest) && isObject(deepest['cause'])) deepest = deepest['cause'];
  if (!isObject(deepest)) return String(deepest);
  const { code, message } = deepest;
  return [code, message].filter((part) => typeof part === 'string' && part !== '').join(' ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
