import { drizzle } from 'drizzle-orm/node-postgres';
import type { Client } from 'pg';
import { z } from 'zod';
import type { DatabaseSession } from '../../src/ledger/store/database.js';

interface Plan {
  'Node Type': string;
  'Relation Name'?: string | undefined;
  'Actual Rows'?: number | undefined;
  'Actual Loops'?: number | undefined;
  'Rows Removed by Filter'?: number | undefined;
  Plans?: Plan[] | undefined;
}
const planSchema: z.ZodType<Plan> = z.lazy(() =>
  z.object({
    'Node Type': z.string(),
    'Relation Name': z.string().optional(),
    'Actual Rows': z.number().optional(),
    'Actual Loops': z.number().optional(),
    'Rows Removed by Filter': z.number().optional(),
    Plans: z.array(planSchema).optional(),
  }),
);
const explained = z.tuple([z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: planSchema })]) })]);

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** The statements that the work sends, with their parameters. */
export async function statementsOf(
  client: Client,
  work: (session: DatabaseSession) => Promise<unknown>,
): Promise<[text: string, values: unknown[]][]> {
  const statements: [string, unknown[]][] = [];
  const logger = { logQuery: (text: string, values: unknown[]) => statements.push([text, values]) };
  await work(drizzle({ client, logger }));
  return statements;
}

/** Tables with one row per account or channel, or a few from the last run: reading all of them is cheap. */
const SMALL = new Set(['account', 'unsettled', 'channel']);

export type Work = (session: DatabaseSession) => Promise<unknown>;

/** The plan nodes of all statements of the work that read a table or an index, with their statements. */
async function readsOf(
  client: Client,
  work: Work,
  explain: 'EXPLAIN' | 'EXPLAIN ANALYZE',
): Promise<{ node: Plan; text: string }[]> {
  const options = explain === 'EXPLAIN' ? 'FORMAT JSON' : 'FORMAT JSON, ANALYZE';
  await client.query('BEGIN');
  try {
    const statements = await statementsOf(client, work);
    if (statements.length === 0) throw new Error('it sent no statement');
    const reads: { node: Plan; text: string }[] = [];
    for (const [text, values] of statements) {
      const { rows } = await client.query(`EXPLAIN (${options}) ${text}`, values);
      const [{ 'QUERY PLAN': answer }] = explained.parse(rows);
      for (const node of nodesOf(answer[0].Plan)) if (node['Node Type'].endsWith('Scan')) reads.push({ node, text });
    }
    return reads;
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Tables that the work reads completely, with the statement of each. */
export async function wholeReadsOf(client: Client, work: Work): Promise<string[]> {
  const reads = await readsOf(client, work, 'EXPLAIN');
  return reads.flatMap(({ node, text }) => {
    const table = node['Relation Name'];
    return node['Node Type'] !== 'Seq Scan' || table === undefined || SMALL.has(table) ? [] : `${table}: ${text}`;
  });
}

/** Rows that were read, shown or not. */
export async function rowsReadBy(client: Client, work: Work): Promise<number> {
  const reads = await readsOf(client, work, 'EXPLAIN ANALYZE');
  return reads.reduce((sum, { node }) => {
    const each = (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0);
    return sum + each * (node['Actual Loops'] ?? 1);
  }, 0);
}
