-- Tables that the recipe reads, as peewee 3.14.10 creates them on PostgreSQL 15 (pg_dump --schema-only) from jesse/models/Order.py
-- and LiveSession.py of github.com/jesse-ai/jesse 3.0.7, commit 682b171 of 2026-08-19.
CREATE TABLE livesession (
    id uuid NOT NULL,
    status character varying(255) NOT NULL,
    session_mode character varying(255) NOT NULL,
    exchange character varying(255) NOT NULL,
    state text,
    title character varying(255),
    description text,
    strategy_codes text,
    exception text,
    traceback text,
    finished_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE "order" (
    id uuid NOT NULL,
    trade_id uuid,
    session_id uuid NOT NULL,
    exchange_id character varying(255),
    vars json NOT NULL,
    symbol character varying(255) NOT NULL,
    exchange character varying(255) NOT NULL,
    side character varying(255) NOT NULL,
    type character varying(255) NOT NULL,
    reduce_only boolean NOT NULL,
    qty real NOT NULL,
    filled_qty real NOT NULL,
    price real,
    status character varying(255) NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    executed_at bigint,
    canceled_at bigint,
    session_mode character varying(255) NOT NULL,
    jesse_submitted boolean NOT NULL,
    submitted_via character varying(255),
    order_exist_in_exchange boolean NOT NULL,
    fee real
);
ALTER TABLE ONLY livesession ADD CONSTRAINT livesession_pkey PRIMARY KEY (id);
ALTER TABLE ONLY "order" ADD CONSTRAINT order_pkey PRIMARY KEY (id);
