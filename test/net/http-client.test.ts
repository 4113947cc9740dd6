import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { httpCall, readUpTo, type HttpAnswer } from '../../src/net/http-client.js';
import { Listening } from '../support/listening.js';

const TEXT = JSON.stringify({ positions: Array.from({ length: 50 }, (_, index) => index) });
const servers = new Listening();
afterEach(async () => servers.end());

const serve = async (handler: RequestListener): Promise<string> => servers.serve(handler);
const ask = async (url: string, signal = new AbortController().signal): Promise<HttpAnswer> =>
  httpCall(url, { method: 'GET', headers: {}, body: null, signal });

async function textOf(url: string): Promise<string> {
  const { body } = await ask(url);
  return (await readUpTo(body, 1_000_000)).bytes.toString();
}

describe('a compressed body', () => {
  it.each<[string, Buffer]>([
    ['gzip', gzipSync(TEXT)],
    ['x-gzip', gzipSync(TEXT)],
    ['GZIP', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
    ['identity', Buffer.from(TEXT)],
  ])('%s is read as what it was', async (encoding, bytes) => {
    const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bytes));
    expect(await textOf(url)).toBe(TEXT);
  });

  it.each([
    ['gzip', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
  ])('%s that is cut off is an error, though the server promised no more', async (encoding, bytes) => {
    const cut = bytes.subarray(0, bytes.length - 9);
    const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(cut));
    await expect(textOf(url)).rejects.toMatchObject({ code: expect.stringMatching(/^(Z_|ERR_)/) });
  });

  it('in an encoding that nobody asked for is left as it is', async () => {
    const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'zstd' }).end('bytes'));
    expect(await textOf(url)).toBe('bytes');
  });

  it('is measured after it is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
    const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const { body } = await ask(url);
    const { bytes, isWhole } = await readUpTo(body, 1_000);
    expect([bytes.length, isWhole]).toEqual([1_000, false]);
  });
});

describe('an answer', () => {
  it('without a body is empty and whole', async () => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '0' }).end(),
    );
    const { body } = await ask(url);
    expect(await readUpTo(body, 10)).toEqual({ bytes: Buffer.of(), isWhole: true });
  });

  it('of exactly the limit is whole', async () => {
    const url = await serve((_, response) => response.end('0123456789'));
    const { body } = await ask(url);
    expect(await readUpTo(body, 10)).toEqual({ bytes: Buffer.from('0123456789'), isWhole: true });
  });

  it('that redirects is not followed, and has all its headers', async () => {
    const url = await serve((_, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/', 'set-cookie': ['a=1', 'b=2'] }).end(),
    );
    const { status, headers, body } = await ask(url);
    body.destroy();
    expect([status, headers.get('location'), headers.get('set-cookie')]).toEqual([
      302,
      'http://127.0.0.1:1/',
      'a=1, b=2',
    ]);
  });

  it('that is left unread lets go of its connection, and breaks nothing', async () => {
    const url = await serve((_, response) => void response.writeHead(200).write('x'));
    const { body } = await ask(url);
    body.destroy();
    const [socket] = servers.sockets;
    if (socket?.closed === false) await once(socket, 'close');
    expect(socket?.closed).toBe(true);
  });
});

describe('a signal', () => {
  it('that aborted before the request was sent ends it', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.end();
    });
    const reason = new Error('no more');
    await expect(ask(url, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(asked).toBe(0);
  });

  it('ends a body that stalls', async () => {
    const url = await serve((_, response) => void response.writeHead(200).write('x'));
    const controller = new AbortController();
    const { body } = await ask(url, controller.signal);
    const reading = readUpTo(body, 10);
    controller.abort(new Error('no more'));
    await expect(reading).rejects.toThrow('no more');
  });
});
