"""Records what a live NautilusTrader node writes to Redis, for the tests of the source `kind: nautilus`.

Needs Python 3.12, `pip install nautilus_trader==1.231.0 redis` and an empty Redis:

    python record.py 127.0.0.1:6379 msgpack recorded/msgpack.json
    python record.py 127.0.0.1:6379 json recorded/json.json

The node is real: its cache and message bus write to Redis, its strategies trade on NautilusTrader's own sandbox venue. What the
exchange would report of orders and positions that the bot did not open is handed to its reconciliation.
"""

import asyncio
import base64
import json
import sys
from decimal import Decimal

import redis
from nautilus_trader.adapters.sandbox.config import SandboxExecutionClientConfig
from nautilus_trader.adapters.sandbox.factory import SandboxLiveExecClientFactory
from nautilus_trader.cache.config import CacheConfig
from nautilus_trader.common.config import DatabaseConfig, LoggingConfig
from nautilus_trader.config import LiveExecEngineConfig, MessageBusConfig, StrategyConfig, TradingNodeConfig
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.reports import OrderStatusReport, PositionStatusReport
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.currencies import Currency, USDT
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import OrderSide, OrderStatus, OrderType, PositionSide, TimeInForce, TriggerType
from nautilus_trader.model.identifiers import AccountId, InstrumentId, Symbol, TraderId, VenueOrderId
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

ADDRESS, ENCODING, FILE = sys.argv[1:4]
HOST, PORT = ADDRESS.split(":")
BTC = TestInstrumentProvider.btcusdt_perp_binance()
DOGE = CryptoPerpetual(  # OKX counts contracts: one is 1000 DOGE.
    instrument_id=InstrumentId.from_str("DOGE-USDT-SWAP.OKX"), raw_symbol=Symbol("DOGE-USDT-SWAP"),
    base_currency=Currency.from_str("DOGE"), quote_currency=USDT, settlement_currency=USDT, is_inverse=False,
    price_precision=5, size_precision=2, price_increment=Price.from_str("0.00001"), size_increment=Quantity.from_str("0.01"),
    multiplier=Quantity.from_int(1000), ts_event=0, ts_init=0,
    margin_init=Decimal("0.05"), margin_maint=Decimal("0.03"), maker_fee=Decimal("0.0002"), taker_fee=Decimal("0.0005"))


class Trend(Strategy):
    def trade(self):
        qty, price = BTC.make_qty, BTC.make_price
        new = self.order_factory
        self.submit_order(new.market(BTC.id, OrderSide.BUY, qty(Decimal("0.5"))))
        self.resting = new.limit(BTC.id, OrderSide.BUY, qty(Decimal("0.1")), price(49000))
        self.submit_order(self.resting)
        self.submit_order(new.stop_market(BTC.id, OrderSide.SELL, qty(Decimal("0.5")), price(45000), trigger_type=TriggerType.LAST_PRICE))
        self.submit_order(new.stop_limit(BTC.id, OrderSide.SELL, qty(Decimal("0.2")), price(44900), price(45100)))
        self.submit_order(new.trailing_stop_market(BTC.id, OrderSide.SELL, qty(Decimal("0.1")), trailing_offset=Decimal(100), trigger_price=price(44000)))
        self.submit_order(new.limit(BTC.id, OrderSide.SELL, qty(Decimal("0.2")), price(50100)))
        self.cancelled = new.limit(BTC.id, OrderSide.BUY, qty(Decimal("0.3")), price(47000))
        self.submit_order(self.cancelled)
        self.submit_order(new.limit(BTC.id, OrderSide.SELL, qty(Decimal("0.4")), price(60000), emulation_trigger=TriggerType.LAST_PRICE))
        self.submit_order(new.limit(BTC.id, OrderSide.BUY, qty(Decimal("0.001")), price(1), post_only=True, reduce_only=True))
        self.submit_order(new.market(DOGE.id, OrderSide.SELL, Quantity.from_str("0.03")))

    def change(self):
        self.modify_order(self.resting, quantity=BTC.make_qty(Decimal("0.15")), price=BTC.make_price(48500))
        self.cancel_order(self.cancelled)


class Hedge(Strategy):
    def trade(self):
        self.submit_order(self.order_factory.market(BTC.id, OrderSide.SELL, BTC.make_qty(Decimal("0.05"))))
        self.submit_order(self.order_factory.market(BTC.id, OrderSide.SELL, BTC.make_qty(Decimal("0.01"))))

    def reopen(self):
        """Closes the position, and opens the next one under the same id."""
        self.submit_order(self.order_factory.market(BTC.id, OrderSide.BUY, BTC.make_qty(Decimal("0.06"))))
        self.submit_order(self.order_factory.market(BTC.id, OrderSide.SELL, BTC.make_qty(Decimal("0.02"))))


def quote(node, instrument, bid, ask, bid_size):
    now = node.kernel.clock.timestamp_ns()
    tick = QuoteTick(instrument.id, instrument.make_price(bid), instrument.make_price(ask),
                     Quantity(Decimal(bid_size), instrument.size_precision), Quantity(10, instrument.size_precision), now, now)
    node.kernel.data_engine.process(tick)


def adopt(node):
    """What the exchange reports of others: an order, and a position that is 0.25 larger than the bot's."""
    now, account = node.kernel.clock.timestamp_ns(), AccountId("BINANCE-001")
    node.kernel.exec_engine.reconcile_execution_report(OrderStatusReport(
        account_id=account, instrument_id=BTC.id, venue_order_id=VenueOrderId("4711"), order_side=OrderSide.BUY,
        order_type=OrderType.LIMIT, time_in_force=TimeInForce.GTC, order_status=OrderStatus.ACCEPTED, price=BTC.make_price(30000),
        quantity=BTC.make_qty(1), filled_qty=BTC.make_qty(0), report_id=UUID4(), ts_accepted=now, ts_last=now, ts_init=now))
    held = node.kernel.cache.positions_open(instrument_id=BTC.id)
    node.kernel.exec_engine.reconcile_execution_report(PositionStatusReport(
        account_id=account, instrument_id=BTC.id, position_side=PositionSide.LONG,
        quantity=BTC.make_qty(sum((p.signed_decimal_qty() for p in held), Decimal(0)) + Decimal("0.25")),
        report_id=UUID4(), ts_last=now, ts_init=now))


async def main():
    database = DatabaseConfig(type="redis", host=HOST, port=int(PORT))
    node = TradingNode(config=TradingNodeConfig(
        trader_id=TraderId("PROBE-001"), logging=LoggingConfig(log_level="ERROR"),
        cache=CacheConfig(database=database, encoding=ENCODING),
        message_bus=MessageBusConfig(database=database, heartbeat_interval_secs=1, types_filter=[QuoteTick]),
        exec_engine=LiveExecEngineConfig(reconciliation=False, inflight_check_interval_ms=0),
        exec_clients={
            venue: SandboxExecutionClientConfig(venue=venue, starting_balances=["1_000_000 USDT"], reject_stop_orders=False)
            for venue in ("BINANCE", "OKX")
        }))
    for venue in ("BINANCE", "OKX"):
        node.add_exec_client_factory(venue, SandboxLiveExecClientFactory)
    for instrument in (BTC, DOGE):
        node.kernel.cache.add_instrument(instrument)
    trend = Trend(StrategyConfig(strategy_id="TREND", order_id_tag="001"))
    hedge = Hedge(StrategyConfig(strategy_id="HEDGE", order_id_tag="002"))
    node.trader.add_strategies([trend, hedge])
    node.build()
    running = asyncio.create_task(node.run_async())
    await asyncio.sleep(2)
    quote(node, BTC, 50000, 50001, "10"), quote(node, DOGE, "0.1", "0.10001", "10")
    await asyncio.sleep(0.3)
    trend.trade(), hedge.trade()
    await asyncio.sleep(0.5)
    quote(node, BTC, 50101, 50102, "0.05")  # Fills a part of the sell order.
    await asyncio.sleep(0.3)
    trend.change(), hedge.reopen()
    await asyncio.sleep(0.5)
    adopt(node)
    await asyncio.sleep(2)
    write(node)
    running.cancel()


def write(node):
    client = redis.Redis(host=HOST, port=int(PORT))
    keys = {}
    for key in sorted(client.keys("*")):
        name, kind = key.decode(), client.type(key).decode()
        if ":snapshots:" in name or ":currencies:" in name or (kind == "stream" and "heartbeat" not in name):
            continue
        if ":accounts:" in name:  # Each balance of the account; only the last one is kept.
            keys[name] = {"list": [text(value) for value in client.lrange(key, -1, -1)]}
        elif kind == "list":
            keys[name] = {"list": [text(value) for value in client.lrange(key, 0, -1)]}
        elif kind == "set":
            keys[name] = {"set": sorted(value.decode() for value in client.smembers(key))}
        elif kind == "hash":
            keys[name] = {"hash": {k.decode(): v.decode() for k, v in sorted(client.hgetall(key).items())}}
        elif kind == "string":
            keys[name] = {"string": text(client.get(key))}
        elif kind == "stream":
            keys[name] = {"stream": [[i.decode(), {k.decode(): v.decode() for k, v in fields.items()}] for i, fields in client.xrange(key)]}
    said = {str(p.id): [str(p.strategy_id), str(p.signed_decimal_qty())] for p in node.kernel.cache.positions_open()}
    orders = {str(o.client_order_id): [str(o.strategy_id), o.status_string(), str(o.quantity), str(o.filled_qty)] for o in node.kernel.cache.orders()}
    with open(FILE, "w") as file:
        json.dump({"nautilus_trader": "1.231.0", "encoding": ENCODING, "positions": said, "orders": orders, "keys": keys}, file, indent=1)
        file.write("\n")


def text(value):
    return value.decode() if ENCODING == "json" else base64.b64encode(value).decode()


asyncio.run(main())
