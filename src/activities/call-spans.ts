import type { ExchangeCall } from '../exchange/exchange-reader.js';
import type { Spans } from '../runtime/spans.js';

/** A part of a path that may be an id. Only the generic profile reports requested paths; the others name their endpoints. */
const ID_IN_PATH = /\/(?=[^/\s]*\d)(?!v\d+(?:[/\s]|$))[^/\s{}]{6,}/g;

/** Reports each request to the exchange as a span with the name of its endpoint: without host, query, body and ids. */
export function callsAsSpans(spans: Spans): (call: ExchangeCall) => void {
  return ({ question, scope, weight, startedAt, endedAt, failure }) =>
    spans.add({
      name: question.replaceAll(ID_IN_PATH, '/{id}'),
      attributes: { 'plumbline.weight': weight, ...(scope !== null && { 'plumbline.scope': scope }) },
      startedAt,
      endedAt,
      failure,
    });
}
