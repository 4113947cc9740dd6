-- Roles and databases. Idempotent, so a changed password takes effect at the next `up`. For psql.
--
--   temporal          owns Temporal's two databases
--   plumbline_owner   owns the ledger: only `plumbline migrate` uses it
--   plumbline_worker  reads the ledger, adds to it and changes the rows of what is open; src/ledger/migrate/rights.ts lists the columns
--   plumbline_serve   reads the ledger and records what people do: `plumbline serve`
--   plumbline_reader  reads the ledger: dashboards and reports of your own

-- No statement that contains a password is written to the server's log, even if it fails.
SET log_min_error_statement = panic;
SET log_min_duration_statement = -1;
SET log_statement = none;
SET client_min_messages = warning;

\set temporal_password `cat "$SECRETS/temporal_password"`
\set owner_password `cat "$SECRETS/ledger_owner_password"`
\set worker_password `cat "$SECRETS/ledger_worker_password"`
\set serve_password `cat "$SECRETS/ledger_serve_password"`
\set reader_password `cat "$SECRETS/ledger_reader_password"`

SELECT format('CREATE ROLE %I LOGIN', role)
FROM unnest(ARRAY['temporal', 'plumbline_owner', 'plumbline_worker', 'plumbline_serve', 'plumbline_reader']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec

ALTER ROLE temporal PASSWORD :'temporal_password';
ALTER ROLE plumbline_owner PASSWORD :'owner_password';
ALTER ROLE plumbline_worker PASSWORD :'worker_password';
ALTER ROLE plumbline_serve PASSWORD :'serve_password';
ALTER ROLE plumbline_reader PASSWORD :'reader_password';

SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8''', name, owner)
FROM (VALUES ('temporal', 'temporal'), ('temporal_visibility', 'temporal'), ('plumbline', 'plumbline_owner'))
  AS wanted (name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec

-- Each role may use only its own database.
REVOKE CONNECT, TEMPORARY ON DATABASE postgres, temporal, temporal_visibility, plumbline FROM PUBLIC;
GRANT CONNECT ON DATABASE plumbline TO plumbline_worker, plumbline_serve, plumbline_reader;

\connect plumbline
\ir ledger-rights.sql
