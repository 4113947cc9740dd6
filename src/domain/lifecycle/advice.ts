/**
 * The steps after a call for a human, in the order in which they are safe. Looking changes nothing. A run after the fix proves
 * that both sides agree. Acknowledging comes last, because it ends the reminders.
 */
export interface SafeSteps {
  look: string;
  run: string;
  acknowledge: string;
}

interface Situation {
  /** Whether the account cannot be checked; otherwise something differs. */
  isFailure: boolean;
  /** Whether a call waits for somebody to acknowledge it. */
  isCalled: boolean;
}

/** The steps in one line, the same wherever a person reads them. */
export function stepsText(account: string, { isFailure, isCalled }: Situation): string {
  const { look, run, acknowledge } = safeSteps(account, { isFailure });
  const steps = [`look (\`${look}\`)`, 'fix what it shows', `run (\`${run}\`)`];
  return [...steps, ...(isCalled ? [`then acknowledge (\`${acknowledge}\`)`] : [])].join(', ');
}

/** The commands for an account, or for a placeholder such as NAME. `isFailure`: the account cannot be checked. */
export function safeSteps(account: string, { isFailure }: { isFailure: boolean }): SafeSteps {
  return {
    look: isFailure ? `plumbline check ${account}` : `plumbline diff ${account}`,
    run: `plumbline run ${account}`,
    acknowledge: `plumbline acknowledge ${account} --by NAME --note TEXT`,
  };
}
