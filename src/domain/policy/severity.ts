/**
 * How urgently a person is wanted. `page`: now, day and night, up the ladder until somebody answers. `notify`: outside quiet
 * hours, on the first rung only.
 */
export const SEVERITIES = ['notify', 'page'] as const;
export type Severity = (typeof SEVERITIES)[number];
