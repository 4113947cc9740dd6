import type { ServerResponse } from 'node:http';
import type { FailureKind } from '../../src/domain/failure/failure.js';

/** One way in which an answer can be wrong. */
export interface Fault {
  name: string;
  /** Sends the wrong answer in place of the healthy one. */
  send: (response: ServerResponse, healthy: string) => void;
  /** The kind of failure that a reader owes for it. */
  kind: FailureKind;
  /** The wait it has to hand on. */
  retryAfterMs?: number;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const MAINTENANCE_PAGE = '<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>';

function whole(status: number, body: string, headers: Record<string, string> = JSON_TYPE): Fault['send'] {
  return (response) => void response.writeHead(status, headers).end(body);
}

/** Faults that any exchange's wire can have. */
export const WIRE_FAULTS: Fault[] = [
  { name: 'an empty 200', send: whole(200, ''), kind: 'unreadable' },
  { name: 'a blank 200', send: whole(200, ' \n '), kind: 'unreadable' },
  { name: 'a 200 of null', send: whole(200, 'null'), kind: 'unreadable' },
  { name: 'a 200 of {}', send: whole(200, '{}'), kind: 'unreadable' },
  { name: 'a 200 of [{}]', send: whole(200, '[{}]'), kind: 'unreadable' },
  { name: 'a 200 of [null]', send: whole(200, '[null]'), kind: 'unreadable' },
  { name: 'a 200 of a bare string', send: whole(200, '"ok"'), kind: 'unreadable' },
  { name: 'a 200 of a bare number', send: whole(200, '0'), kind: 'unreadable' },
  {
    name: 'a 200 with an HTML page',
    send: whole(200, MAINTENANCE_PAGE, { 'content-type': 'text/html' }),
    kind: 'unreadable',
  },
  { name: 'an HTML page called JSON', send: whole(200, MAINTENANCE_PAGE), kind: 'unreadable' },
  {
    name: 'a healthy body called HTML',
    send: (response, healthy) => void response.writeHead(200, { 'content-type': 'text/html' }).end(healthy),
    kind: 'unreadable',
  },
  {
    name: 'a body cut in the middle',
    send: (response, healthy) => void response.writeHead(200, JSON_TYPE).end(healthy.slice(0, healthy.length / 2)),
    kind: 'unreadable',
  },
  {
    name: 'a body that lacks its last character',
    send: (response, healthy) => void response.writeHead(200, JSON_TYPE).end(healthy.slice(0, -1)),
    kind: 'unreadable',
  },
  {
    name: 'two documents in one body',
    send: (response, healthy) => void response.writeHead(200, JSON_TYPE).end(healthy + healthy),
    kind: 'unreadable',
  },
  {
    name: 'bytes that are not UTF-8',
    send: (response, healthy) => {
      response.writeHead(200, JSON_TYPE).end(Buffer.concat([Buffer.from(healthy), Buffer.from([0xff, 0xfe])]));
    },
    kind: 'unreadable',
  },
  {
    name: 'the healthy answer wrapped in another',
    send: (response, healthy) => void response.writeHead(200, JSON_TYPE).end(`{"wrapped":${healthy}}`),
    kind: 'unreadable',
  },
  {
    name: 'the healthy answer with 202',
    send: (response, healthy) => void response.writeHead(202, JSON_TYPE).end(healthy),
    kind: 'unreadable',
  },
  { name: '204', send: (response) => void response.writeHead(204).end(), kind: 'unreadable' },
  { name: '301', send: whole(301, '', { location: '/elsewhere' }), kind: 'unreadable' },
  { name: '302 to itself', send: whole(302, '', { location: '?again' }), kind: 'unreadable' },
  { name: '400 without a body', send: whole(400, ''), kind: 'unsupported' },
  { name: '401', send: whole(401, ''), kind: 'authentication' },
  { name: '403 with a page', send: whole(403, MAINTENANCE_PAGE, { 'content-type': 'text/html' }), kind: 'permission' },
  { name: '404', send: whole(404, ''), kind: 'unsupported' },
  { name: '408', send: whole(408, ''), kind: 'timeout' },
  { name: '414', send: whole(414, ''), kind: 'unsupported' },
  { name: '418', send: whole(418, '', { 'retry-after': '2' }), kind: 'rate_limited', retryAfterMs: 2000 },
  { name: '429', send: whole(429, '', { 'retry-after': '1' }), kind: 'rate_limited', retryAfterMs: 1000 },
  { name: '429 without a wait', send: whole(429, ''), kind: 'rate_limited' },
  { name: '451', send: whole(451, ''), kind: 'permission' },
  {
    name: '500 with a healthy body',
    send: (response, healthy) => void response.writeHead(500, JSON_TYPE).end(healthy),
    kind: 'network',
  },
  { name: '502 with a page', send: whole(502, MAINTENANCE_PAGE, { 'content-type': 'text/html' }), kind: 'network' },
  { name: '503', send: whole(503, 'Service Unavailable', { 'content-type': 'text/plain' }), kind: 'maintenance' },
  { name: '504', send: whole(504, ''), kind: 'network' },
  { name: '520', send: whole(520, ''), kind: 'network' },
  { name: 'a reset before the answer', send: (response) => void response.destroy(), kind: 'network' },
  {
    name: 'a reset in the middle of the body',
    send: (response, healthy) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': String(healthy.length) });
      response.write(healthy.slice(0, healthy.length / 2), () => response.destroy());
    },
    kind: 'network',
  },
  { name: 'no answer at all', send: () => undefined, kind: 'timeout' },
  {
    name: 'a stall after the headers',
    send: (response) => response.writeHead(200, JSON_TYPE).flushHeaders(),
    kind: 'timeout',
  },
  {
    name: 'a stall in the middle of the body',
    send: (response, healthy) => void response.writeHead(200, JSON_TYPE).write(healthy.slice(0, healthy.length / 2)),
    kind: 'timeout',
  },
  {
    name: 'a body that drips for ever',
    send: (response, healthy) => {
      response.writeHead(200, JSON_TYPE);
      response.write(healthy.slice(0, -1));
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
    kind: 'timeout',
  },
  {
    name: 'a body without end',
    send: (response) => {
      response.writeHead(200, JSON_TYPE);
      const more = (): void => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    },
    kind: 'too_large',
  },
];
