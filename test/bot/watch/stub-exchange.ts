import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { METHODS } from '../../../packages/bot/src/watch/methods.js';

const callSchema = z.object({
  call: z.string(),
  args: z.array(z.unknown()),
  /** What ccxt sends; without it the call ends before its request. */
  request: z.unknown().optional(),
  answer: z.unknown().optional(),
  /** The name of ccxt's error, instead of an answer. */
  error: z.string().optional(),
  /** The HTTP status of the answer. */
  status: z.number().optional(),
  /** Whether the error has one below it that is not ccxt's. */
  cause: z.boolean().optional(),
  /** Calls inside of the call, before its request unless `insideAfter`. */
  get inside() {
    return z.array(callSchema).optional();
  },
  insideAfter: z.boolean().optional(),
});
export type Call = z.infer<typeof callSchema>;

const caseSchema = z.object({
  name: z.string(),
  markets: z.record(z.string(), z.unknown()).optional(),
  exchange: z.string().optional(),
  /** Options of the ccxt object. */
  options: z.record(z.string(), z.unknown()).optional(),
  positions: z.record(z.string(), z.any()).optional(),
  position_mode: z.enum(['one-way', 'hedge']).optional(),
  /** Decimals that ccxt sends. */
  rounding: z.record(z.string(), z.number()).optional(),
  steps: z.array(
    z.union([
      z.object({ restart: z.literal(true) }),
      z.object({ state: z.record(z.string(), z.unknown()) }),
      z.object({ fails: z.string() }),
      callSchema,
    ]),
  ),
});
export type Case = z.infer<typeof caseSchema>;

/** The cases that both languages share: the tests of packages/bot-python play the same file. */
export const table = z
  .object({
    errors: z.record(z.string(), z.array(z.string())),
    markets: z.record(z.string(), z.unknown()),
    cases: z.array(caseSchema),
  })
  .parse(JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8')));

/** An error with the classes that ccxt's has. */
export function errorNamed(name: string): Error {
  let made: new (message: string) => Error = Error;
  for (const each of [name, ...(table.errors[name] ?? [])].toReversed()) {
    made = each === 'Error' ? Error : { [each]: class extends made {} }[each]!;
  }
  return new made('simulated');
}

export function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** An object that answers like ccxt, by the step that is played. */
export class StubExchange {
  readonly id: string;
  readonly options: Record<string, unknown>;
  readonly markets: Record<string, unknown>;
  /** The error that the last failed call threw. */
  thrown: unknown = null;
  #script: Call | null = null;

  constructor(private readonly played: Case) {
    this.id = played.exchange ?? 'stub';
    this.options = played.options ?? {};
    this.markets = { ...table.markets, ...played.markets };
  }

  market(id: string): unknown {
    return Object.values(this.markets).find((market) => (market as { id?: string }).id === id);
  }

  amountToPrecision(_: string, amount: string): string {
    return this.#rounded('amount', amount);
  }

  priceToPrecision(_: string, price: string): string {
    return this.#rounded('price', price);
  }

  #rounded(what: string, value: string): string {
    const decimals = this.played.rounding?.[what];
    return decimals === undefined ? value : value.replace(new RegExp(`(\\.\\d{${decimals}})\\d+$`), '$1');
  }

  sign(path: string, _api = 'public', method = 'GET', _params: unknown = {}): object {
    return { url: path, method };
  }

  handleErrors(_status: number): void {}

  async play(step: Call): Promise<unknown> {
    this.#script = step;
    const method = (this as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[camelCase(step.call)];
    return method!.apply(
      this,
      step.args.map((arg) => arg ?? undefined),
    );
  }

  async answer(): Promise<unknown> {
    const step = this.#script!;
    await Promise.resolve();
    if (step.insideAfter !== true) await this.#inside(step);
    if (step.request !== undefined) this.sign('order', 'private', 'POST', step.request);
    if (step.insideAfter === true) await this.#inside(step);
    if (step.error !== undefined) {
      if (step.status !== undefined) this.handleErrors(step.status);
      this.thrown = errorNamed(step.error);
      if (step.cause === true) (this.thrown as Error).cause = new Error('the connection broke off');
      throw this.thrown;
    }
    return step.answer;
  }

  async #inside({ inside = [] }: Call): Promise<void> {
    for (const each of inside) await this.play(each);
  }
}

for (const name of [...METHODS.keys(), 'createMarketOrder']) {
  Object.defineProperty(StubExchange.prototype, name, {
    writable: true,
    configurable: true,
    value: async function (this: StubExchange) {
      return this.answer();
    },
  });
}
