/** The place of a secret. Its value is read only in the worker, in `diff` and in `check`. */
export type SecretSource = { env: string } | { file: string };
