-- Rights on the ledger's schema. Idempotent. Run by the database's owner or an administrator. `plumbline migrate`, which
-- knows the tables, sets what each role may do with them: see src/ledger/migrate/rights.ts.
SET client_min_messages = warning;

CREATE SCHEMA IF NOT EXISTS plumbline AUTHORIZATION plumbline_owner;
GRANT USAGE ON SCHEMA plumbline TO plumbline_worker, plumbline_serve, plumbline_reader;

-- Earlier versions let the worker change and delete in every table that a later migration would add.
ALTER DEFAULT PRIVILEGES FOR ROLE plumbline_owner IN SCHEMA plumbline
  REVOKE ALL ON TABLES FROM plumbline_worker, plumbline_serve, plumbline_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE plumbline_owner IN SCHEMA plumbline
  REVOKE ALL ON SEQUENCES FROM plumbline_worker, plumbline_serve, plumbline_reader;
