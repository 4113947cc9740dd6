import type { ChannelFields, ChannelKind } from './notify-schema.js';
import type { SecretSource } from './secret-source.js';

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The name of a secret in the file, without `_env` or `_file`. */
type SecretOf<Field> = Field extends `${infer Name}_env` ? Name : never;

type ChannelOf<Fields extends { kind: ChannelKind }> = Fields extends unknown
  ? {
      /** Its name in the configuration. */
      name: string;
      kind: Fields['kind'];
      /** The fields of its kind with defaults filled in, in camel case. */
      settings: {
        [
          Field in keyof Fields as Field extends 'kind' | `${string}_env` | `${string}_file`
            ? never
            : CamelCase<Field & string>
        ]: Fields[Field];
      };
      /** By the name in the file without `_env` and `_file`, such as `routing_key`. */
      secrets: Partial<Record<SecretOf<keyof Fields>, SecretSource>>;
    }
  : never;

/** One way to reach people, as configured. Holds names of secrets, never their values. */
export type ChannelConfig = ChannelOf<ChannelFields>;
export type ChannelConfigOf<Kind extends ChannelKind> = Extract<ChannelConfig, { kind: Kind }>;
