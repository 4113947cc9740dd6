import { isMap } from '../../domain/text/is-map.js';

/** Fields of one section, as they stand in the file. */
export type Fields = Readonly<Record<string, unknown>>;

/** What the configuration is written from: one account, and at most one channel. Secrets are names of variables. */
export interface Answers {
  account: string;
  exchange: Fields;
  internal: Fields;
  /** Rules of the account; empty for the defaults. */
  reconciliation: Fields;
  channel: { name: string; fields: Fields } | null;
}

/** The file's content as values. */
export function fileOf({ account, exchange, internal, reconciliation, channel }: Answers) {
  return {
    accounts: {
      [account]: { exchange, internal, ...(Object.keys(reconciliation).length > 0 && { reconciliation }) },
    },
    ...(channel !== null && { notify: { channels: { [channel.name]: channel.fields } } }),
  };
}

/** The variables that the file names, in its order, with the path of their field. */
export function variablesOf(answers: Answers): { name: string; section: string; field: string }[] {
  return [
    ...variablesIn('exchange', answers.exchange),
    ...variablesIn('internal', answers.internal),
    ...variablesIn('channel', answers.channel?.fields ?? {}),
  ];
}

function variablesIn(section: string, fields: Fields): { name: string; section: string; field: string }[] {
  return Object.entries(fields).flatMap(([field, value]) => {
    if (isMap(value)) return variablesIn(`${section}.${field}`, value);
    return field.endsWith('_env') && typeof value === 'string'
      ? [{ name: value, section, field: field.slice(0, -'_env'.length) }]
      : [];
  });
}
