export { exactJson, type ExactJson } from '../../domain/text/exact-json.js';
