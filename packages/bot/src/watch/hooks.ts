import { AsyncLocalStorage } from 'node:async_hooks';
import { Frame, type Calls } from './calls.js';
import { isFields } from './fields.js';
import { METHODS } from './methods.js';

type Method = (...args: unknown[]) => unknown;

/**
 * The watched methods of a ccxt object. They take, return and throw what they did before.
 *
 * ccxt's own methods call each other on the object, so they are replaced on the object itself, and a store that follows each call
 * through its awaits shows which call runs inside another one.
 */
export class Hooks {
  readonly #frames = new AsyncLocalStorage<Frame>();
  /** The object's own property under a watched name; undefined if its class had it. */
  readonly #originals = new Map<string, unknown>();

  constructor(
    private readonly exchange: Record<string, unknown>,
    private readonly calls: Calls,
    /** Records a call; never throws. */
    private readonly record: (name: string, note: () => void) => void,
  ) {
    for (const name of METHODS.keys()) this.#replace(name, (original) => this.#watched(name, original));
    this.#replace('sign', (original) => this.#watchedSign(original));
    this.#replace('handleErrors', (original) => this.#watchedStatus(original));
  }

  remove(): void {
    for (const [name, own] of this.#originals) {
      if (own === undefined) delete this.exchange[name];
      else this.exchange[name] = own;
    }
    this.#originals.clear();
  }

  #replace(name: string, watched: (original: Method) => Method): void {
    const original = this.exchange[name];
    if (typeof original !== 'function') return;
    this.#originals.set(name, Object.hasOwn(this.exchange, name) ? original : undefined);
    this.exchange[name] = watched((original as Method).bind(this.exchange));
  }

  #watched(name: string, original: Method): Method {
    return (...args) => {
      const frame = this.#begin(name, args);
      let result: unknown;
      try {
        result = this.#frames.run(frame, () => original(...args));
      } catch (error) {
        this.#failed(frame, error);
        throw error;
      }
      if (!isPromise(result)) return this.#answered(frame, result);
      return result.then(
        (answer) => this.#answered(frame, answer),
        (error: unknown) => {
          this.#failed(frame, error);
          throw error;
        },
      );
    };
  }

  #watchedSign(original: Method): Method {
    return (...args) => {
      const frame = this.#frames.getStore();
      const [, api, method = 'GET', request] = args;
      if (
        frame !== undefined &&
        method !== 'GET' &&
        !JSON.stringify(api ?? '')
          .toLowerCase()
          .includes('public')
      ) {
        this.record(frame.name, () => this.calls.sent(frame, request));
      }
      return original(...args);
    };
  }

  #watchedStatus(original: Method): Method {
    return (...args) => {
      const frame = this.#frames.getStore();
      if (frame !== undefined && typeof args[0] === 'number') frame.status = args[0];
      return original(...args);
    };
  }

  #begin(name: string, args: readonly unknown[]): Frame {
    const [kind, names] = METHODS.get(name) ?? ['rows', []];
    const around = this.#frames.getStore();
    const asked = Object.fromEntries(names.map((argument, index) => [argument, args[index]]));
    const frame = new Frame(name, kind, asked, around === undefined || around.ended ? null : around);
    this.record(name, () => this.calls.begin(frame));
    return frame;
  }

  #answered(frame: Frame, answer: unknown): unknown {
    frame.ended = true;
    this.record(frame.name, () => this.calls.answered(frame, answer));
    return answer;
  }

  #failed(frame: Frame, error: unknown): void {
    frame.ended = true;
    this.record(frame.name, () => this.calls.failed(frame, error));
  }
}

/** Recognised by `then`: a promise of another realm is not an instance of this realm's Promise. */
function isPromise(value: unknown): value is Promise<unknown> {
  return isFields(value) && typeof value['then'] === 'function';
}
