import type { ServerResponse } from 'node:http';
import { PATHS, positionRow, serveAccount } from '../../exchange/binanceusdm-fixtures.js';
import { sendJson, WireServer, type WireRequest } from '../../exchange/wire-server.js';

/** A way in which an exchange or a bot may echo a text to the client. */
type Throw = (response: ServerResponse, text: string, texts: readonly string[]) => void;

const send = (response: ServerResponse, status: number, type: string, body: string): void => {
  response.writeHead(status, { 'content-type': type }).end(body);
};

const EXCHANGE: readonly Throw[] = [
  (response, text) => sendJson(response, { code: -1102, msg: text }, 400),
  (response, text) => send(response, 200, 'text/html', `<html><body>${text}</body></html>`),
  (response, text) => sendJson(response, { code: -2015, msg: `refused: ${text}` }),
  (response, text) => sendJson(response, { [text]: text, serverTime: text }),
  (response, text) => send(response, 500, 'text/plain', text),
];

const BOT: readonly Throw[] = [
  (response, text) => send(response, 401, 'text/plain', `not your token: ${text}`),
  // Symbols that no exchange has.
  (response, _text, texts) =>
    sendJson(response, {
      ...internalState(),
      positions: texts.filter(isShort).map((symbol) => ({ symbol, side: 'long', amount: '1' })),
    }),
  (response, text) => sendJson(response, { ...internalState(), version: text, [text]: text }),
  (response, text) => send(response, 200, 'application/json', text),
  (response, text) => {
    response.writeHead(302, { location: `http://127.0.0.1:9/?token=${encodeURIComponent(text)}` }).end(text);
  },
];

/** The place of that answer in `BOT`. */
const SYMBOLS = 1;

function isShort(text: string): boolean {
  return text.length <= 100;
}

function internalState() {
  const positions = [{ symbol: 'BTCUSDT', side: 'long', amount: '0.500' }];
  return { version: 1, as_of: new Date().toISOString(), scopes: ['positions'], positions };
}

/** The exchange and the bot of one account, which echo what a test sets. */
export class HostileHost {
  private echoes: Record<'exchange' | 'bot', { way: number; texts: readonly string[] } | null> = {
    exchange: null,
    bot: null,
  };

  private constructor(private readonly wire: WireServer) {
    serveAccount(wire)
      .route(PATHS.positions, [positionRow('BTCUSDT', '0.500')])
      .route(PATHS.time, (_request, response) =>
        this.answer('exchange', EXCHANGE, response, { serverTime: Date.now() }),
      )
      // Refused, as for every key without that permission, with an echo of the request.
      .route('/sapi/v1/account/apiRestrictions', (request, response) =>
        sendJson(response, { code: -2015, msg: sentIn(request) }, 401),
      )
      .route('/state', (_request, response) => this.answer('bot', BOT, response, internalState()));
  }

  static async start(): Promise<HostileHost> {
    return new HostileHost(await WireServer.start());
  }

  get url(): string {
    return this.wire.url;
  }

  /** From now on each answer echoes the texts in one of the available ways; null restores normal answers. */
  echo(from: 'exchange' | 'bot', way: number, texts: readonly string[] | null): void {
    this.echoes[from] = texts === null ? null : { way, texts };
  }

  /** Whether the bot answers with the texts as symbols. */
  get echoesSymbols(): boolean {
    return (this.echoes.bot?.way ?? 0) % BOT.length === SYMBOLS;
  }

  async stop(): Promise<void> {
    await this.wire.stop();
  }

  private answer(from: 'exchange' | 'bot', ways: readonly Throw[], response: ServerResponse, clean: object): unknown {
    const echo = this.echoes[from];
    if (echo === null) return clean;
    const { way, texts } = echo;
    ways[way % ways.length]?.(response, texts.join(' '), texts);
    return undefined;
  }
}

function sentIn({ headers, query }: WireRequest): string {
  return `key ${String(headers['x-mbx-apikey'])} signature ${query.get('signature')}`;
}
