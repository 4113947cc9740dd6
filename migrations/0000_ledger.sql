-- The ledger: what was recorded, what it rests on, and totals that make reading it cheap. See docs/ledger.md.
-- Times carry milliseconds, the precision of every clock that writes here, so that what is hashed is what is stored.
-- JSON columns are json and not jsonb: the exact text stays, and \u0000 in an answer cannot make a verdict unrecordable.
CREATE SCHEMA IF NOT EXISTS plumbline;
--> statement-breakpoint
CREATE TABLE plumbline.account (
  account text PRIMARY KEY,
  exchange text NOT NULL,
  policy json NOT NULL,
  active boolean NOT NULL DEFAULT true,
  paused boolean NOT NULL DEFAULT false,
  registered_at timestamptz(3) NOT NULL,
  -- Totals, changed only in the transaction that records what they count.
  success_total bigint NOT NULL DEFAULT 0,
  failure_total bigint NOT NULL DEFAULT 0,
  discrepancy_total json NOT NULL DEFAULT '{}',
  open_discrepancies json NOT NULL DEFAULT '{}',
  consecutive_failures integer NOT NULL DEFAULT 0,
  open_interventions integer NOT NULL DEFAULT 0,
  last_run_number bigint NOT NULL DEFAULT 0,
  last_run_at timestamptz(3),
  last_success_at timestamptz(3),
  last_outcome text,
  -- Head of the account's event chain.
  last_sequence bigint NOT NULL DEFAULT 0,
  last_hash text NOT NULL DEFAULT repeat('0', 64),
  -- A call for a human that no intervention tells of yet, and the time of the newest reason that one does tell of.
  call_due json,
  called_at timestamptz(3)
);
--> statement-breakpoint
CREATE TABLE plumbline.run (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account text NOT NULL REFERENCES plumbline.account (account),
  workflow_run_id text NOT NULL,
  run_number bigint NOT NULL,
  trigger text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('matched', 'drifted', 'failed')),
  started_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3) NOT NULL,
  looks integer NOT NULL,
  discrepancies integer NOT NULL,
  unsettled json NOT NULL,
  compared json NOT NULL,
  not_compared json NOT NULL,
  ignored json NOT NULL,
  positions json,
  orders json,
  failure json,
  consecutive_failures integer NOT NULL,
  -- The first answer, given again to every later delivery of the same run.
  answer json NOT NULL,
  UNIQUE (account, workflow_run_id, run_number)
);
--> statement-breakpoint
CREATE INDEX run_newest ON plumbline.run (account, id DESC);
--> statement-breakpoint
CREATE INDEX run_by_number ON plumbline.run (account, run_number DESC, id DESC);
--> statement-breakpoint
CREATE INDEX run_clean ON plumbline.run (ended_at) WHERE outcome = 'matched';
--> statement-breakpoint
CREATE TABLE plumbline.snapshot_body (
  account text NOT NULL REFERENCES plumbline.account (account),
  -- SHA-256 of the uncompressed text, hex.
  digest text NOT NULL,
  -- zlib; the text is canonical JSON of the snapshot without its times.
  deflated bytea NOT NULL,
  PRIMARY KEY (account, digest)
);
--> statement-breakpoint
-- Compressed already: PostgreSQL need not try again.
ALTER TABLE plumbline.snapshot_body ALTER COLUMN deflated SET STORAGE EXTERNAL;
--> statement-breakpoint
CREATE TABLE plumbline.snapshot (
  id uuid PRIMARY KEY,
  account text NOT NULL,
  workflow_run_id text NOT NULL,
  run_number bigint NOT NULL,
  look integer NOT NULL,
  side text NOT NULL CHECK (side IN ('exchange', 'internal')),
  digest text NOT NULL,
  read_started_at bigint NOT NULL,
  read_ended_at bigint NOT NULL,
  as_of bigint NOT NULL,
  stored_at timestamptz(3) NOT NULL,
  UNIQUE (account, workflow_run_id, run_number, look, side),
  FOREIGN KEY (account, digest) REFERENCES plumbline.snapshot_body (account, digest)
);
--> statement-breakpoint
CREATE INDEX snapshot_by_body ON plumbline.snapshot (account, digest);
--> statement-breakpoint
CREATE TABLE plumbline.discrepancy (
  id uuid PRIMARY KEY,
  account text NOT NULL REFERENCES plumbline.account (account),
  identity text NOT NULL,
  type text NOT NULL,
  symbol text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'resolved')),
  description text NOT NULL,
  remedy text NOT NULL,
  difference json NOT NULL,
  opened_at timestamptz(3) NOT NULL,
  last_seen_at timestamptz(3) NOT NULL,
  resolved_at timestamptz(3),
  times_seen integer NOT NULL,
  opened_by_run bigint NOT NULL REFERENCES plumbline.run (id),
  resolved_by_run bigint REFERENCES plumbline.run (id),
  CHECK ((state = 'resolved') = (resolved_at IS NOT NULL AND resolved_by_run IS NOT NULL))
);
--> statement-breakpoint
-- One identity is open at most once. Hashed, because an identity may be longer than an index entry.
CREATE UNIQUE INDEX discrepancy_open ON plumbline.discrepancy (account, md5(identity)) WHERE state = 'open';
--> statement-breakpoint
CREATE INDEX discrepancy_newest ON plumbline.discrepancy (account, opened_at DESC);
--> statement-breakpoint
CREATE TABLE plumbline.sighting (
  run_id bigint NOT NULL REFERENCES plumbline.run (id),
  discrepancy_id uuid NOT NULL REFERENCES plumbline.discrepancy (id),
  -- The discrepancy's type in this run.
  type text NOT NULL,
  change text NOT NULL CHECK (change IN ('opened', 'seen', 'changed')),
  PRIMARY KEY (run_id, discrepancy_id)
);
--> statement-breakpoint
CREATE INDEX sighting_by_discrepancy ON plumbline.sighting (discrepancy_id);
--> statement-breakpoint
-- Keys that the last run left unsettled, and for how many runs in a row.
CREATE TABLE plumbline.unsettled (
  account text NOT NULL REFERENCES plumbline.account (account),
  identity text NOT NULL,
  runs_in_a_row integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX unsettled_once ON plumbline.unsettled (account, md5(identity));
--> statement-breakpoint
CREATE TABLE plumbline.event (
  account text NOT NULL REFERENCES plumbline.account (account),
  sequence bigint NOT NULL CHECK (sequence > 0),
  id uuid NOT NULL UNIQUE,
  type text NOT NULL,
  at timestamptz(3) NOT NULL,
  workflow_run_id text,
  run_number bigint,
  -- What makes a request of a person (pause, acknowledgement) count once.
  request_id text,
  payload json NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (account, sequence),
  FOREIGN KEY (account, workflow_run_id, run_number)
    REFERENCES plumbline.run (account, workflow_run_id, run_number)
);
--> statement-breakpoint
CREATE UNIQUE INDEX event_request ON plumbline.event (account, request_id) WHERE request_id IS NOT NULL;
--> statement-breakpoint
CREATE INDEX event_by_run ON plumbline.event (account, workflow_run_id, run_number);
--> statement-breakpoint
CREATE TABLE plumbline.intervention (
  id text PRIMARY KEY,
  account text NOT NULL REFERENCES plumbline.account (account),
  state text NOT NULL CHECK (state IN ('open', 'snoozed', 'acknowledged')),
  opened_at timestamptz(3) NOT NULL,
  reasons json NOT NULL,
  notified_times integer NOT NULL DEFAULT 0,
  snoozed_until timestamptz(3),
  snoozed_by text,
  snooze_note text,
  acknowledged_at timestamptz(3),
  acknowledged_by text,
  note text,
  CHECK ((state = 'acknowledged') = (acknowledged_at IS NOT NULL AND acknowledged_by IS NOT NULL AND note IS NOT NULL))
);
--> statement-breakpoint
CREATE INDEX intervention_newest ON plumbline.intervention (account, opened_at DESC);
--> statement-breakpoint
CREATE INDEX intervention_open ON plumbline.intervention (account) WHERE state <> 'acknowledged';
--> statement-breakpoint
CREATE TABLE plumbline.intervention_request (
  intervention_id text NOT NULL REFERENCES plumbline.intervention (id),
  request_id text NOT NULL,
  PRIMARY KEY (intervention_id, request_id)
);
--> statement-breakpoint
CREATE FUNCTION plumbline.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plumbline.event
  FOR EACH STATEMENT EXECUTE FUNCTION plumbline.refuse_change();
--> statement-breakpoint
CREATE TRIGGER run_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plumbline.run
  FOR EACH STATEMENT EXECUTE FUNCTION plumbline.refuse_change();
--> statement-breakpoint
CREATE TRIGGER sighting_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plumbline.sighting
  FOR EACH STATEMENT EXECUTE FUNCTION plumbline.refuse_change();
--> statement-breakpoint
-- ALWAYS: also in a session that plays a replica, where ordinary triggers are silent.
ALTER TABLE plumbline.event ENABLE ALWAYS TRIGGER event_is_append_only;
--> statement-breakpoint
ALTER TABLE plumbline.run ENABLE ALWAYS TRIGGER run_is_append_only;
--> statement-breakpoint
ALTER TABLE plumbline.sighting ENABLE ALWAYS TRIGGER sighting_is_append_only;
