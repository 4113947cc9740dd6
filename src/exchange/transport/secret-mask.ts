/** The part of the worker's redactor that is used here. */
export interface TextRedactor {
  text(text: string): string;
  /** Registers a secret, so that it is masked from now on. */
  add(secret: string): void;
}

/** Shorter texts are words of the protocol ("GET", "5000"), not secrets. Masking them would spoil the message. */
const SHORTEST_SECRET = 6;

/** Masks the configured secrets and those of one request (its signature, its headers). */
export class SecretMask {
  constructor(private readonly redactor: TextRedactor) {}

  text(text: string, secretsOfRequest: readonly string[] = []): string {
    let masked = text;
    for (const secret of secretsOfRequest) {
      if (secret.length < SHORTEST_SECRET) continue;
      masked = masked.replaceAll(secret, '[redacted]').replaceAll(encodeURIComponent(secret), '[redacted]');
    }
    return this.redactor.text(masked);
  }
}
