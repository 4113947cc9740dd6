SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE TYPE public.tradingmode AS ENUM (
    'SPOT',
    'MARGIN',
    'FUTURES'
);
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public."KeyValueStore" (
    id integer NOT NULL,
    key character varying(50) NOT NULL,
    value_type character varying(20) NOT NULL,
    string_value character varying(255),
    datetime_value timestamp without time zone,
    float_value double precision,
    int_value integer
);
CREATE SEQUENCE public."KeyValueStore_id_seq"
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public."KeyValueStore_id_seq" OWNED BY public."KeyValueStore".id;
CREATE TABLE public.orders (
    id integer NOT NULL,
    ft_trade_id integer NOT NULL,
    ft_order_side character varying(25) NOT NULL,
    ft_pair character varying(25) NOT NULL,
    ft_is_open boolean NOT NULL,
    ft_amount double precision NOT NULL,
    ft_price double precision NOT NULL,
    ft_cancel_reason character varying(255),
    order_id character varying(255) NOT NULL,
    status character varying(255),
    symbol character varying(25),
    order_type character varying(50),
    side character varying(25),
    price double precision,
    average double precision,
    amount double precision,
    filled double precision,
    remaining double precision,
    cost double precision,
    stop_price double precision,
    order_date timestamp without time zone,
    order_filled_date timestamp without time zone,
    order_update_date timestamp without time zone,
    funding_fee double precision,
    ft_fee_base double precision,
    ft_order_tag character varying(255)
);
CREATE SEQUENCE public.orders_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.orders_id_seq OWNED BY public.orders.id;
CREATE TABLE public.pairlocks (
    id integer NOT NULL,
    pair character varying(25) NOT NULL,
    side character varying(25) NOT NULL,
    reason character varying(255),
    lock_time timestamp without time zone NOT NULL,
    lock_end_time timestamp without time zone NOT NULL,
    active boolean NOT NULL
);
CREATE SEQUENCE public.pairlocks_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.pairlocks_id_seq OWNED BY public.pairlocks.id;
CREATE TABLE public.trade_custom_data (
    id integer NOT NULL,
    ft_trade_id integer,
    cd_key character varying(255) NOT NULL,
    cd_type character varying(25) NOT NULL,
    cd_value text NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone
);
CREATE SEQUENCE public.trade_custom_data_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.trade_custom_data_id_seq OWNED BY public.trade_custom_data.id;
CREATE TABLE public.trades (
    id integer NOT NULL,
    exchange character varying(25) NOT NULL,
    pair character varying(25) NOT NULL,
    base_currency character varying(25),
    stake_currency character varying(25),
    is_open boolean NOT NULL,
    fee_open double precision NOT NULL,
    fee_open_cost double precision,
    fee_open_currency character varying(25),
    fee_close double precision NOT NULL,
    fee_close_cost double precision,
    fee_close_currency character varying(25),
    open_rate double precision NOT NULL,
    open_rate_requested double precision,
    open_trade_value double precision,
    close_rate double precision,
    close_rate_requested double precision,
    realized_profit double precision,
    close_profit double precision,
    close_profit_abs double precision,
    stake_amount double precision NOT NULL,
    max_stake_amount double precision,
    amount double precision NOT NULL,
    amount_requested double precision,
    open_date timestamp without time zone NOT NULL,
    close_date timestamp without time zone,
    stop_loss double precision,
    stop_loss_pct double precision,
    initial_stop_loss double precision,
    initial_stop_loss_pct double precision,
    is_stop_loss_trailing boolean NOT NULL,
    max_rate double precision,
    min_rate double precision,
    exit_reason character varying(255),
    exit_order_status character varying(100),
    strategy character varying(100),
    enter_tag character varying(255),
    timeframe integer,
    trading_mode public.tradingmode,
    amount_precision double precision,
    price_precision double precision,
    precision_mode integer,
    precision_mode_price integer,
    contract_size double precision,
    leverage double precision,
    is_short boolean NOT NULL,
    liquidation_price double precision,
    interest_rate double precision NOT NULL,
    funding_fees double precision,
    funding_fee_running double precision,
    record_version integer NOT NULL
);
CREATE SEQUENCE public.trades_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.trades_id_seq OWNED BY public.trades.id;
CREATE TABLE public.wallet_history (
    id integer NOT NULL,
    "timestamp" timestamp without time zone NOT NULL,
    currency character varying(25) NOT NULL,
    rate double precision,
    quote_currency character varying(25) NOT NULL,
    balance double precision NOT NULL,
    total_quote double precision,
    total_position_value double precision,
    collateral double precision,
    leverage double precision NOT NULL,
    bot_managed boolean NOT NULL
);
CREATE SEQUENCE public.wallet_history_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.wallet_history_id_seq OWNED BY public.wallet_history.id;
ALTER TABLE ONLY public."KeyValueStore" ALTER COLUMN id SET DEFAULT nextval('public."KeyValueStore_id_seq"'::regclass);
ALTER TABLE ONLY public.orders ALTER COLUMN id SET DEFAULT nextval('public.orders_id_seq'::regclass);
ALTER TABLE ONLY public.pairlocks ALTER COLUMN id SET DEFAULT nextval('public.pairlocks_id_seq'::regclass);
ALTER TABLE ONLY public.trade_custom_data ALTER COLUMN id SET DEFAULT nextval('public.trade_custom_data_id_seq'::regclass);
ALTER TABLE ONLY public.trades ALTER COLUMN id SET DEFAULT nextval('public.trades_id_seq'::regclass);
ALTER TABLE ONLY public.wallet_history ALTER COLUMN id SET DEFAULT nextval('public.wallet_history_id_seq'::regclass);
INSERT INTO public."KeyValueStore" VALUES (1, 'wallet_history_migration', 'int', NULL, NULL, NULL, 1);
INSERT INTO public."KeyValueStore" VALUES (2, 'wallet_history_migration_date', 'datetime', NULL, '2026-11-29 17:04:28.889364', NULL, NULL);
INSERT INTO public."KeyValueStore" VALUES (3, 'bot_start_time', 'datetime', NULL, '2026-11-29 17:04:28.893595', NULL, NULL);
INSERT INTO public."KeyValueStore" VALUES (4, 'startup_time', 'datetime', NULL, '2026-11-29 17:04:28.906163', NULL, NULL);
INSERT INTO public.orders VALUES (1, 1, 'buy', 'BTC/USDT:USDT', false, 0.03332777870354941, 60010, NULL, '8389765501', 'closed', 'BTC/USDT:USDT', 'limit', 'buy', 60010, 60000, 0.033, 0.033, 0, 1980, NULL, '2026-11-29 17:05:15.345', '2026-11-29 17:05:15.345', '2026-11-29 17:05:15.546581', 0, NULL, 'force_entry');
INSERT INTO public.orders VALUES (2, 1, 'stoploss', 'BTC/USDT:USDT', true, 0.033, 57000, NULL, '2146761', 'open', 'BTC/USDT:USDT', 'market', 'sell', NULL, NULL, 0.033, 0, 0.033, NULL, 56900.5, '2026-11-29 17:05:16.125', NULL, '2026-11-29 17:05:56.072129', NULL, NULL, NULL);
INSERT INTO public.orders VALUES (3, 2, 'sell', 'ETH/USDT:USDT', true, 0.6644518272425249, 3010, NULL, '8389765502', 'open', 'ETH/USDT:USDT', 'limit', 'sell', 3010, 3005, 0.664, 0.2, 0.464, 601, NULL, '2026-11-29 17:05:24.354', NULL, '2026-11-29 17:05:56.021978', NULL, NULL, 'force_entry');
INSERT INTO public.trades VALUES (1, 'binance', 'BTC/USDT:USDT', 'BTC', 'USDT', true, 0.0004, 0.396, 'USDT', 0.0004, NULL, NULL, 60000, 60010, 1980.792, NULL, NULL, 0, NULL, NULL, 990, 990, 0.033, 0.03332777870354941, '2026-11-29 17:05:15.361152', NULL, 57000, -0.1, 57000, -0.1, false, 60000, 60000, NULL, NULL, 'Quiet', 'force_entry', 1, 'FUTURES', 0.001, 0.1, 4, 4, 1, 2, false, NULL, 0, 0, 0, 2);
INSERT INTO public.trades VALUES (2, 'binance', 'ETH/USDT:USDT', 'ETH', 'USDT', true, 0.0002, NULL, NULL, 0.0002, NULL, NULL, 3010, 3010, 0, NULL, NULL, 0, NULL, NULL, 1000, 0, 0, 0.6644518272425249, '2026-11-29 17:05:24.358403', NULL, 3160.5, -0.1, 3160.5, -0.1, false, 0, NULL, NULL, NULL, 'Quiet', 'force_entry', 1, 'FUTURES', 0.001, 0.01, 4, 4, 1, 2, true, NULL, 0, 0, NULL, 2);
SELECT pg_catalog.setval('public."KeyValueStore_id_seq"', 5, false);
SELECT pg_catalog.setval('public.orders_id_seq', 4, false);
SELECT pg_catalog.setval('public.pairlocks_id_seq', 1, false);
SELECT pg_catalog.setval('public.trade_custom_data_id_seq', 1, false);
SELECT pg_catalog.setval('public.trades_id_seq', 3, false);
SELECT pg_catalog.setval('public.wallet_history_id_seq', 1, false);
ALTER TABLE ONLY public."KeyValueStore"
    ADD CONSTRAINT "KeyValueStore_pkey" PRIMARY KEY (id);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT _order_pair_order_id UNIQUE (ft_pair, order_id);
ALTER TABLE ONLY public.trade_custom_data
    ADD CONSTRAINT _trade_id_cd_key UNIQUE (ft_trade_id, cd_key);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.pairlocks
    ADD CONSTRAINT pairlocks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.trade_custom_data
    ADD CONSTRAINT trade_custom_data_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.trades
    ADD CONSTRAINT trades_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallet_history
    ADD CONSTRAINT unique_wallet_daily UNIQUE ("timestamp", currency);
ALTER TABLE ONLY public.wallet_history
    ADD CONSTRAINT wallet_history_pkey PRIMARY KEY (id);
CREATE INDEX "ix_KeyValueStore_key" ON public."KeyValueStore" USING btree (key);
CREATE INDEX ix_orders_ft_is_open ON public.orders USING btree (ft_is_open);
CREATE INDEX ix_orders_ft_trade_id ON public.orders USING btree (ft_trade_id);
CREATE INDEX ix_orders_order_id ON public.orders USING btree (order_id);
CREATE INDEX ix_pairlocks_active ON public.pairlocks USING btree (active);
CREATE INDEX ix_pairlocks_lock_end_time ON public.pairlocks USING btree (lock_end_time);
CREATE INDEX ix_pairlocks_pair ON public.pairlocks USING btree (pair);
CREATE INDEX ix_trade_custom_data_ft_trade_id ON public.trade_custom_data USING btree (ft_trade_id);
CREATE INDEX ix_trades_is_open ON public.trades USING btree (is_open);
CREATE INDEX ix_trades_pair ON public.trades USING btree (pair);
CREATE INDEX ix_wallet_history_timestamp ON public.wallet_history USING btree ("timestamp");
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_ft_trade_id_fkey FOREIGN KEY (ft_trade_id) REFERENCES public.trades(id);
ALTER TABLE ONLY public.trade_custom_data
    ADD CONSTRAINT trade_custom_data_ft_trade_id_fkey FOREIGN KEY (ft_trade_id) REFERENCES public.trades(id);
