import { LIMITS } from '../../domain/limits/limits.js';
import type { SnapshotBody } from './snapshot-body.js';

/** Of the texts they were stored as; in memory a body takes a few times as much. */
const MAX_CHARACTERS = LIMITS.recentBodies.value;

/**
 * The bodies that this process stored last, by the digests of their texts. An observation is judged where it was read,
 * nearly always: what is at hand there need not be loaded, unpacked and parsed again. The digest in the row is what
 * decides; a body that is not at hand comes from the database.
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
