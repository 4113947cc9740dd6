interface Server {
  url: string;
  stop(): Promise<unknown>;
}

interface Product<S extends Server> {
  startPostgres(options: { dataDirectory: string; durable: boolean }): Promise<S>;
  ensureDatabase(url: string): Promise<unknown>;
  migrateLedger(url: string): Promise<unknown>;
}

export function startLedgerServer<S extends Server>(
  product: Product<S>,
  options: { prefix: string; durable: boolean },
  closing: (() => Promise<unknown>)[],
): Promise<{
  folder: string;
  postgres: S;
  /** Of the database with the ledger's schema. */
  ledgerUrl: string;
}>;
