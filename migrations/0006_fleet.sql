-- In the order in which they were stored: pruning walks from where it ended. It takes the place of the index on the end of
-- clean runs, whose evidence is long gone in most cases.
CREATE INDEX snapshot_oldest ON plumbline.snapshot (stored_at, id);
--> statement-breakpoint
DROP INDEX plumbline.run_clean;
