"""Records the database that Hummingbot's own recorder writes, for the tests of the source `kind: hummingbot`.

Needs Python 3.12 and `pip install hummingbot==20251103`:

    python record.py > recorded.sql

Real are MarketsRecorder, its tables, and the orders with their states. The connector is a stand-in that trades with nobody.
"""

import asyncio
import os
import sqlite3
import sys
import tempfile
from decimal import Decimal
from types import SimpleNamespace
from unittest.mock import MagicMock

from hummingbot.connector.markets_recorder import MarketsRecorder
from hummingbot.core.data_type.common import OrderType, PositionAction, TradeType
from hummingbot.core.data_type.in_flight_order import InFlightOrder, OrderState, OrderUpdate, TradeUpdate
from hummingbot.core.data_type.trade_fee import AddedToCostTradeFee, TokenAmount
from hummingbot.core.event.events import BuyOrderCreatedEvent, MarketEvent, OrderCancelledEvent, OrderFilledEvent, SellOrderCreatedEvent
from hummingbot.model.sql_connection_manager import SQLConnectionManager, SQLConnectionType

FILE = os.path.join(tempfile.mkdtemp(), "conf_pure_mm.sqlite")
NOW = 1795867200.25  # 2026-11-28T12:00:00.250Z


class Connector(SimpleNamespace):
    """What the recorder asks of a connector."""

    name = display_name = "binance_perpetual"

    def __init__(self):
        super().__init__(orders={})

    @property
    def tracking_states(self):
        return {name: order.to_json() for name, order in self.orders.items()}

    def __getattr__(self, _):
        return lambda *args: None


class Bot:
    def __init__(self, recorder, connector):
        self.recorder, self.connector, self.fills = recorder, connector, 0

    def create(self, name, exchange_id, side, pair, amount, price, kind=OrderType.LIMIT, state=OrderState.OPEN):
        order = InFlightOrder(name, pair, kind, side, Decimal(amount), NOW, price=Decimal(price), exchange_order_id=exchange_id,
                              initial_state=state, leverage=3, position=PositionAction.OPEN)
        self.connector.orders[name] = order
        is_buy = side is TradeType.BUY
        event = (BuyOrderCreatedEvent if is_buy else SellOrderCreatedEvent)(
            NOW, kind, pair, Decimal(amount), Decimal(price), name, NOW, exchange_id, 3, PositionAction.OPEN.value)
        tag = MarketEvent.BuyOrderCreated if is_buy else MarketEvent.SellOrderCreated
        self.recorder._did_create_order(tag.value, self.connector, event)
        return order

    def fill(self, order, amount, price):
        self.fills += 1
        fee = AddedToCostTradeFee(flat_fees=[TokenAmount("USDT", Decimal("0.01"))])
        order.update_with_trade_update(TradeUpdate(f"T{self.fills}", order.client_order_id, order.exchange_order_id, order.trading_pair,
                                                   NOW, Decimal(price), Decimal(amount), Decimal(amount) * Decimal(price), fee))
        self.recorder._did_fill_order(MarketEvent.OrderFilled.value, self.connector, OrderFilledEvent(
            NOW, order.client_order_id, order.trading_pair, order.trade_type, order.order_type, Decimal(price), Decimal(amount), fee, f"T{self.fills}"))

    def cancel(self, order):
        order.update_with_order_update(OrderUpdate(order.trading_pair, NOW, OrderState.CANCELED, order.client_order_id, order.exchange_order_id))
        self.recorder._did_cancel_order(MarketEvent.OrderCancelled.value, self.connector,
                                        OrderCancelledEvent(NOW, order.client_order_id, order.exchange_order_id))


async def main():
    config = MagicMock()
    config.db_mode.get_url = lambda path: f"sqlite:///{FILE}"
    connector = Connector()
    market_data = MagicMock(market_data_collection_enabled=False)
    manager = SQLConnectionManager(config, SQLConnectionType.TRADE_FILLS, db_path=FILE)
    recorder = MarketsRecorder(manager, [connector], "conf_pure_mm.yml", "pure_market_making", market_data)
    MarketsRecorder.db_timestamp = property(lambda self: int(NOW * 1000))
    bot = Bot(recorder, connector)
    partly = bot.create("x-nbQe1H39BBTUT6a1", "8389765501", TradeType.BUY, "BTC-USDT", "0.1234567", "55000.1")
    bot.fill(partly, "0.023", "55000.1")
    cancelled = bot.create("x-nbQe1H39SBTUT6a2", "8389765502", TradeType.SELL, "BTC-USDT", "0.05", "65000")
    bot.create("x-nbQe1H39SSHUT6a3", "8389765503", TradeType.SELL, "1000SHIB-USDT", "70000", "0.0123456789", OrderType.LIMIT_MAKER)
    bot.create("x-nbQe1H39BETUT6a4", None, TradeType.BUY, "ETH-USDT", "2", "2900", state=OrderState.PENDING_CREATE)
    market = bot.create("x-nbQe1H39SETUT6a5", "8389765505", TradeType.SELL, "ETH-USDT", "0.5", "NaN", OrderType.MARKET)
    bot.fill(market, "0.3", "3000")
    whole = bot.create("x-nbQe1H39BSOUT6a6", "8389765506", TradeType.BUY, "SOL-USDT", "1.5", "150")
    bot.fill(whole, "1.5", "150")
    back = bot.create("x-nbQe1H39SSOUT6a7", "8389765507", TradeType.SELL, "SOL-USDT", "1.5", "151")
    bot.fill(back, "1.5", "151")
    bot.cancel(cancelled)
    await asyncio.sleep(0.5)


asyncio.run(main())
for line in sqlite3.connect(FILE).iterdump():
    if '"MarketState"' in line or '"TradeFill"' in line:
        print(line)
