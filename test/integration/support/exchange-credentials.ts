import { DEMO_ACCOUNT, DEMO_PASSPHRASE } from '../../../packages/exchange-simulator/src/engine/credentials.js';
import { addressOfAccount } from '../../../packages/exchange-simulator/src/wire/hyperliquid/wallets.js';
import { krakenSecretOf } from '../../../packages/exchange-simulator/src/wire/krakenfutures/security.js';

interface KeyPair {
  apiKey: string;
  secret: string;
}

/**
 * The credentials that each of the simulator's exchanges requires to read the demo account, by the configuration's
 * names.
 */
function credentialsOf(exchange: string, { apiKey, secret }: KeyPair): Record<string, string> {
  switch (exchange) {
    case 'hyperliquid':
      return { wallet_address: addressOfAccount({ id: DEMO_ACCOUNT, keys: [] }) };
    case 'krakenfutures':
      return { api_key: apiKey, secret: krakenSecretOf(secret) };
    case 'okx':
    case 'bitget':
      return { api_key: apiKey, secret, password: DEMO_PASSPHRASE };
    default:
      return { api_key: apiKey, secret };
  }
}

const variableOf = (credential: string): string => `TEST_EXCHANGE_${credential.toUpperCase()}`;

/** The environment that the fields of `credentialFieldsOf` name. */
export function secretsOf(exchange: string, pair: KeyPair): Record<string, string> {
  return mapped(credentialsOf(exchange, pair), (name, value) => [variableOf(name), value]);
}

/** Fields of `exchange` in the configuration. */
export function credentialFieldsOf(exchange: string): Record<string, string> {
  return mapped(credentialsOf(exchange, { apiKey: '', secret: '' }), (name) => [`${name}_env`, variableOf(name)]);
}

function mapped(
  fields: Record<string, string>,
  change: (name: string, value: string) => [name: string, value: string],
): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => change(name, value)));
}
