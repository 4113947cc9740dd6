-- Who may do what in the ledger's database; safe to repeat. Run by the database's owner or an administrator.
SET client_min_messages = warning;

CREATE SCHEMA IF NOT EXISTS plumbline AUTHORIZATION plumbline_owner;
GRANT USAGE ON SCHEMA plumbline TO plumbline_worker, plumbline_reader;

-- For the tables that are there, and for those that migrations will bring. TRUNCATE and TRIGGER stay with the owner.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA plumbline TO plumbline_worker;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA plumbline TO plumbline_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA plumbline TO plumbline_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE plumbline_owner IN SCHEMA plumbline
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO plumbline_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE plumbline_owner IN SCHEMA plumbline
  GRANT USAGE, SELECT ON SEQUENCES TO plumbline_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE plumbline_owner IN SCHEMA plumbline
  GRANT SELECT ON TABLES TO plumbline_reader;
