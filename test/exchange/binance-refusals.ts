import type { FailureKind } from '../../src/domain/failure/failure.js';
import type { Fault } from './faults.js';
import { sendJson } from './wire-server.js';

function refusal(code: number, msg: string, status: number, kind: FailureKind): Fault {
  return {
    name: `${status} with ${code} "${msg}"`,
    send: (response) => sendJson(response, { code, msg }, status),
    kind,
  };
}

/** Binance's documented error bodies, with the status it gives them and in a 200. */
export const BINANCE_REFUSALS: Fault[] = [200, 400].flatMap((status) => [
  refusal(-1000, 'An unknown error occurred while processing the request.', status, 'network'),
  refusal(-1001, 'Internal error; unable to process your request. Please try again.', status, 'network'),
  refusal(-1003, 'Too many requests; current limit is 2400 requests per minute.', status, 'rate_limited'),
  refusal(-1007, 'Timeout waiting for response from backend server.', status, 'timeout'),
  refusal(-1021, 'Timestamp for this request is outside of the recvWindow.', status, 'clock_skew'),
  refusal(-1022, 'Signature for this request is not valid.', status, 'authentication'),
  refusal(-2014, 'API-key format invalid.', status, 'authentication'),
  refusal(-2015, 'Invalid API-key, IP, or permissions for action.', status, 'authentication'),
  refusal(-4109, 'This account is inactive.', status, 'permission'),
  refusal(-9999, 'A code from tomorrow.', status, 'unreadable'),
]);
