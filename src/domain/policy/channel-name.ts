/** A channel's name: it is part of notification keys and metric labels, and escalation names it. */
export const CHANNEL_NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;
/** The channel that needs no configuration: the worker's log. */
export const LOG_CHANNEL = 'log';
/** How many channels a configuration may have, and how many one rung may name. */
export const MAX_CHANNELS = 50;
