import { z } from 'zod';
import { LIMITS } from '../domain/limits/limits.js';
import { MAX_RULE_LENGTH, POLICY_LIMITS } from '../domain/policy/policy-limits.js';

// Fields that several parts of the configuration have.

export const DEFAULT_DEADLINE_SECONDS = 10;
export const DEFAULT_MAX_BYTES = LIMITS.internalBytes.value;

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const whole = (min: number, max: number) => z.int().min(min).max(max);
/** A whole number within the limits that the workflows check, too. */
export const limited = (field: keyof typeof POLICY_LIMITS) => whole(POLICY_LIMITS[field][0], POLICY_LIMITS[field][1]);
export const filled = z.string().min(1);

export const envName = filled
  .refine((name) => ENV_NAME.test(name), 'the name of an environment variable (letters, digits, underscores)')
  .refine((name) => !looksLikeSecret(name), 'the name of an environment variable, not the secret itself');
export const fileName = filled;

/** Whether the text is long, with letters and digits and without underscores: probably a pasted key, not a variable name. */
function looksLikeSecret(text: string): boolean {
  return text.length >= 20 && !text.includes('_') && /\d/.test(text) && /[A-Za-z]/.test(text);
}

export const port = whole(0, 65_535);
export const ruleText = filled.max(MAX_RULE_LENGTH);

/** Metadata for editors. `policy-fields.ts` and `load-config.ts` apply the defaults. */
export function says(description: string, byDefault: unknown): { description: string; default: unknown } {
  return { description, default: byDefault };
}

/** The two fields that name a secret: `<name>_env` for a variable, `<name>_file` for a file. */
export function sourceFields<Name extends string>(name: Name) {
  const fields = {
    [`${name}_env`]: envName.meta({ description: 'Environment variable that holds it.' }).optional(),
    [`${name}_file`]: fileName.meta({ description: "File that holds it, relative to this file's folder." }).optional(),
  };
  return fields as Record<`${Name}_env`, z.ZodOptional<typeof envName>> &
    Record<`${Name}_file`, z.ZodOptional<typeof fileName>>;
}

export const webAddress = filled.superRefine((text, context) => {
  const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
  if (!URL.canParse(text)) return refuse('an http:// or https:// address');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') refuse('an http:// or https:// address');
});

/** Only for networks that nobody else can read: keys, tokens and positions are sent unencrypted. */
export const allowPlainHttp = z
  .boolean()
  .meta(
    says(
      'Allows http:// to another host although a key or token is sent: anyone who sees the traffic can read and use it.',
      false,
    ),
  );

export const deadline = whole(1, 300).meta(
  says('Seconds for one request, including its whole body.', DEFAULT_DEADLINE_SECONDS),
);
