import { DefaultFailureConverter } from '@temporalio/common';

/** Puts message and stack of a failure into a payload, which the codec encrypts. Temporal requires this export name. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
