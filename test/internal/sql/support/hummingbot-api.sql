-- Tables that the recipe reads, as SQLAlchemy creates them on PostgreSQL 15 (pg_dump --schema-only) from database/models.py of
-- github.com/hummingbot/hummingbot-api, commit ee7ce5c of 2026-06-29.
CREATE TABLE account_states (
    id integer NOT NULL,
    "timestamp" timestamp with time zone DEFAULT now() NOT NULL,
    account_name character varying NOT NULL,
    connector_name character varying NOT NULL
);
CREATE SEQUENCE account_states_id_seq AS integer START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
ALTER SEQUENCE account_states_id_seq OWNED BY account_states.id;
CREATE TABLE orders (
    id integer NOT NULL,
    client_order_id character varying NOT NULL,
    exchange_order_id character varying,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    account_name character varying NOT NULL,
    connector_name character varying NOT NULL,
    trading_pair character varying NOT NULL,
    trade_type character varying NOT NULL,
    order_type character varying NOT NULL,
    amount numeric(30,18) NOT NULL,
    price numeric(30,18),
    status character varying NOT NULL,
    filled_amount numeric(30,18) NOT NULL,
    average_fill_price numeric(30,18),
    fee_paid numeric(30,18),
    fee_currency character varying,
    error_message text
);
CREATE SEQUENCE orders_id_seq AS integer START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
ALTER SEQUENCE orders_id_seq OWNED BY orders.id;
ALTER TABLE ONLY account_states ALTER COLUMN id SET DEFAULT nextval('account_states_id_seq'::regclass);
ALTER TABLE ONLY orders ALTER COLUMN id SET DEFAULT nextval('orders_id_seq'::regclass);
ALTER TABLE ONLY account_states ADD CONSTRAINT account_states_pkey PRIMARY KEY (id);
ALTER TABLE ONLY orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX ix_orders_client_order_id ON orders USING btree (client_order_id);
