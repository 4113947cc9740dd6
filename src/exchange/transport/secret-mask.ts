/** The part of the worker's one redactor that is needed here. */
export interface TextRedactor {
  text(text: string): string;
  /** Makes a value known, so that it is masked from now on. */
  add(secret: string): void;
}

/** Shorter texts are words of the protocol ("GET", "5000"), not secrets, and masking them would ruin the message. */
const SHORTEST_SECRET = 6;

/** Masks the secrets of the configuration and, besides them, those of one request (its signature, its headers). */
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
