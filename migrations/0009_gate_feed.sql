-- Tells the processes that serve trading gates which account changed, so that they read only that one. The payload is the
-- account's name. PostgreSQL sends it when the transaction commits, once per transaction and account.
CREATE FUNCTION plumbline.tell_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_catalog.pg_notify('plumbline_gate', NEW.account);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER account_added AFTER INSERT ON plumbline.account
  FOR EACH ROW EXECUTE FUNCTION plumbline.tell_gate();
--> statement-breakpoint
-- Every record of an account (a run, an acceptance, an intervention) moves one of its two chains, and a gate depends on
-- nothing else but signs of life. Those are frequent, and only the first one after a silence opens a gate.
CREATE TRIGGER account_changed AFTER UPDATE ON plumbline.account
  FOR EACH ROW WHEN (
    (OLD.last_sequence, OLD.trail_number, OLD.active, OLD.paused, OLD.policy::text, OLD.consecutive_failures,
     OLD.closing_interventions, OLD.call_due::text, OLD.last_success_at)
    IS DISTINCT FROM
    (NEW.last_sequence, NEW.trail_number, NEW.active, NEW.paused, NEW.policy::text, NEW.consecutive_failures,
     NEW.closing_interventions, NEW.call_due::text, NEW.last_success_at)
    OR (OLD.expected_at IS NULL) <> (NEW.expected_at IS NULL)
    OR OLD.expected_at < pg_catalog.clock_timestamp())
  EXECUTE FUNCTION plumbline.tell_gate();
--> statement-breakpoint
ALTER TABLE plumbline.account ENABLE ALWAYS TRIGGER account_added;
--> statement-breakpoint
ALTER TABLE plumbline.account ENABLE ALWAYS TRIGGER account_changed;
