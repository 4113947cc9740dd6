import { z } from 'zod';
import { KEY_ID } from '../runtime/payload-key.js';
import { filled, sourceFields } from './schema-parts.js';

const MAX_KEYS = 20;

const key = z.strictObject({
  id: z
    .string()
    .regex(KEY_ID, 'a name of letters, digits, dot, dash and underscore, at most 40')
    .meta({ description: 'Stands beside everything that the key encrypted. It is not secret.' }),
  ...sourceFields('key'),
});

export const temporalSchema = z
  .strictObject({
    encryption: z
      .strictObject({
        keys: z
          .array(key)
          .min(1)
          .max(MAX_KEYS)
          .meta({
            description:
              'Each key is 32 random bytes in base64, as `openssl rand -base64 32` prints them. The first one encrypts, all ' +
              'decrypt. For a new key: add it below the others everywhere, then move it to the top. Keep an old key as long as ' +
              'histories with it are kept.',
          }),
        web_ui_origins: z
          .array(
            filled.max(255).regex(/^https?:\/\/[^/?#]+$/, 'an origin such as http://127.0.0.1:8233, without a path'),
          )
          .max(MAX_KEYS)
          .meta({
            description:
              "Origins of Temporal's Web UI. Pages from there may ask `serve` to decrypt payloads (its codec endpoint is /codec).",
          })
          .optional(),
      })
      .meta({
        description:
          "Encrypts everything that Temporal's server stores of an account, except workflow ids and search attributes.",
      })
      .optional(),
    versioning: z
      .strictObject({
        deployment: z
          .string()
          .regex(/^(?!__)[A-Za-z0-9_-]{1,80}$/, 'a name of letters, digits, dash and underscore, at most 80')
          .meta({
            description:
              'The name of the worker deployment in Temporal. Each task queue of a namespace needs its own. The version of a ' +
              "worker is the build of its code, or PLUMBLINE_BUILD_ID in the worker's environment.",
          }),
      })
      .meta({
        description:
          'Workers have versions: a worker of a new version gets no work before `plumbline versions promote`. For upgrades with ' +
          'old and new workers side by side, and for going back.',
      })
      .optional(),
  })
  .meta({ description: "What concerns Temporal. Its address comes from Temporal's own environment configuration." });

export type TemporalFields = z.infer<typeof temporalSchema>;
