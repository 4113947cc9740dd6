-- Which accounts each running worker knows, so that `plumbline apply` can refuse an account that none of them does. Unlogged: it is
-- worth a minute, and no proof.
CREATE UNLOGGED TABLE plumbline.worker (
  -- Process, host and a random part: each start is a worker of its own.
  worker text PRIMARY KEY,
  task_queue text NOT NULL,
  accounts json NOT NULL,
  -- SHA-256 of the configuration file in use.
  config_digest text NOT NULL,
  -- By the clock of this database.
  seen_at timestamptz NOT NULL
);
