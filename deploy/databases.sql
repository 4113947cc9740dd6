-- Roles, databases and rights; safe to repeat, so a changed password takes effect at the next `up`.
--
--   temporal          owns Temporal's two databases
--   plumbline_owner   owns the ledger: only `plumbline migrate` uses it
--   plumbline_worker  reads and writes the ledger's rows, but cannot change its tables or switch off its triggers
--   plumbline_reader  reads the ledger: `plumbline serve`

-- No statement that holds a password goes to the server's log, not even one that fails.
SET log_min_error_statement = panic;
SET log_min_duration_statement = -1;
SET log_statement = none;

\if :{?secrets}
\else
  \set secrets /run/secrets
\endif
\setenv SECRETS :secrets
\set temporal_password `cat "$SECRETS/temporal_password"`
\set owner_password `cat "$SECRETS/ledger_owner_password"`
\set worker_password `cat "$SECRETS/ledger_worker_password"`
\set reader_password `cat "$SECRETS/ledger_reader_password"`

SELECT format('CREATE ROLE %I LOGIN', role)
FROM unnest(ARRAY['temporal', 'plumbline_owner', 'plumbline_worker', 'plumbline_reader']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec

ALTER ROLE temporal PASSWORD :'temporal_password';
ALTER ROLE plumbline_owner PASSWORD :'owner_password';
ALTER ROLE plumbline_worker PASSWORD :'worker_password';
ALTER ROLE plumbline_reader PASSWORD :'reader_password';
ALTER ROLE plumbline_reader SET default_transaction_read_only = on;

SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8''', name, owner)
FROM (VALUES ('temporal', 'temporal'), ('temporal_visibility', 'temporal'), ('plumbline', 'plumbline_owner')) AS wanted (name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec

-- Each role keeps to its own database.
REVOKE CONNECT, TEMPORARY ON DATABASE postgres, temporal, temporal_visibility, plumbline FROM PUBLIC;
GRANT CONNECT ON DATABASE plumbline TO plumbline_worker, plumbline_reader;

\connect plumbline
CREATE SCHEMA IF NOT EXISTS plumbline AUTHORIZATION plumbline_owner;
GRANT USAGE ON SCHEMA plumbline TO plumbline_worker, plumbline_reader;
-- For the tables that are there, and for those that migrations will bring.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA plumbline TO plumbline_worker;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA plumbline TO plumbline_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA plumbline TO plumbline_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE plumbline_owner IN SCHEMA plumbline
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO plumbline_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE plumbline_owner IN SCHEMA plumbline
  GRANT USAGE, SELECT ON SEQUENCES TO plumbline_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE plumbline_owner IN SCHEMA plumbline
  GRANT SELECT ON TABLES TO plumbline_reader;
