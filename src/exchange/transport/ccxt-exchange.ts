type Headers = Record<string, string>;

/** The part of a ccxt instance that is used here. Everything it returns is checked before it is used. */
export interface CcxtExchange {
  id: string;
  urls: { api: unknown };
  headers: Headers;
  options: Record<string, unknown>;
  has: Record<string, unknown>;
  markets: Record<string, unknown> | undefined;
  markets_by_id: Record<string, unknown[]> | undefined;
  requiredCredentials: Record<string, boolean>;
  throttler: { throttle(cost?: number): Promise<void> };
  fetch(url: string, method: string, headers?: Headers, body?: string): Promise<unknown>;
  handleErrors(
    status: number,
    reason: string,
    url: string,
    method: string,
    headers: Headers,
    body: string,
    response: unknown,
    requestHeaders: Headers,
    requestBody: string | undefined,
  ): unknown;
  loadMarkets(reload: boolean): Promise<unknown>;
  safeCurrencyCode(id: string): string;
  [implicitMethod: string]: unknown;
}

export type CcxtClass = new (settings: Record<string, unknown>) => CcxtExchange;
