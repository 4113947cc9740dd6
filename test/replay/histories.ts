/** Where stored workflow histories lie: what accounts that run somewhere have behind them. */
export const HISTORIES = new URL('./histories/', import.meta.url);
