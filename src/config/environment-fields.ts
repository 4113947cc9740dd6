import { z } from 'zod';

/** Fields of an exchange section that choose its environment, and the settings that are passed to ccxt unchanged. */
export const environmentFields = {
  demo: z
    .boolean()
    .meta({
      description: "The exchange's demo trading: Binance, Bitget, Bybit, OKX. Needs a key made there.",
      default: false,
    })
    .optional(),
  testnet: z
    .boolean()
    .meta({
      description: "The exchange's test net, where ccxt knows one whole. Needs a key made there.",
      default: false,
    })
    .optional(),
  ccxt: z
    .strictObject({
      options: z
        .record(z.string(), z.unknown())
        .meta({ description: "Entries of ccxt's `options` for this exchange, which no other field sets." }),
      headers: z
        .record(z.string(), z.string())
        .meta({ description: 'Headers that every request of this account carries.' }),
    })
    .partial()
    .meta({
      description:
        'What reaches ccxt as it is written, for an option or header that an account needs and no other field sets. It must ' +
        'hold neither a secret nor an address.',
    })
    .optional(),
};
