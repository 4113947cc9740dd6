import type { AccountConfig } from '../../config/config.js';
import { profileOf } from '../../exchange/exchanges.js';

export interface ProfileNote {
  account: string;
  warning: string;
  text: string;
}

/** The enabled accounts that are read by the generic profile, or not on the live exchange. */
export function profileNotes(accounts: readonly AccountConfig[]): ProfileNote[] {
  return accounts
    .filter(({ enabled }) => enabled)
    .flatMap(({ name: account, exchange: { id, environment } }): ProfileNote[] => [
      ...(profileOf(id).verified
        ? []
        : [
            {
              account,
              warning: 'unverified profile',
              text: `only what ${id} shows is used and compared; see \`plumbline check ${account}\``,
            },
          ]),
      ...(environment === undefined ? [] : [{ account, warning: environment, text: `${id} is not read live` }]),
    ]);
}
