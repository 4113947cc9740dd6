import { z } from 'zod';
import { Bot, botStateSchema } from './bot/bot.js';
import { Trading } from './bot/trading.js';
import { DEMO_ACCOUNT } from './engine/credentials.js';
import type { Account, ApiKey } from './engine/account.js';
import { Engine, type NewAccount } from './engine/engine.js';
import type { Market } from './engine/market.js';
import { Rejection } from './engine/rejection.js';
import { engineStateSchema } from './engine/state.js';
import type { DecimalText } from '@plumbline/primitives/decimal';

const DEFAULT_SEED = 20_261;

/** Exchange and bots as plain JSON: the content of a state file. */
export const worldStateSchema = z.object({
  version: z.literal(1),
  engine: engineStateSchema,
  bots: z.array(botStateSchema),
});
export type WorldState = z.infer<typeof worldStateSchema>;

export interface WorldOptions {
  now: () => number;
  /** The keys of the demo account. */
  demoKeys: ApiKey[];
  demoBalances: Record<string, DecimalText>;
  markets?: readonly Market[] | undefined;
}

export interface ResetOptions {
  positionMode?: 'one-way' | 'hedge' | undefined;
  balances?: Record<string, DecimalText> | undefined;
  prices?: Record<string, DecimalText> | undefined;
  /** Determines the bot's actions and which messages are lost at random. */
  seed?: number | undefined;
}

/** The exchange with its accounts, and a bot for each of them. */
export class World {
  readonly engine: Engine;
  private readonly actors = new Map<string, { bot: Bot; trading: Trading }>();

  constructor(private readonly options: WorldOptions) {
    this.engine = this.freshEngine({});
    this.addActor(DEMO_ACCOUNT, DEFAULT_SEED);
  }

  /** The bot of an account. Throws Rejection if there is no such account. */
  bot(account: string): Bot {
    return this.actor(account).bot;
  }

  trading(account: string): Trading {
    return this.actor(account).trading;
  }

  bots(): Bot[] {
    return [...this.actors.values()].map(({ bot }) => bot);
  }

  createAccount(account: NewAccount): Account {
    const created = this.engine.createAccount(account);
    this.addActor(account.id, DEFAULT_SEED + this.actors.size);
    return created;
  }

  /** Resets to one flat demo account. Ids continue, so that none is ever reused. */
  reset(options: ResetOptions): void {
    const fresh = this.freshEngine(options);
    for (const [symbol, price] of Object.entries(options.prices ?? {})) fresh.setPrice(symbol, price);
    this.stop();
    for (const [account, { bot }] of this.actors) {
      if (account === DEMO_ACCOUNT) continue;
      bot.close();
      this.actors.delete(account);
    }
    this.engine.restore({ ...fresh.toState(), nextId: this.engine.toState().nextId });
    this.bot(DEMO_ACCOUNT).reset(options.seed ?? DEFAULT_SEED);
  }

  /** Stops everything that runs on timers. */
  stop(): void {
    for (const { trading } of this.actors.values()) trading.stop();
  }

  toState(): WorldState {
    return { version: 1, engine: this.engine.toState(), bots: this.bots().map((bot) => bot.toState()) };
  }

  /** Continues from a saved state, with the present demo keys. Nothing trades until it is asked to. */
  restore(state: WorldState): void {
    const accounts = state.engine.accounts.map((account) =>
      account.id === DEMO_ACCOUNT ? { ...account, keys: this.options.demoKeys } : account,
    );
    this.stop();
    for (const { bot } of this.actors.values()) bot.close();
    this.actors.clear();
    this.engine.restore({ ...state.engine, accounts });
    for (const { id } of accounts) this.addActor(id, DEFAULT_SEED);
    for (const bot of state.bots) this.bot(bot.account).restore(bot);
  }

  private actor(account: string): { bot: Bot; trading: Trading } {
    const actor = this.actors.get(account);
    if (actor !== undefined) return actor;
    throw new Rejection(
      'unknown_account',
      `there is no account ${account}; there are ${[...this.actors.keys()].join(', ')}`,
    );
  }

  private addActor(account: string, seed: number): void {
    const bot = new Bot(this.engine, account, seed);
    this.actors.set(account, { bot, trading: new Trading(this.engine, bot) });
  }

  private freshEngine({ positionMode, balances }: ResetOptions): Engine {
    const { now, markets, demoKeys, demoBalances } = this.options;
    const engine = new Engine(markets === undefined ? { now } : { now, markets });
    engine.createAccount({ id: DEMO_ACCOUNT, keys: demoKeys, positionMode, balances: balances ?? demoBalances });
    return engine;
  }
}
