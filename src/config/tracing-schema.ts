import { z } from 'zod';
import { allowPlainHttp, filled, says, sourceFields, webAddress } from './schema-parts.js';

export const DEFAULT_SERVICE_NAME = 'plumbline';
export const MAX_TRACING_HEADERS = 10;
/** The name of a header, as HTTP defines it. */
export const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** `tracing`: where the traces of runs are sent. */
export const tracingSchema = z.strictObject({
  otlp_url: webAddress.max(2_000).meta({
    description:
      'The collector, which takes OTLP over HTTP (protobuf), such as http://127.0.0.1:4318. An address without a path gets /v1/traces.',
  }),
  ...sourceFields('token'),
  headers: z
    .record(z.string().regex(HEADER_NAME, 'the name of a header'), z.strictObject(sourceFields('value')))
    .meta({
      description:
        'Headers of each request besides `authorization: Bearer` with the token, by name. The value is a secret: value_env or value_file.',
      maxProperties: MAX_TRACING_HEADERS,
    })
    .optional(),
  allow_plain_http: allowPlainHttp.optional(),
  sample: z
    .number()
    .min(0)
    .max(1)
    .meta(says('The share of runs that is traced, from 0 to 1. A run is traced as a whole or not at all.', 1))
    .optional(),
  service_name: filled.max(100).meta(says('The name of this service in the traces.', DEFAULT_SERVICE_NAME)).optional(),
});

export type TracingFields = z.infer<typeof tracingSchema>;
