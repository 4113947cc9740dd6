import { LIMITS } from '../../domain/limits/limits.js';
import type { SnapshotBody } from './snapshot-body.js';

/** Size of the texts as stored; in memory a body takes a few times as much. */
const MAX_CHARACTERS = LIMITS.recentBodies.value;

/**
 * The bodies that this process stored last, by the digests of their texts. An observation is nearly always judged where
 * it was read, so its bodies need not be loaded, decompressed and parsed again. The digest in the row decides; a body
 * that is not cached is loaded from the database.
 */
export class RecentBodies {
  /** Oldest first. */
  private readonly kept = new Map<string, { body: SnapshotBody; characters: number }>();
  private characters = 0;

  constructor(private readonly maxCharacters = MAX_CHARACTERS) {}

  keep(digest: string, body: SnapshotBody, characters: number): void {
    this.forget(digest);
    this.kept.set(digest, { body, characters });
    this.characters += characters;
    for (const oldest of this.kept.keys()) {
      if (this.characters <= this.maxCharacters) break;
      this.forget(oldest);
    }
  }

  find(digest: string): SnapshotBody | undefined {
    return this.kept.get(digest)?.body;
  }

  private forget(digest: string): void {
    this.characters -= this.kept.get(digest)?.characters ?? 0;
    this.kept.delete(digest);
  }
}
