import type { SecretSource } from '../../config/config.js';
import type { NautilusConfig } from '../../config/nautilus-config.js';
import type { Redactor } from '../../redaction/redactor.js';
import type { FailureError } from '../../domain/failure/failure.js';
import { sourceFailure } from '../source-failure.js';
import { BotDatabase } from '../sql/bot-database.js';
import { ByteBudget, type Answer, type Cell } from '../sql/query-rows.js';
import { readInstrument, type Instrument } from './instruments.js';
import type { Place, ReadLimits, Store, Stored } from './store.js';

interface Dependencies {
  resolveSecret: (source: SecretSource, what: string) => string;
  redactor: Redactor;
}

const NO_POSITIONS =
  'this version of NautilusTrader stores no fills of positions in PostgreSQL: there is no table position_event';

const POSTGRESQL = { dialect: 'postgresql' } as const;

/** NautilusTrader's cache in PostgreSQL (schema/sql/tables.sql): the events are rows, whose numbers are texts. */
export function createPostgresStore(config: NautilusConfig, deps: Dependencies): Store {
  const { traderId, maxBytes } = config;
  const database = new BotDatabase({ kind: 'server', url: config.database.url }, 'internal.postgres', deps);
  return {
    description: `postgresql ${traderId}`,
    place(): Place {
      const { name, url } = database.place();
      return { name: `${name} ${traderId}`, url };
    },
    async read<T>({ url }: Place, limits: ReadLimits, use: (stored: Stored) => Promise<T>): Promise<T> {
      const budget = new ByteBudget(maxBytes);
      const ask = async (queries: Readonly<Record<string, string>>): Promise<Map<string, Rows>> => {
        const answers = new Map(Object.keys(queries).map((name) => [name, new Rows(budget)]));
        const named = Object.entries(queries).map(([name, sql]) => ({ name, sql }));
        await database.read({ url, ...POSTGRESQL }, limits, named, ({ name }) => answers.get(name) ?? new Rows(budget));
        return answers;
      };
      const tables = await ask({ tables: "select to_regclass('position_event') is not null" });
      const hasPositions = tables.get('tables')?.cells[0]?.[0] === 't';
      const answers = await ask(queriesOf(traderId, hasPositions));
      if (answers.get('trader')?.cells.length === 0) throw noTrader(traderId, answers.get('traders'));
      const newest = answers.get('newest')?.cells[0]?.[0] ?? null;
      return use({
        events: { orders: eventsOf(answers.get('orders')), positions: eventsOf(answers.get('positions')) },
        heartbeatAt: null,
        otherEventAt: newest === null ? null : Number(BigInt(newest) / 1_000_000n),
        noPositions: hasPositions ? null : NO_POSITIONS,
        instruments: async () => definitions(answers.get('instruments')),
      });
    },
    explain: (error) => database.failureOf(error, POSTGRESQL),
  };
}

/** The rows of one query. */
class Rows implements Answer {
  readonly cells: (readonly Cell[])[] = [];

  constructor(private readonly budget: ByteBudget) {}

  columns(): void {}

  float(): void {}

  row(cells: readonly Cell[]): void {
    for (const cell of cells) this.budget.spend(cell === null ? 0 : Buffer.byteLength(cell));
    this.cells.push(cells);
  }
}

/** Rows of a name and a JSON text, by name. */
function eventsOf(rows: Rows | undefined): Map<string, unknown[]> {
  const events = new Map<string, unknown[]>();
  for (const [name, json] of rows?.cells ?? []) {
    if (typeof name !== 'string' || typeof json !== 'string') continue;
    const list = events.get(name) ?? [];
    list.push(JSON.parse(json));
    events.set(name, list);
  }
  return events;
}

function definitions(rows: Rows | undefined): Map<string, Instrument> {
  const found = new Map<string, Instrument>();
  for (const [id, [definition]] of eventsOf(rows)) {
    const instrument = readInstrument(definition);
    if (instrument !== null) found.set(id, instrument);
  }
  return found;
}

function noTrader(traderId: string, traders: Rows | undefined): FailureError {
  const named = (traders?.cells ?? []).flatMap(([id]) => id ?? []);
  return sourceFailure(
    'configuration',
    `there is no trader ${traderId} in the table trader`,
    named.length === 0
      ? 'check the database in the URL, and that the bot runs with it'
      : `set internal.trader_id to that of the bot; there are ${named.join(', ')}`,
    { where: 'internal.trader_id' },
  );
}

const EVENT = `json_build_object('type', e.kind, 'strategy_id', e.strategy_id, 'instrument_id', e.instrument_id,
  'client_order_id', e.client_order_id, 'ts_event', e.ts_event, 'venue_order_id', e.venue_order_id, 'account_id', e.account_id,
  'order_type', e.order_type, 'order_side', e.order_side, 'last_qty', e.last_qty`;

/** All are of one transaction. Orders that have ended and positions that are flat are left out where they are stored. */
function queriesOf(traderId: string, hasPositions: boolean): Record<string, string> {
  const trader = `'${traderId.replaceAll("'", "''")}'`;
  const open = `select client_order_id from order_event where trader_id = ${trader} group by client_order_id
    having not bool_or(kind in ('OrderDenied', 'OrderRejected', 'OrderCanceled', 'OrderExpired'))
      and (max(quantity) is null or coalesce(sum(last_qty::numeric) filter (where kind = 'OrderFilled'), 0)
        < max(quantity::numeric) filter (where kind in ('OrderInitialized', 'OrderUpdated')))`;
  const held = `select position_id from position_event where trader_id = ${trader} and strategy_id <> 'EXTERNAL' group by position_id
    having bool_or(order_side not in ('BUY', 'SELL'))
      or sum(case order_side when 'BUY' then last_qty::numeric else -last_qty::numeric end) <> 0`;
  const ofInstruments = `select instrument_id from order_event where client_order_id in (${open})${
    hasPositions ? ` union select instrument_id from position_event where position_id in (${held})` : ''
  }`;
  const times = `select ts_event from order_event where trader_id = ${trader}${
    hasPositions ? ` union all select ts_event from position_event where trader_id = ${trader}` : ''
  }`;
  return {
    trader: `select id from trader where id = ${trader}`,
    traders: 'select id from trader order by id limit 5',
    newest: `select max(ts_event::numeric)::text from (${times}) times`,
    orders: `select e.client_order_id, ${EVENT}, 'quantity', e.quantity, 'quote_quantity', coalesce(e.quote_quantity, false),
        'emulation_trigger', e.emulation_trigger, 'reconciliation', e.reconciliation, 'price', e.price,
        'trigger_price', e.trigger_price)::text
      from order_event e where e.trader_id = ${trader} and e.client_order_id in (${open})
      order by e.client_order_id, e.created_at, e.ts_init`,
    ...(hasPositions
      ? {
          positions: `select e.position_id, ${EVENT})::text from position_event e
            where e.trader_id = ${trader} and e.position_id in (${held}) order by e.position_id, e.event_sequence`,
        }
      : {}),
    instruments: `select i.id, json_build_object('type', i.kind, 'base_currency', i.base_currency, 'quote_currency', i.quote_currency,
        'settlement_currency', i.settlement_currency, 'multiplier', coalesce(i.multiplier, case i.kind when 'CURRENCY_PAIR' then '1' end))::text
      from instrument i where i.id in (${ofInstruments})`,
  };
}
