import type { FastifyReply } from 'fastify';
import { ACCOUNT_NAME } from '../domain/account/account-name.js';
import type { AccountTotals, Ledger } from '../ledger/contract/ledger.js';

export interface AccountParams {
  account: string;
}

/** Asks the ledger a question within the deadline; `question` names it in the error. */
export type AskLedger = <T>(question: string, answer: Promise<T>) => Promise<T>;

export interface AccountLookup {
  /** Null if the ledger knows no such account. */
  totalsOf: (account: string) => Promise<AccountTotals | null>;
  /** As `totalsOf`, but answers 404 if the account is unknown. */
  known: (account: string, reply: FastifyReply) => Promise<AccountTotals | null>;
}

export function createAccountLookup(ledger: Pick<Ledger, 'account'>, ask: AskLedger): AccountLookup {
  /**
   * A text that cannot be an account's name is not looked up: the database refuses some of them, such as a NUL
   * character.
   */
  const totalsOf = async (account: string): Promise<AccountTotals | null> =>
    ACCOUNT_NAME.test(account) ? ask(`the account "${account}"`, ledger.account(account)) : null;
  const known = async (account: string, reply: FastifyReply): Promise<AccountTotals | null> => {
    const totals = await totalsOf(account);
    if (totals === null) await reply.code(404).send({ error: unknownAccount(account) });
    return totals;
  };
  return { totalsOf, known };
}

export function unknownAccount(account: string) {
  return {
    message: `the ledger knows no account "${account}"`,
    remedy: 'ask for /v1/accounts; `plumbline apply` registers the accounts of a configuration',
  };
}
