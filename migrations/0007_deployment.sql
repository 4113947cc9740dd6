-- Which deployment this ledger is: made once, in each database another. It is in the memo of every workflow that is started
-- with this ledger, so that deployments which share a Temporal namespace leave each other's accounts alone.
CREATE TABLE plumbline.deployment (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  made_at timestamptz(3) NOT NULL DEFAULT now(),
  -- One row.
  single boolean PRIMARY KEY DEFAULT true CHECK (single)
);
--> statement-breakpoint
INSERT INTO plumbline.deployment DEFAULT VALUES;
--> statement-breakpoint
CREATE TRIGGER deployment_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plumbline.deployment
  FOR EACH STATEMENT EXECUTE FUNCTION plumbline.refuse_change();
--> statement-breakpoint
ALTER TABLE plumbline.deployment ENABLE ALWAYS TRIGGER deployment_is_append_only;
