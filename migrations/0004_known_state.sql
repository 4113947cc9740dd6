-- Whether the present streak of failed runs has called a human, and by when the account's workflow is to show its next sign
-- of life: null while it is paused or stopped, and before its workflow says so for the first time.
ALTER TABLE plumbline.account
  ADD COLUMN streak_called boolean NOT NULL DEFAULT false,
  ADD COLUMN expected_at timestamptz(3);
--> statement-breakpoint
-- Payloads are canonical JSON, whose keys are sorted: "action" is the first key of a call.
UPDATE plumbline.account SET streak_called = true
WHERE consecutive_failures > 0 AND EXISTS (
  SELECT FROM plumbline.event call
  WHERE call.account = account.account AND call.type = 'MANUAL_INTERVENTION'
    AND call.payload::text LIKE '{"action":"RECONCILIATION_FAILURE_THRESHOLD"%'
    AND call.sequence > coalesce((
      SELECT max(completed.sequence) FROM plumbline.event completed
      WHERE completed.account = account.account AND completed.type = 'RECONCILIATION_COMPLETED'), 0));
--> statement-breakpoint
-- The account that each execution of a workflow in Temporal belongs to.
CREATE TABLE plumbline.execution (
  workflow_run_id text PRIMARY KEY,
  account text NOT NULL REFERENCES plumbline.account (account)
);
--> statement-breakpoint
INSERT INTO plumbline.execution (workflow_run_id, account)
SELECT DISTINCT ON (workflow_run_id) workflow_run_id, account FROM plumbline.run ORDER BY workflow_run_id, id;
--> statement-breakpoint
CREATE TRIGGER execution_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plumbline.execution
  FOR EACH STATEMENT EXECUTE FUNCTION plumbline.refuse_change();
--> statement-breakpoint
ALTER TABLE plumbline.execution ENABLE ALWAYS TRIGGER execution_is_append_only;
--> statement-breakpoint
-- Who accepts an open discrepancy as it is, until when and why; all four null where nobody does.
ALTER TABLE plumbline.discrepancy
  ADD COLUMN accepted_by text,
  ADD COLUMN accepted_note text,
  ADD COLUMN accepted_at timestamptz(3),
  ADD COLUMN accepted_until timestamptz(3),
  ADD CHECK (num_nulls(accepted_by, accepted_note, accepted_at, accepted_until) IN (0, 4)),
  ADD CHECK (state = 'open' OR accepted_by IS NULL);
--> statement-breakpoint
-- Counts what stands, by type and by whether it is accepted, without reading the rows.
CREATE INDEX discrepancy_standing ON plumbline.discrepancy (account, type, accepted_until) WHERE state = 'open';
--> statement-breakpoint
-- Finds who paused an account last.
CREATE INDEX event_pause ON plumbline.event (account, sequence) WHERE type = 'RECONCILIATION_PAUSED';
