CREATE TABLE "MarketState" (
	id INTEGER NOT NULL, 
	config_file_path TEXT NOT NULL, 
	market TEXT NOT NULL, 
	timestamp BIGINT NOT NULL, 
	saved_state JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "MarketState" VALUES(1,'conf_pure_mm.yml','binance_perpetual',1795867200250,'{"x-nbQe1H39BBTUT6a1": {"client_order_id": "x-nbQe1H39BBTUT6a1", "exchange_order_id": "8389765501", "trading_pair": "BTC-USDT", "order_type": "LIMIT", "trade_type": "BUY", "price": "55000.1", "amount": "0.1234567", "executed_amount_base": "0.023", "executed_amount_quote": "1265.0023", "last_state": "1", "leverage": "3", "position": "OPEN", "creation_timestamp": 1795867200.25, "last_update_timestamp": 1795867200.25, "order_fills": {"T1": {"trade_id": "T1", "client_order_id": "x-nbQe1H39BBTUT6a1", "exchange_order_id": "8389765501", "trading_pair": "BTC-USDT", "fill_timestamp": 1795867200.25, "fill_price": "55000.1", "fill_base_amount": "0.023", "fill_quote_amount": "1265.0023", "fee": {"fee_type": "AddedToCost", "percent": "0", "percent_token": null, "flat_fees": [{"token": "USDT", "amount": "0.01"}]}, "is_taker": true}}, "cumulative_fee_paid_base": 0.0, "cumulative_fee_paid_quote": 0.01}, "x-nbQe1H39SBTUT6a2": {"client_order_id": "x-nbQe1H39SBTUT6a2", "exchange_order_id": "8389765502", "trading_pair": "BTC-USDT", "order_type": "LIMIT", "trade_type": "SELL", "price": "65000", "amount": "0.05", "executed_amount_base": "0", "executed_amount_quote": "0", "last_state": "3", "leverage": "3", "position": "OPEN", "creation_timestamp": 1795867200.25, "last_update_timestamp": 1795867200.25, "order_fills": {}, "cumulative_fee_paid_base": 0.0, "cumulative_fee_paid_quote": 0.0}, "x-nbQe1H39SSHUT6a3": {"client_order_id": "x-nbQe1H39SSHUT6a3", "exchange_order_id": "8389765503", "trading_pair": "1000SHIB-USDT", "order_type": "LIMIT_MAKER", "trade_type": "SELL", "price": "0.0123456789", "amount": "70000", "executed_amount_base": "0", "executed_amount_quote": "0", "last_state": "1", "leverage": "3", "position": "OPEN", "creation_timestamp": 1795867200.25, "last_update_timestamp": 1795867200.25, "order_fills": {}, "cumulative_fee_paid_base": 0.0, "cumulative_fee_paid_quote": 0.0}, "x-nbQe1H39BETUT6a4": {"client_order_id": "x-nbQe1H39BETUT6a4", "exchange_order_id": null, "trading_pair": "ETH-USDT", "order_type": "LIMIT", "trade_type": "BUY", "price": "2900", "amount": "2", "executed_amount_base": "0", "executed_amount_quote": "0", "last_state": "0", "leverage": "3", "position": "OPEN", "creation_timestamp": 1795867200.25, "last_update_timestamp": 1795867200.25, "order_fills": {}, "cumulative_fee_paid_base": 0.0, "cumulative_fee_paid_quote": 0.0}, "x-nbQe1H39SETUT6a5": {"client_order_id": "x-nbQe1H39SETUT6a5", "exchange_order_id": "8389765505", "trading_pair": "ETH-USDT", "order_type": "MARKET", "trade_type": "SELL", "price": "NaN", "amount": "0.5", "executed_amount_base": "0.3", "executed_amount_quote": "900.0", "last_state": "1", "leverage": "3", "position": "OPEN", "creation_timestamp": 1795867200.25, "last_update_timestamp": 1795867200.25, "order_fills": {"T2": {"trade_id": "T2", "client_order_id": "x-nbQe1H39SETUT6a5", "exchange_order_id": "8389765505", "trading_pair": "ETH-USDT", "fill_timestamp": 1795867200.25, "fill_price": "3000", "fill_base_amount": "0.3", "fill_quote_amount": "900.0", "fee": {"fee_type": "AddedToCost", "percent": "0", "percent_token": null, "flat_fees": [{"token": "USDT", "amount": "0.01"}]}, "is_taker": true}}, "cumulative_fee_paid_base": 0.0, "cumulative_fee_paid_quote": 0.01}, "x-nbQe1H39BSOUT6a6": {"client_order_id": "x-nbQe1H39BSOUT6a6", "exchange_order_id": "8389765506", "trading_pair": "SOL-USDT", "order_type": "LIMIT", "trade_type": "BUY", "price": "150", "amount": "1.5", "executed_amount_base": "1.5", "executed_amount_quote": "225.0", "last_state": "1", "leverage": "3", "position": "OPEN", "creation_timestamp": 1795867200.25, "last_update_timestamp": 1795867200.25, "order_fills": {"T3": {"trade_id": "T3", "client_order_id": "x-nbQe1H39BSOUT6a6", "exchange_order_id": "8389765506", "trading_pair": "SOL-USDT", "fill_timestamp": 1795867200.25, "fill_price": "150", "fill_base_amount": "1.5", "fill_quote_amount": "225.0", "fee": {"fee_type": "AddedToCost", "percent": "0", "percent_token": null, "flat_fees": [{"token": "USDT", "amount": "0.01"}]}, "is_taker": true}}, "cumulative_fee_paid_base": 0.0, "cumulative_fee_paid_quote": 0.01}, "x-nbQe1H39SSOUT6a7": {"client_order_id": "x-nbQe1H39SSOUT6a7", "exchange_order_id": "8389765507", "trading_pair": "SOL-USDT", "order_type": "LIMIT", "trade_type": "SELL", "price": "151", "amount": "1.5", "executed_amount_base": "1.5", "executed_amount_quote": "226.5", "last_state": "1", "leverage": "3", "position": "OPEN", "creation_timestamp": 1795867200.25, "last_update_timestamp": 1795867200.25, "order_fills": {"T4": {"trade_id": "T4", "client_order_id": "x-nbQe1H39SSOUT6a7", "exchange_order_id": "8389765507", "trading_pair": "SOL-USDT", "fill_timestamp": 1795867200.25, "fill_price": "151", "fill_base_amount": "1.5", "fill_quote_amount": "226.5", "fee": {"fee_type": "AddedToCost", "percent": "0", "percent_token": null, "flat_fees": [{"token": "USDT", "amount": "0.01"}]}, "is_taker": true}}, "cumulative_fee_paid_base": 0.0, "cumulative_fee_paid_quote": 0.01}}');
CREATE TABLE "TradeFill" (
	config_file_path TEXT NOT NULL, 
	strategy TEXT NOT NULL, 
	market TEXT NOT NULL, 
	symbol TEXT NOT NULL, 
	base_asset TEXT NOT NULL, 
	quote_asset TEXT NOT NULL, 
	timestamp BIGINT NOT NULL, 
	order_id TEXT NOT NULL, 
	trade_type TEXT NOT NULL, 
	order_type TEXT NOT NULL, 
	price BIGINT NOT NULL, 
	amount BIGINT NOT NULL, 
	leverage INTEGER NOT NULL, 
	trade_fee JSON NOT NULL, 
	trade_fee_in_quote BIGINT, 
	exchange_trade_id TEXT NOT NULL, 
	position TEXT, 
	PRIMARY KEY (market, order_id, exchange_trade_id), 
	FOREIGN KEY(order_id) REFERENCES "Order" (id)
);
INSERT INTO "TradeFill" VALUES('conf_pure_mm.yml','pure_market_making','binance_perpetual','BTC-USDT','BTC','USDT',1795867200250,'x-nbQe1H39BBTUT6a1','BUY','LIMIT',55000100000,23000,1,'{"fee_type": "AddedToCost", "percent": "0", "percent_token": null, "flat_fees": [{"token": "USDT", "amount": "0.01"}]}',10000,'T1','NIL');
INSERT INTO "TradeFill" VALUES('conf_pure_mm.yml','pure_market_making','binance_perpetual','ETH-USDT','ETH','USDT',1795867200250,'x-nbQe1H39SETUT6a5','SELL','MARKET',3000000000,300000,1,'{"fee_type": "AddedToCost", "percent": "0", "percent_token": null, "flat_fees": [{"token": "USDT", "amount": "0.01"}]}',10000,'T2','NIL');
INSERT INTO "TradeFill" VALUES('conf_pure_mm.yml','pure_market_making','binance_perpetual','SOL-USDT','SOL','USDT',1795867200250,'x-nbQe1H39BSOUT6a6','BUY','LIMIT',150000000,1500000,1,'{"fee_type": "AddedToCost", "percent": "0", "percent_token": null, "flat_fees": [{"token": "USDT", "amount": "0.01"}]}',10000,'T3','NIL');
INSERT INTO "TradeFill" VALUES('conf_pure_mm.yml','pure_market_making','binance_perpetual','SOL-USDT','SOL','USDT',1795867200250,'x-nbQe1H39SSOUT6a7','SELL','LIMIT',151000000,1500000,1,'{"fee_type": "AddedToCost", "percent": "0", "percent_token": null, "flat_fees": [{"token": "USDT", "amount": "0.01"}]}',10000,'T4','NIL');
CREATE INDEX tf_config_timestamp_index ON "TradeFill" (config_file_path, timestamp);
CREATE INDEX tf_market_quote_asset_timestamp_index ON "TradeFill" (market, quote_asset, timestamp);
CREATE INDEX tf_market_base_asset_timestamp_index ON "TradeFill" (market, base_asset, timestamp);
CREATE INDEX tf_market_trading_pair_timestamp_index ON "TradeFill" (market, symbol, timestamp);
