-- The outbox of notifications: one row for each message that an intervention wants on a channel. Rows are never deleted.
CREATE TABLE plumbline.notification (
  id text PRIMARY KEY,
  account text NOT NULL REFERENCES plumbline.account (account),
  exchange text NOT NULL,
  -- No reference: a notification may be wanted before its intervention is recorded.
  intervention_id text NOT NULL,
  channel text NOT NULL,
  occasion text NOT NULL,
  severity text NOT NULL CONSTRAINT notification_severity CHECK (severity IN ('notify', 'page')),
  opened_at timestamptz(3) NOT NULL,
  reasons json NOT NULL,
  -- Notifications of one channel and occasion with the same value may be sent as one message. Null: alone.
  group_key text,
  wanted_at timestamptz(3) NOT NULL,
  -- The key of the message: a hash of the ids of all its members, so that a batch cannot change unseen.
  batch_key text,
  -- Who sends the batch has until then.
  leased_until timestamptz(3),
  failed_attempts integer NOT NULL DEFAULT 0,
  failure json,
  delivered_at timestamptz(3),
  -- The key with which it was delivered: that of its batch, or its own if it was sent while the ledger was unreachable.
  delivered_key text,
  receipt text,
  thread text,
  CONSTRAINT notification_delivered CHECK ((delivered_at IS NULL) = (delivered_key IS NULL)),
  CONSTRAINT notification_receipt CHECK (delivered_at IS NOT NULL OR (receipt IS NULL AND thread IS NULL))
);
--> statement-breakpoint
CREATE INDEX notification_newest ON plumbline.notification (account, wanted_at DESC, id DESC);
--> statement-breakpoint
CREATE INDEX notification_waiting ON plumbline.notification (channel, group_key, occasion, wanted_at)
  WHERE batch_key IS NULL;
--> statement-breakpoint
CREATE INDEX notification_of_batch ON plumbline.notification (batch_key);
--> statement-breakpoint
CREATE INDEX notification_of_intervention ON plumbline.notification (intervention_id, wanted_at DESC);
--> statement-breakpoint
-- Totals of the rows above by channel, so that a scrape of the metrics reads a few rows.
CREATE TABLE plumbline.channel (
  channel text PRIMARY KEY,
  delivered_total bigint NOT NULL DEFAULT 0,
  failure_total bigint NOT NULL DEFAULT 0,
  last_success_at timestamptz(3)
);
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER notification_needs_record AFTER UPDATE ON plumbline.notification DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (
    (OLD.delivered_at, OLD.delivered_key, OLD.receipt, OLD.thread)
    IS DISTINCT FROM
    (NEW.delivered_at, NEW.delivered_key, NEW.receipt, NEW.thread))
  EXECUTE FUNCTION plumbline.require_record();
--> statement-breakpoint
ALTER TABLE plumbline.notification ENABLE ALWAYS TRIGGER notification_needs_record;
--> statement-breakpoint
-- Open interventions of which a reason closes the trading gate. All reasons of earlier versions do.
ALTER TABLE plumbline.account ADD COLUMN closing_interventions integer NOT NULL DEFAULT 0;
--> statement-breakpoint
DROP TRIGGER account_needs_record ON plumbline.account;
--> statement-breakpoint
UPDATE plumbline.account SET closing_interventions = open_interventions WHERE open_interventions <> 0;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER account_needs_record AFTER UPDATE ON plumbline.account DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (
    (OLD.exchange, OLD.policy::text, OLD.active, OLD.paused, OLD.registered_at, OLD.success_total, OLD.failure_total,
     OLD.discrepancy_total::text, OLD.open_discrepancies::text, OLD.consecutive_failures, OLD.open_interventions,
     OLD.closing_interventions, OLD.last_run_number, OLD.last_run_at, OLD.last_success_at, OLD.last_outcome,
     OLD.last_sequence, OLD.last_hash, OLD.call_due::text, OLD.called_at, OLD.inspection::text, OLD.streak_called,
     OLD.trail_number, OLD.trail_hash)
    IS DISTINCT FROM
    (NEW.exchange, NEW.policy::text, NEW.active, NEW.paused, NEW.registered_at, NEW.success_total, NEW.failure_total,
     NEW.discrepancy_total::text, NEW.open_discrepancies::text, NEW.consecutive_failures, NEW.open_interventions,
     NEW.closing_interventions, NEW.last_run_number, NEW.last_run_at, NEW.last_success_at, NEW.last_outcome,
     NEW.last_sequence, NEW.last_hash, NEW.call_due::text, NEW.called_at, NEW.inspection::text, NEW.streak_called,
     NEW.trail_number, NEW.trail_hash))
  EXECUTE FUNCTION plumbline.require_record();
--> statement-breakpoint
ALTER TABLE plumbline.account ENABLE ALWAYS TRIGGER account_needs_record;
