import { z } from 'zod';
import { ACT_BODIES, type ActName } from './act-bodies.js';
import * as answers from './answers.js';

type Json = Record<string, unknown>;

/** The description of the HTTP API, OpenAPI 3.1, made from the schemas that check requests. */
export function openApi(version: string): Json {
  const components: Record<string, Json> = {};
  return {
    openapi: '3.1.0',
    info: {
      title: 'Plumbline',
      version,
      description:
        'Reads what the ledger knows, and takes the acts of people and the states of bots. Clients must ignore fields that they do not know. An ' +
        'answer of the gate that is not 200 means closed.',
    },
    security: [{ token: [] }],
    paths: pathsOf(components),
    components: {
      schemas: components,
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Made with `plumbline token new`. Without tokens, reads are open.',
        },
      },
    },
  };
}

const LIMIT = { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 } };
const query = (name: string, schema: Json): Json => ({ name, in: 'query', schema });

function pathsOf(components: Record<string, Json>): Record<string, Json> {
  const content = (schema: z.ZodType): Json => ({ 'application/json': { schema: schemaOf(schema, components) } });
  const answer = (description: string, schema: z.ZodType): Json => ({ description, content: content(schema) });
  const error = (description: string): Json => answer(description, answers.errorAnswer);
  const refusals = {
    401: error('The token is missing or not known. WWW-Authenticate says what is needed.'),
    403: error("The token's role or accounts do not allow it."),
    429: error('Too many requests; see Retry-After.'),
    500: error('A fault in Plumbline itself.'),
    503: error('The ledger or Temporal does not answer.'),
  };
  const list = (name: string, item: z.ZodType): z.ZodType => z.object({ [name]: z.array(item) });
  const get = (summary: string, ok: z.ZodType, parameters: Json[] = []): Json => ({
    get: {
      summary,
      parameters,
      responses: {
        200: answer('As asked.', ok),
        ...(parameters.length > 0 && { 400: error('A parameter is wrong.') }),
        ...refusals,
        ...(summary.includes('account') && { 404: error('The ledger knows no such account.') }),
      },
    },
  });
  const paths: Record<string, Json> = {
    '/v1/openapi.json': get('This description', z.record(z.string(), z.unknown())),
    '/v1/accounts': get('The accounts of the token', list('accounts', answers.account)),
    '/v1/accounts/{account}': get('One account', answers.account),
    '/v1/accounts/{account}/gate': gatePath(answer, refusals),
    '/v1/accounts/{account}/runs': get('The runs of an account, newest first', list('runs', answers.run), [
      LIMIT,
      query('before', { type: 'integer', minimum: 1, description: 'Only run numbers below it.' }),
    ]),
    '/v1/accounts/{account}/events': get('The events of an account, oldest first', list('events', answers.event), [
      LIMIT,
      query('after', { type: 'integer', minimum: 0, description: 'Only sequences above it. Default: the newest.' }),
    ]),
    '/v1/accounts/{account}/discrepancies': get(
      'The discrepancies of an account, newest first',
      list('discrepancies', answers.discrepancy),
      [LIMIT, query('state', { type: 'string', enum: ['open', 'resolved'] })],
    ),
    '/v1/accounts/{account}/interventions': get(
      'The interventions of an account, newest first',
      list('interventions', answers.intervention),
      [LIMIT, query('state', { type: 'string', enum: ['open', 'all'], default: 'all' })],
    ),
  };
  paths['/v1/stream'] = {
    get: {
      summary: 'Changes as server-sent events: docs/http-api.md has the events',
      parameters: [
        query('after', {
          type: 'string',
          description: 'The id of the last event that is known; so does Last-Event-ID.',
        }),
      ],
      responses: {
        200: { description: 'The stream.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
        ...refusals,
      },
    },
  };
  for (const [name, summary] of Object.entries(ACTS) as [ActName, string][]) {
    const body = schemaOf(ACT_BODIES[name], components);
    const done = answer('Done. The answer says what is true now.', answers.actAnswer);
    paths[`/v1/accounts/{account}/${name}`] = {
      post: {
        summary,
        parameters: REPEATABLE.has(name) ? [IDEMPOTENCY_KEY] : [],
        requestBody: { required: !EMPTY.has(name), content: { 'application/json': { schema: body } } },
        responses: {
          ...(name !== 'run' && { 200: done }),
          ...(!REPEATABLE.has(name) && {
            202: answer('Taken; Temporal keeps it until it is carried out.', answers.actAnswer),
          }),
          400: error('The body is not as described.'),
          ...refusals,
          404: error('The ledger knows no such account.'),
          409: error('The state of the account does not allow it, such as no open intervention.'),
          413: error('The body is too long.'),
          415: error('The body is no JSON.'),
          422: error('The body is as described and cannot be carried out, such as a time that has passed.'),
        },
      },
    };
  }
  paths['/v1/accounts/{account}/state'] = {
    put: {
      summary: 'The bot pushes its internal state; needs a token with the role push',
      requestBody: {
        required: true,
        description:
          'The document of schema/internal-state.schema.json. Rows that cannot be read cost their own symbol.',
        content: content(z.looseObject({ version: z.literal(1), as_of: z.iso.datetime({ offset: true }) })),
      },
      responses: {
        200: answer('Taken; some rows could not be read.', answers.pushAnswer),
        204: { description: 'Taken. Also if the same document was sent before.' },
        400: error('The body is no JSON.'),
        ...refusals,
        404: error('The configuration has no internal: {kind: push} for the account.'),
        409: error('as_of is not later than that of the stored state.'),
        413: error('The body is too long.'),
        415: error('The body is no JSON by its Content-Type.'),
        422: error('The document as a whole cannot be used; fields names the wrong ones.'),
        503: error('The ledger does not answer; see Retry-After.'),
      },
    },
  };
  for (const [path, item] of Object.entries(paths)) {
    if (path.includes('{account}')) item['parameters'] = [ACCOUNT];
  }
  return paths;
}

const ACCOUNT = { name: 'account', in: 'path', required: true, schema: { type: 'string' } };
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same for each attempt: it is carried out once.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

const ACTS: Readonly<Record<ActName, string>> = {
  acknowledge: '"I have it": the reminders stop; the gate stays closed while a discrepancy that closes it is open',
  accept: '"Known, trade on": the open discrepancies do not close the gate until a time, with these values',
  snooze: 'No reminders until a time; the intervention and the gate stay as they are',
  pause: 'No scheduled runs until it is resumed',
  resume: 'Ends a pause',
  run: 'Requests a run, and does not wait for it',
};
const REPEATABLE: ReadonlySet<ActName> = new Set(['acknowledge', 'accept', 'snooze']);
/** Acts whose body has no fields. */
const EMPTY: ReadonlySet<ActName> = new Set(['resume', 'run']);

function gatePath(answer: (description: string, schema: z.ZodType) => Json, refusals: Record<number, Json>): Json {
  const closed = (description: string): Json => answer(description, answers.closedGateAnswer);
  return {
    get: {
      summary: 'May this bot trade now?',
      parameters: [
        query('wait', {
          type: 'integer',
          minimum: 1,
          maximum: 60,
          description: 'Seconds to wait for a change; needs If-None-Match.',
        }),
        { name: 'If-None-Match', in: 'header', schema: { type: 'string' } },
      ],
      responses: {
        200: answer('Open.', answers.gateAnswer),
        304: { description: 'Open, and unchanged since the given ETag.' },
        400: closed('A parameter is wrong.'),
        401: closed('The token is missing or not known.'),
        403: closed("The token's role or accounts do not allow it."),
        404: closed('The ledger knows no such account.'),
        423: answer('Closed.', answers.gateAnswer),
        429: closed('Too many wrong tokens; see Retry-After.'),
        500: refusals[500] ?? {},
        503: closed('Nothing is known, or too many requests wait.'),
      },
    },
  };
}

/** The JSON Schema; named schemas go to the components. Unknown fields are allowed in answers, so that they can be added. */
function schemaOf(schema: z.ZodType, components: Record<string, Json>): Json {
  const {
    $schema: _dialect,
    $defs = {},
    ...rest
  } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'input',
  }) as Json;
  for (const [name, definition] of Object.entries($defs as Record<string, Json>)) {
    const { id: _id, ...named } = definition;
    components[name] = relocated(named);
  }
  const { id, ...own } = rest;
  if (typeof id !== 'string') return relocated(own);
  components[id] = relocated(own);
  return { $ref: `#/components/schemas/${id}` };
}

function relocated(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}
