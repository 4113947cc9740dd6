import { recordingService, jsonOf, type Answer, type Received } from './service.js';
import type { Listening } from '../support/listening.js';

type Json = Record<string, unknown>;

export interface Press {
  from: number | string;
  data: string | undefined;
  /** The chat of the message; default: the supergroup of the tests. */
  chat?: number;
  username?: string;
  update?: number;
}

const POLL_MS = 10;

/**
 * The updates of a bot as https://core.telegram.org/bots/api#getupdates describes them: an update is returned until a request has
 * an offset above its id. A request without updates is held until there are some.
 */
export class TelegramBot {
  readonly token = '987654321:AAE-9x8y7z6w5v4u3t2s1r0q_ponmlkjihg';
  readonly requests: Received[] = [];
  readonly polls: Json[] = [];
  mostAtOnce = 0;
  /** How many requests get updates again that were confirmed. */
  repeats = 0;
  refuseAnswers = false;
  private readonly updates: unknown[] = [];
  private readonly answers: Json[] = [];
  private open = 0;
  private presses = 0;
  private address = '';

  static async start(servers: Listening, fault: (poll: number) => Answer | null = () => null): Promise<TelegramBot> {
    const bot = new TelegramBot();
    const { url } = await recordingService(servers, async (request) => bot.answer(request, fault));
    bot.address = url;
    return bot;
  }

  get url(): string {
    return this.address;
  }

  press({ from, data, chat = -1001234567890, username, update }: Press): void {
    this.presses += 1;
    const message = { message_id: 77, date: 1, chat: { id: chat, ...(username === undefined ? {} : { username }) } };
    const query = { id: `q${this.presses}`, from: { id: from, first_name: 'X' }, message, data, chat_instance: '1' };
    this.add({ update_id: update ?? this.presses, callback_query: query });
  }

  add(update: unknown): void {
    this.updates.push(update);
  }

  /** The calls of answerCallbackQuery, as soon as there are so many. */
  async answered(count: number): Promise<Json[]> {
    return until(() => (this.answers.length >= count ? this.answers : null));
  }

  async polling(): Promise<void> {
    await until(() => (this.open > 0 ? true : null));
  }

  private async answer(request: Received, fault: (poll: number) => Answer | null): Promise<Answer> {
    this.requests.push(request);
    const body = jsonOf(request);
    if (request.path.endsWith('/answerCallbackQuery')) {
      this.answers.push(body);
      const description = 'Bad Request: query is too old and response timeout expired or query ID is invalid';
      return this.refuseAnswers
        ? { status: 400, body: { ok: false, error_code: 400, description } }
        : { body: { ok: true, result: true } };
    }
    this.polls.push(body);
    const told = fault(this.polls.length);
    if (told !== null) return told;
    this.open += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.open);
    const found = await until(() => this.pending(body['offset']), 5_000).catch(() => []);
    this.open -= 1;
    return { body: { ok: true, result: found } };
  }

  private pending(offset: unknown): unknown[] | null {
    if (this.repeats > 0 && this.updates.length > 0) {
      this.repeats -= 1;
      return this.updates;
    }
    const pending = this.updates.filter((each) => idOf(each) >= (typeof offset === 'number' ? offset : 0));
    return pending.length === 0 ? null : pending;
  }
}

/** What has no id is never confirmed by a real server, which does not send it. Here it is sent with the others. */
function idOf(update: unknown): number {
  const id = typeof update === 'object' && update !== null && 'update_id' in update ? update.update_id : null;
  return typeof id === 'number' ? id : 0;
}

async function until<T>(found: () => T | null, timeoutMs = 20_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = found();
    if (value !== null) return value;
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
