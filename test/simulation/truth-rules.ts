import { exact, isNear } from '../domain/foreign/exact.js';
import { KINDS } from './account-kind.js';
import type { TruthRules } from './rows.js';
import { comparesBalances, type Script } from './script.js';

/** The rules of a world's account, from the documents, sharing no code with the product. */
export function truthRulesOf(script: Script): TruthRules {
  const { policy } = script;
  const { currencies, facts } = KINDS[script.kind];
  const usual = (currency: string): bigint => {
    const step = facts[currency]?.amountStep;
    return step === undefined ? exact('0.000000005') : exact(step) / 2n;
  };
  return {
    currencies: comparesBalances(script) ? currencies : [],
    ignores: (clientOrderId) => policy.ignore.clientOrderIdPrefixes.some((prefix) => clientOrderId.startsWith(prefix)),
    accepts: (currency, outsideText, insideText) => {
      const [outside, inside] = [exact(outsideText), exact(insideText)];
      if (isNear(outside, inside, policy.tolerance[currency], { amount: usual(currency), share: 0n })) return true;
      if (policy.atLeast?.includes(currency) === true && outside >= inside) return true;
      const least = exact(facts[currency]?.minAmount ?? '0');
      const beside = exact(policy.baseline?.balances[currency] ?? '0');
      const [held, believed] = [outside - beside, inside - beside];
      const only = held === 0n ? believed : believed === 0n ? held : null;
      return only !== null && only > 0n && only < least;
    },
  };
}
