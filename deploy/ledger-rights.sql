-- Who gets at the ledger's schema; safe to repeat. Run by the database's owner or an administrator. What each role may do with
-- each table is set by `plumbline migrate`, which knows its tables: see src/ledger/migrate/rights.ts.
SET client_min_messages = warning;

CREATE SCHEMA IF NOT EXISTS plumbline AUTHORIZATION plumbline_owner;
GRANT USAGE ON SCHEMA plumbline TO plumbline_worker, plumbline_reader;

-- Earlier versions let the worker change and delete in every table that a later migration would add.
ALTER DEFAULT PRIVILEGES FOR ROLE plumbline_owner IN SCHEMA plumbline
  REVOKE ALL ON TABLES FROM plumbline_worker, plumbline_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE plumbline_owner IN SCHEMA plumbline
  REVOKE ALL ON SEQUENCES FROM plumbline_worker, plumbline_reader;
