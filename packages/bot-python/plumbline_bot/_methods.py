"""What each method of ccxt means for the bot's record.

"one", "rows", "open" and "trades" read; "by_value" calls "create" with an amount in the quote currency; of "untold" the exchange
makes the orders, and the answer does not say which.
"""

from __future__ import annotations

from typing import Dict, Tuple

_ORDER = ("symbol", "type", "side", "amount", "price", "params")
_ONE = ("id", "symbol", "params")
_LIST = ("symbol", "since", "limit", "params")
_LISTS = ("symbols", "since", "limit", "params")

_REST: Dict[str, Tuple[str, Tuple[str, ...]]] = {
    "create_order": ("create", _ORDER),
    "create_orders": ("create_all", ("orders", "params")),
    "edit_order": ("edit", ("id", *_ORDER)),
    "edit_orders": ("edit_all", ("orders", "params")),
    "cancel_order": ("cancel", _ONE),
    "cancel_orders": ("cancel", ("ids", "symbol", "params")),
    "cancel_orders_for_symbols": ("cancel", ("orders", "params")),
    "close_position": ("untold", ("symbol", "side", "params")),
    "close_all_positions": ("untold", ("params",)),
    "create_twap_order": ("untold", ("symbol", "side", "amount", "duration", "params")),
    "cancel_all_orders": ("cancel_all", ("symbol", "params")),
    "create_market_order_with_cost": ("by_value", ()),
    "create_market_buy_order_with_cost": ("by_value", ()),
    "create_market_sell_order_with_cost": ("by_value", ()),
    "fetch_order": ("one", _ONE),
    "fetch_open_order": ("one", _ONE),
    "fetch_closed_order": ("rows", _ONE),
    "fetch_open_orders": ("open", _LIST),
    "fetch_orders": ("rows", _LIST),
    "fetch_closed_orders": ("rows", _LIST),
    "fetch_canceled_orders": ("rows", _LIST),
    "fetch_canceled_and_closed_orders": ("rows", _LIST),
    "fetch_my_trades": ("trades", _LIST),
    "fetch_order_trades": ("trades", ("id", *_LIST)),
}

# Each method that is watched, with the names of its arguments. The websocket methods have the same arguments and answers.
METHODS: Dict[str, Tuple[str, Tuple[str, ...]]] = {
    **_REST,
    **{f"{name}_ws": method for name, method in _REST.items()},
    "watch_orders": ("rows", _LIST),
    "watch_orders_for_symbols": ("rows", _LISTS),
    "watch_my_trades": ("trades", _LIST),
    "watch_my_trades_for_symbols": ("trades", _LISTS),
}

CREATES = ("create", "create_all")
# Calls that create or change orders: without an answer nobody knows whether they worked.
PLACES = (*CREATES, "edit", "edit_all")
WRITES = (*PLACES, "cancel", "cancel_all", "untold")
