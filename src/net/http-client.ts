import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Agent, request } from 'undici';

export interface HttpCall {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string | null;
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** The decompressed body. It must be read to its end or destroyed; until then it keeps its connection. */
  body: Readable;
}

/** A private agent, so that no other code in the process changes how requests are sent. */
const agent = new Agent();

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Sends one request and resolves when the head of the answer has arrived. Follows no redirects. Uses undici directly,
 * because `fetch` (web streams, copies of headers, origin checks) doubles the cost of a small request.
 *
 * @throws the signal's reason, or undici's error if the connection breaks; errors of the body are thrown when it is read
 */
export async function httpCall(url: string | URL, call: HttpCall): Promise<HttpAnswer> {
  const answer = await request(url, {
    ...call,
    dispatcher: agent,
    headers: { accept: '*/*', 'accept-encoding': 'gzip, deflate, br', ...call.headers },
  });
  const body = decoded(answer);
  // A reader gets the error anyway. A body that is destroyed unread has no reader, and its error must not crash the process.
  body.on('error', () => {});
  return { status: answer.statusCode, headers: headersOf(answer.headers), body };
}

/** Reads the body until its end, or until it has more bytes than the limit. The rest stays unread. */
export async function readUpTo(body: Readable, limit: number): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    chunks.push(chunk);
    if (size > limit) return { bytes: Buffer.concat(chunks).subarray(0, limit), isWhole: false };
  }
  return { bytes: Buffer.concat(chunks), isWhole: true };
}

function headersOf(incoming: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming)) {
    for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) headers.append(name, each);
  }
  return headers;
}

/** Decodes the encodings in the reverse of their listed order. With an unknown encoding the bytes stay unchanged. */
function decoded({
  body,
  headers,
}: {
  body: Readable;
  headers: Record<string, string | string[] | undefined>;
}): Readable {
  const names = String(headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const makers = names.flatMap((name) => (Object.hasOwn(DECODERS, name) ? (DECODERS[name] ?? []) : []));
  const isEmpty = headers['content-length'] === '0';
  if (isEmpty || makers.length < names.length) return body;
  // An error of any stream is thrown to the reader of the last one.
  return makers.toReversed().reduce((from: Readable, make) => pipeline(from, make(), () => {}), body);
}
