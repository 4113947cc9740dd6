/** The newest state that a bot pushed. */
export interface PushedState {
  /** The internal-state document as it came. */
  document: Uint8Array;
  /** SHA-256 of the document, hexadecimal. */
  sha256: string;
  /** When it came, by the database's clock. */
  receivedAt: Date;
  /** When this was read, by the same clock. */
  readAt: Date;
}
