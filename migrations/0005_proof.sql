-- The trail: changes that no event tells of (an intervention and its reasons, what a key was found to do, the anchor of what
-- was recorded before this migration). A chain of its own per account, whose head the events of runs hold.
CREATE TABLE plumbline.trail (
  account text NOT NULL REFERENCES plumbline.account (account),
  number bigint NOT NULL CHECK (number > 0),
  kind text NOT NULL,
  at timestamptz(3) NOT NULL,
  payload json NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (account, number)
);
--> statement-breakpoint
ALTER TABLE plumbline.account
  ADD COLUMN trail_number bigint NOT NULL DEFAULT 0,
  ADD COLUMN trail_hash text NOT NULL DEFAULT repeat('0', 64);
--> statement-breakpoint
-- Every account that was ever registered, as a chain, so that one that is removed with all its rows leaves a gap.
CREATE TABLE plumbline.roster (
  number bigint PRIMARY KEY CHECK (number > 0),
  account text NOT NULL UNIQUE REFERENCES plumbline.account (account),
  hash text NOT NULL
);
--> statement-breakpoint
-- The last of them. One row.
CREATE TABLE plumbline.roster_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  number bigint NOT NULL,
  hash text NOT NULL
);
--> statement-breakpoint
INSERT INTO plumbline.roster_head (number, hash) VALUES (0, repeat('0', 64));
--> statement-breakpoint
CREATE TRIGGER trail_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plumbline.trail
  FOR EACH STATEMENT EXECUTE FUNCTION plumbline.refuse_change();
--> statement-breakpoint
CREATE TRIGGER roster_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plumbline.roster
  FOR EACH STATEMENT EXECUTE FUNCTION plumbline.refuse_change();
--> statement-breakpoint
CREATE TRIGGER request_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plumbline.intervention_request
  FOR EACH STATEMENT EXECUTE FUNCTION plumbline.refuse_change();
--> statement-breakpoint
ALTER TABLE plumbline.trail ENABLE ALWAYS TRIGGER trail_is_append_only;
--> statement-breakpoint
ALTER TABLE plumbline.roster ENABLE ALWAYS TRIGGER roster_is_append_only;
--> statement-breakpoint
ALTER TABLE plumbline.intervention_request ENABLE ALWAYS TRIGGER request_is_append_only;
--> statement-breakpoint
-- What people act on changes only in a transaction that appends to one of the account's chains. The owner of the tables is
-- exempt: only migrations and repairs by hand use that role.
CREATE FUNCTION plumbline.require_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_catalog.pg_has_role(current_user, (SELECT relowner FROM pg_catalog.pg_class WHERE oid = TG_RELID), 'USAGE') THEN
    RETURN NULL;
  END IF;
  IF (SELECT xmin FROM plumbline.event WHERE account = NEW.account ORDER BY sequence DESC LIMIT 1)
     = pg_catalog.pg_current_xact_id()::xid THEN
    RETURN NULL;
  END IF;
  IF (SELECT xmin FROM plumbline.trail WHERE account = NEW.account ORDER BY number DESC LIMIT 1)
     = pg_catalog.pg_current_xact_id()::xid THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'a change of %.% without a record of it is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
-- Signs of life (expected_at) need no record.
CREATE CONSTRAINT TRIGGER account_needs_record AFTER UPDATE ON plumbline.account DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (
    (OLD.exchange, OLD.policy::text, OLD.active, OLD.paused, OLD.registered_at, OLD.success_total, OLD.failure_total,
     OLD.discrepancy_total::text, OLD.open_discrepancies::text, OLD.consecutive_failures, OLD.open_interventions,
     OLD.last_run_number, OLD.last_run_at, OLD.last_success_at, OLD.last_outcome, OLD.last_sequence, OLD.last_hash,
     OLD.call_due::text, OLD.called_at, OLD.inspection::text, OLD.streak_called, OLD.trail_number, OLD.trail_hash)
    IS DISTINCT FROM
    (NEW.exchange, NEW.policy::text, NEW.active, NEW.paused, NEW.registered_at, NEW.success_total, NEW.failure_total,
     NEW.discrepancy_total::text, NEW.open_discrepancies::text, NEW.consecutive_failures, NEW.open_interventions,
     NEW.last_run_number, NEW.last_run_at, NEW.last_success_at, NEW.last_outcome, NEW.last_sequence, NEW.last_hash,
     NEW.call_due::text, NEW.called_at, NEW.inspection::text, NEW.streak_called, NEW.trail_number, NEW.trail_hash))
  EXECUTE FUNCTION plumbline.require_record();
--> statement-breakpoint
-- Not for last_seen_at and times_seen: a run that sees thousands again would pay for each.
CREATE CONSTRAINT TRIGGER discrepancy_needs_record AFTER UPDATE ON plumbline.discrepancy DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (
    (OLD.type, OLD.symbol, OLD.state, OLD.accepted_by, OLD.accepted_note, OLD.accepted_at, OLD.accepted_until,
     OLD.description, OLD.remedy)
    IS DISTINCT FROM
    (NEW.type, NEW.symbol, NEW.state, NEW.accepted_by, NEW.accepted_note, NEW.accepted_at, NEW.accepted_until,
     NEW.description, NEW.remedy))
  EXECUTE FUNCTION plumbline.require_record();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER intervention_needs_record AFTER UPDATE ON plumbline.intervention DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION plumbline.require_record();
--> statement-breakpoint
ALTER TABLE plumbline.account ENABLE ALWAYS TRIGGER account_needs_record;
--> statement-breakpoint
ALTER TABLE plumbline.discrepancy ENABLE ALWAYS TRIGGER discrepancy_needs_record;
--> statement-breakpoint
ALTER TABLE plumbline.intervention ENABLE ALWAYS TRIGGER intervention_needs_record;
