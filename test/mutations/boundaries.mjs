// What comes from outside: JSON documents, requests by their Host, queries that come too early.
import { mutant } from '../support/mutant.mjs';

const JSON_READER = 'src/domain/text/json-reader.ts';
const HOSTS = 'packages/primitives/src/hosts.ts';
const HOST_CHECK = 'packages/primitives/src/host-check.ts';
const COLD_QUERY = 'src/workflows/cold-query.ts';

const json = mutant(JSON_READER, 'test/domain/json-reader');
const host = mutant(HOSTS, 'test/net/hosts');
const check = mutant(HOST_CHECK, 'test/net/hosts');
const query = mutant(COLD_QUERY, 'test/workflows/cold-query');

export const MUTANTS = [
  query('a query that came with newer events is answered', [
    ['if (ranAhead && isDirectQuery(activation)) throw new Error(QUERY_TOO_EARLY);', 'void ranAhead;'],
  ]),
  query('every direct query is refused', [
    ['if (ranAhead && isDirectQuery(activation))', 'if (isDirectQuery(activation))'],
  ]),
  query('a query that comes with a task is refused', [
    ['if (ranAhead && isDirectQuery(activation))', 'if (ranAhead && isQuery(activation))'],
  ]),
  query('a query counts as newer events', [
    [
      'throw new Error(QUERY_TOO_EARLY);\n            } else {\n',
      'throw new Error(QUERY_TOO_EARLY);\n            }\n            {\n',
    ],
  ]),
  query('a task of its own time is taken for newer events', [
    ['const isSame = before !== null && isSameTask(before, activation);', 'const isSame = before !== null;'],
  ]),
  query('tasks within one second are one', [[' && a.timestamp?.nanos === b.timestamp?.nanos;', ';']]),
  query('tasks of other seconds are one', [['String(a.timestamp?.seconds) === String(b.timestamp?.seconds) && ', '']]),
  query('activations of one task are newer events', [
    ['(historyLength ?? 0) > (before.historyLength ?? 0)', '(historyLength ?? 0) >= (before.historyLength ?? 0)'],
  ]),
  query('newer events are forgotten in the activation after them', [
    ['(ranAhead || isLater(before, activation))', 'isLater(before, activation)'],
  ]),
  query('a query after the first task that follows a replay is answered', [
    ['before?.isReplaying === true && activation.isReplaying !== true;', 'false;'],
  ]),
  query('newer events are remembered for good', [['ranAhead = isFirst ||', 'ranAhead ||= isFirst ||']]),

  json('a key twice is taken', [
    [
      "if (!isSameScalar(there, value)) throw this.fault('duplicate', 'the same key twice with different values');",
      'map[key] = value;',
    ],
  ]),
  json('a key twice is an error also with one value', [
    ['if (!isSameScalar(there, value)) throw', 'if (there !== null || value !== null) throw'],
  ]),
  json('the same map twice is one', [
    ['  if (a === b) return true;\n', '  if (JSON.stringify(a) === JSON.stringify(b)) return true;\n'],
  ]),
  json('an inherited name is a key that was there', [
    ['else if (Object.hasOwn(map, key)) {', 'else if (key in map) {'],
  ]),
  json('__proto__ changes what the object is', [
    [
      'Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });',
      'map[key] = value;',
    ],
  ]),
  json('a document has any depth', [['this.stack.length >= LIMITS.jsonDepth.value', 'this.stack.length >= 1e9']]),
  json('the depth that is allowed is not allowed', [
    ['this.stack.length >= LIMITS.jsonDepth.value', 'this.stack.length + 1 >= LIMITS.jsonDepth.value'],
  ]),
  json('a document is one deeper than allowed', [
    ['this.stack.length >= LIMITS.jsonDepth.value', 'this.stack.length > LIMITS.jsonDepth.value'],
  ]),
  json('a document has any number of values', [['this.values > LIMITS.jsonValues.value', 'this.values > 1e12']]),
  json('a number has any length', [
    [
      "    if (end - start > LIMITS.numberLength.value) throw new TooLargeError('numberLength', end - start, this.valueHere());\n",
      '',
    ],
  ]),
  json('a text has any length', [['if (length > LIMITS.jsonTextLength.value) throw', 'if (length > 1e12) throw']]),
  json('a number that is a text has any length', [
    ["if (this.options.numericTexts !== 'bounded') return;", 'if (length > 0) return;'],
  ]),
  json('every long text is a number', [
    ['if (NUMERIC.test(this.text.slice(start, end))) throw', 'if (start < end) throw'],
  ]),
  json('what follows the document is ignored', [
    [
      "      case 'end':\n        throw this.malformed();",
      "      case 'end':\n        this.at = this.text.length;\n        return;",
    ],
  ]),
  json('a control character in a text is taken', [['} else if (code < SPACE) {', '} else if (code < 0) {']]),
  json('a text keeps its whole document in memory', [['return ` ${view}`.slice(1);', 'return view;']]),
  json('the keys of the row before are taken for those of this one', [
    [
      'if (usual === undefined || !this.text.startsWith(usual, this.at)) return null;',
      'if (usual === undefined) return null;',
    ],
  ]),

  check('any host is answered', [['if (host === undefined || !answers(host)) {', 'if (host === undefined) {']]),
  check('a request without a host is answered', [
    ['if (host === undefined || !answers(host)) {', 'if (host !== undefined && !answers(host)) {'],
  ]),
  check('the page that sends a request may be of any site', [
    ['if (origin !== undefined && !answers(hostOf(origin))) {', 'if (origin === null) {'],
  ]),
  check('a page without a site may send requests', [
    [
      'if (origin !== undefined && !answers(hostOf(origin))) {',
      "if (origin !== undefined && origin !== 'null' && !answers(hostOf(origin))) {",
    ],
  ]),
  check('addresses are answered on loopback too', [['(answersAddresses && isIpAddress(host))', 'isIpAddress(host)']]),
  check('addresses are answered nowhere', [[' || (answersAddresses && isIpAddress(host))', '']]),
  check('the name that it listens on is foreign', [
    ['new Set([listensOn, ...allowedHosts]', 'new Set([...allowedHosts]'],
  ]),
  check('names that are allowed are foreign', [['new Set([listensOn, ...allowedHosts]', 'new Set([listensOn]']]),
  check('names are held against their form', [
    ['[listensOn, ...allowedHosts].map(canonicalHost)', '[listensOn, ...allowedHosts]'],
  ]),
  check('loopback names are foreign', [['names.has(host) || isLoopback(host) ||', 'names.has(host) ||']]),
  host('a name that ends like localhost is loopback', [["host.endsWith('.localhost')", "host.endsWith('localhost')"]]),
  host('a name that begins like loopback is loopback', [['\\d{1,3}\\.\\d{1,3}$/;', '\\d{1,3}\\.\\d{1,3}/;']]),
  host('an address of anybody is loopback in IPv6', [['::ffff:7f[0-9a-f]{2}:', '::ffff:[0-9a-f]{1,4}:']]),
  host('loopback in IPv6 is foreign', [[" || host === '[::1]'", '']]),
  host('a host may hold another address', [['[^\\s/?#@\\\\:[\\]]+)', '[^\\s]+)']]),
  host('a final dot makes another name', [["hostname.endsWith('.') ? hostname.slice(0, -1) : hostname", 'hostname']]),
  host('IPv6 without brackets is no host', [
    ['const bare = isIP(text) === 6 ? `[${text}]` : text;', 'const bare = text;'],
  ]),
];
