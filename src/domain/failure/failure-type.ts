/** The type of the error with which an activity returns a Failure to its workflow. Its first detail is the Failure. */
export const FAILURE_TYPE = 'Failure';
