/** What a configuration is made from. */
export interface StackPlaces {
  simulatorUrl: string | null;
  /** Where a channel of kind `webhook` delivers calls, and the secret that signs them; null without an inbox. */
  inbox: { webhookUrl: string; secret: string } | null;
  /** Returns the preferred port if it is free, otherwise any free one, which is reported under the name; 0 is any free one. */
  choosePort: (preferred: number, name: string) => Promise<number>;
}

export interface StackConfiguration {
  path: string;
  /** A token with which a person acts in the status page; absent: the user's own configuration decides. */
  operatorToken?: string;
  /** Where serve and worker listen. */
  serve: { host: string; port: number };
  workerMetrics: { host: string; port: number };
  /** The variable that holds the ledger's URL; null if the configuration names an existing database. */
  ledgerVariable: string | null;
  /** What the accounts' secrets are read from, in addition to the environment. */
  env: Record<string, string>;
}
