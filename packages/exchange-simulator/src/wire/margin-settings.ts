import type { Account } from '../engine/account.js';

/** Leverage and margin mode of one market, as its account set them. */
export interface MarginSetting {
  leverage: number;
  mode: 'cross' | 'isolated';
}

/**
 * What accounts set on one wire. The engine has no margin, so only the answers depend on it, and it is not kept between
 * starts.
 */
export class MarginSettings {
  private readonly byAccount = new WeakMap<Account, Map<string, MarginSetting>>();

  constructor(private readonly byDefault: MarginSetting) {}

  /** @param key a symbol, or the unit for which the exchange sets them (a coin, a family) */
  of(account: Account, key: string): MarginSetting {
    return this.byAccount.get(account)?.get(key) ?? this.byDefault;
  }

  set(account: Account, key: string, change: Partial<MarginSetting>): void {
    const settings = this.byAccount.get(account) ?? new Map<string, MarginSetting>();
    settings.set(key, { ...this.of(account, key), ...change });
    this.byAccount.set(account, settings);
  }
}
