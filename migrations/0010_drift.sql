-- What the drift policy decided on a discrepancy (action, gate, rule, price and value), and whether it closes the trading
-- gate. Both null: the policy had no rules for drifts, so the account's `interveneOn` decides.
ALTER TABLE plumbline.discrepancy
  ADD COLUMN decision json,
  ADD COLUMN closes_gate boolean,
  ADD CONSTRAINT discrepancy_decision CHECK ((decision IS NULL) = (closes_gate IS NULL));
--> statement-breakpoint
-- Counts what stands, by type, by whether it is accepted and by whether it closes the gate, without reading the rows.
DROP INDEX plumbline.discrepancy_standing;
--> statement-breakpoint
CREATE INDEX discrepancy_standing ON plumbline.discrepancy (account, type, accepted_until, closes_gate) WHERE state = 'open';
--> statement-breakpoint
DROP TRIGGER discrepancy_needs_record ON plumbline.discrepancy;
--> statement-breakpoint
-- Not for last_seen_at and times_seen: a run that sees thousands again would pay for each.
CREATE CONSTRAINT TRIGGER discrepancy_needs_record AFTER UPDATE ON plumbline.discrepancy DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (
    (OLD.type, OLD.symbol, OLD.state, OLD.accepted_by, OLD.accepted_note, OLD.accepted_at, OLD.accepted_until,
     OLD.description, OLD.remedy, OLD.decision::text, OLD.closes_gate)
    IS DISTINCT FROM
    (NEW.type, NEW.symbol, NEW.state, NEW.accepted_by, NEW.accepted_note, NEW.accepted_at, NEW.accepted_until,
     NEW.description, NEW.remedy, NEW.decision::text, NEW.closes_gate))
  EXECUTE FUNCTION plumbline.require_record();
--> statement-breakpoint
ALTER TABLE plumbline.discrepancy ENABLE ALWAYS TRIGGER discrepancy_needs_record;
