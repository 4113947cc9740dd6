import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Ledger } from '../ledger/contract/ledger.js';
import {
  accountDocument,
  discrepancyDocument,
  eventDocument,
  interventionDocument,
  runDocument,
} from '../report/documents.js';
import type { WatchView } from '../watch/finding.js';
import { mayUse } from './guard.js';
import type { AccountLookup, AccountParams, AskLedger } from './account-lookup.js';

const page = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) });
const runsQuery = page.extend({ before: z.coerce.number().int().min(1).optional() });
const eventsQuery = page.extend({ after: z.coerce.number().int().min(0).optional() });
const interventionsQuery = page.extend({ state: z.enum(['open', 'all']).default('all') });
const discrepanciesQuery = page.extend({ state: z.enum(['open', 'resolved']).optional() });

/** The read API: accounts with their runs, events and discrepancies. */
export function readRoutes(
  app: FastifyInstance,
  ledger: Pick<Ledger, 'accounts' | 'runs' | 'events' | 'discrepancies' | 'interventions'>,
  ask: AskLedger,
  { known }: AccountLookup,
  watch: WatchView,
): void {
  app.get('/v1/accounts', async ({ bearer }) => {
    const all = await ask('all accounts', ledger.accounts());
    const accounts = all.filter(({ account }) => mayUse(bearer, account));
    return { accounts: accounts.map((totals) => accountDocument(totals, watch.findingOf(totals.account))) };
  });

  app.get<{ Params: AccountParams }>('/v1/accounts/:account', async ({ params }, reply) => {
    const totals = await known(params.account, reply);
    return totals === null ? reply : accountDocument(totals, watch.findingOf(totals.account));
  });
  app.get<{ Params: AccountParams }>('/v1/accounts/:account/runs', async ({ params: { account }, query }, reply) => {
    const { limit, before } = runsQuery.parse(query);
    if ((await known(account, reply)) === null) return reply;
    const runs = await ask('runs', ledger.runs(account, { limit, ...(before !== undefined && { before }) }));
    return { runs: runs.map(runDocument) };
  });
  app.get<{ Params: AccountParams }>('/v1/accounts/:account/events', async ({ params: { account }, query }, reply) => {
    const { limit, after } = eventsQuery.parse(query);
    if ((await known(account, reply)) === null) return reply;
    const events = await ask('events', ledger.events(account, { limit, ...(after !== undefined && { after }) }));
    return { events: events.map(eventDocument) };
  });
  app.get<{ Params: AccountParams }>(
    '/v1/accounts/:account/discrepancies',
    async ({ params: { account }, query }, reply) => {
      const { limit, state } = discrepanciesQuery.parse(query);
      if ((await known(account, reply)) === null) return reply;
      const rows = await ask(
        'discrepancies',
        ledger.discrepancies(account, { limit, ...(state !== undefined && { state }) }),
      );
      return { discrepancies: rows.map(discrepancyDocument) };
    },
  );
  app.get<{ Params: AccountParams }>(
    '/v1/accounts/:account/interventions',
    async ({ params: { account }, query }, reply) => {
      const { limit, state } = interventionsQuery.parse(query);
      if ((await known(account, reply)) === null) return reply;
      const rows = await ask('interventions', ledger.interventions({ account, limit, openOnly: state === 'open' }));
      return { interventions: rows.map(interventionDocument) };
    },
  );
}
