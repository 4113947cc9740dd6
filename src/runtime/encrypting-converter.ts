import { fileURLToPath } from 'node:url';
import { defaultPayloadConverter, type LoadedDataConverter, type PayloadCodec } from '@temporalio/common';
import { failureConverter } from './encrypted-failures.js';

/** Encrypts payloads, and the texts of failures with them. For clients. */
export function encryptingConverter(codec: PayloadCodec): LoadedDataConverter {
  return { payloadConverter: defaultPayloadConverter, failureConverter, payloadCodecs: [codec] };
}

/** The module with the failure converter. A worker loads it by its path, for its activities and for its workflows. */
export function failureConverterPath(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./encrypted-failures.${extension}`, import.meta.url));
}
