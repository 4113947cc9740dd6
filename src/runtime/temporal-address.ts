/**
 * What is reported if the address of the Temporal server is not set. There is no default 127.0.0.1:7233 as in Temporal's own
 * tools, because it may be the server of another deployment.
 */
export const NO_TEMPORAL_ADDRESS = {
  message: 'The address of the Temporal server is not set.',
  remedy:
    'Set TEMPORAL_ADDRESS (127.0.0.1:7233 for the usual port of this machine) or write a profile into temporal.toml. ' +
    'For a running `plumbline dev` name its state folder with --state or PLUMBLINE_STATE.',
} as const;
