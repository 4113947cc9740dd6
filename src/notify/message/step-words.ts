import { safeSteps } from '../../domain/lifecycle/advice.js';

interface About {
  /** The account's name; null if the message is about several. */
  account: string | null;
  /** Whether it cannot be checked; otherwise something differs. */
  isFailure: boolean;
  /** Whether the message says how to fix it. Otherwise the reader has to look first. */
  isDescribed: boolean;
  /** Whether somebody still has to acknowledge the call. */
  isOpen: boolean;
}

/** The steps in the order in which they are safe. */
export function stepLines({ account, isFailure, isDescribed, isOpen }: About): string[] {
  const steps = safeSteps(account ?? 'ACCOUNT', { isFailure });
  const acknowledge = account === null ? 'Acknowledge each account' : 'Acknowledge';
  return [
    'What to do, in this order (the commands run where Plumbline is installed):',
    `1. Look: ${account === null ? 'plumbline status' : steps.look}`,
    `2. Fix ${isDescribed ? 'it as described above' : 'what it shows'}. If you are not sure, change nothing and ask somebody who is.`,
    `3. Check that it is fixed: ${steps.run}`,
    ...(isOpen ? [`4. ${acknowledge}, which ends these messages: ${steps.acknowledge}`] : []),
  ];
}

/** For a call whose reasons are all over. */
export function stillOpenLine(account: string | null): string {
  const { acknowledge } = safeSteps(account ?? 'ACCOUNT', { isFailure: false });
  const what = account === null ? 'Each call stays' : 'The call stays';
  return `${what} open until somebody acknowledges it: ${acknowledge}`;
}

/** How to let the bot trade although something differs. */
export function acceptLine(account: string): string {
  return `Only if the bot should trade on although this differs: plumbline accept ${account} --for 4h --by NAME --note TEXT`;
}
