/** An account's name: it is part of workflow ids, metric labels and URL paths. */
export const ACCOUNT_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
