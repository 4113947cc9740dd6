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
  /** Decompressed. To be read to its end or destroyed; until then it holds its connection. */
  body: Readable;
}

/** Of this module alone, so that nothing else in the process changes how requests are sent. */
const agent = new Agent();

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Sends one request and resolves when the head of its answer is there. Follows no redirect. What `fetch` adds on top of this
 * (streams of the web, copies of headers, checks of origins) costs as much as all the rest of a small request.
 *
 * @throws the signal's reason, or what undici throws where the connection breaks; the body's own errors come when it is read
 */
export async function httpCall(url: string | URL, call: HttpCall): Promise<HttpAnswer> {
  const answer = await request(url, {
    ...call,
    dispatcher: agent,
    headers: { accept: '*/*', 'accept-encoding': 'gzip, deflate, br', ...call.headers },
  });
  const body = decoded(answer);
  // A reader gets the error anyway; a body that is destroyed unread has no reader.
  body.on('error', () => {});
  return { status: answer.statusCode, headers: headersOf(answer.headers), body };
}

/** Reads the body until its end or until it has more bytes than the limit, and leaves the rest where it is. */
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

/** Encodings were applied in the order in which they are listed. One that is unknown leaves the bytes as they are. */
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
  // What breaks on the way is thrown to the reader of the last stream.
  return makers.toReversed().reduce((from: Readable, make) => pipeline(from, make(), () => {}), body);
}
