"""What an answer of ccxt says about one order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, List, Mapping, Optional, Sequence

from ._numbers import ZERO, above_zero, add, number
from ._order import Order
from ._orders import text_of
from ._terms import TRIGGERS

ENDS = ("closed", "canceled", "cancelled", "expired", "rejected")


def trigger_of(row: Mapping[str, Any]) -> Optional[Decimal]:
    for name in TRIGGERS:
        price = above_zero(row.get(name))
        if price is not None:
            return price
    return None


def base_fee(symbol: str, row: Mapping[str, Any]) -> Decimal:
    """The fee in the base currency, which a spot exchange takes out of what was bought."""
    if ":" in symbol:
        return ZERO
    base = symbol.split("/")[0]
    fees = row.get("fees") or [row.get("fee")]
    total = ZERO
    for fee in fees if isinstance(fees, (list, tuple)) else []:
        if isinstance(fee, Mapping) and fee.get("currency") == base:
            total = add(total, number(fee.get("cost")) or ZERO)
    return total


def triggered_id(row: Mapping[str, Any], order: Order) -> Optional[str]:
    """The id of the order that a conditional order became; None if it waits, or keeps its id."""
    info = row.get("info")
    if not order.conditional or not isinstance(info, Mapping):
        return None
    child = text_of(info.get("actualOrderId")) or (text_of(info.get("ordId")) if text_of(info.get("algoId")) else None)
    return None if child in (None, "0", order.id) else child


def trade_key(trade: Mapping[str, Any]) -> str:
    """The identity of a trade: the same text in every answer that has it."""
    return text_of(trade.get("id")) or f"{trade.get('timestamp')} {trade.get('amount')} {trade.get('price')}"


def rows_for(rows: Sequence[Any], orders: Sequence[Order]) -> List[Any]:
    """The row of each order: the answers of a batch come in the order of its requests."""
    if len(rows) == len(orders):
        return list(rows)
    by_client = {text_of(row.get("clientOrderId")): row for row in rows if isinstance(row, Mapping)}
    return [by_client.get(order.client_id, {}) if order.client_id is not None else {} for order in orders]
