"""What a call to ccxt asks of the exchange, in the terms of the internal-state document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, List, Mapping, NamedTuple, Optional

from ._numbers import above_zero

TRIGGERS = ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice", "triggerPx", "slTriggerPx", "tpTriggerPx")
TRAILING = ("trailingPercent", "trailingAmount", "trailingTriggerPrice", "callbackRate", "callbackRatio")
ATTACHED = ("stopLoss", "takeProfit")
# The names of the client order id in ccxt and on its exchanges.
CLIENT_IDS = (
    "clientOrderId",
    "newClientOrderId",
    "clientAlgoId",
    "clOrdId",
    "algoClOrdId",
    "orderLinkId",
    "clientOid",
    "cliOrdId",
    "cloid",
    "text",
    "client_order_id",
    "origClientOrderId",
)
# Parameters that ask for conditional orders instead of the regular ones.
CONDITIONAL_LISTS = ("trigger", "stop", "trailing", "planType", "orderFilter", "ordType")
_CONDITIONAL_TYPES = ("stop", "take", "trail", "trigger", "conditional", "oco", "move_order", "touched")


class Terms(NamedTuple):
    symbol: str
    side: str
    type: str
    # In the exchange's unit, such as contracts. None: a whole position, a value in the quote currency, or not known.
    amount: Optional[Decimal]
    price: Optional[Decimal]
    trigger_price: Optional[Decimal]
    second_trigger_price: Optional[Decimal]
    conditional: bool
    # "long" or "short" in hedge mode, else None.
    leg: Optional[str]
    client_id: Optional[str]
    # Whether the exchange makes a stop or take profit of its own for the order.
    attached: bool


def terms_of(asked: Mapping[str, Any], hedge: bool, by_value: bool) -> Terms:
    """asked: symbol, type, side, amount, price and params of create_order. by_value: the amount is a value in the quote currency."""
    params = asked.get("params") or {}
    kind = str(asked.get("type") or "").lower()
    side = str(asked.get("side") or "").lower()
    triggers = [price for price in (above_zero(params.get(name)) for name in TRIGGERS) if price is not None]
    trails = any(params.get(name) is not None for name in TRAILING)
    conditional = bool(triggers) or trails or any(word in kind for word in _CONDITIONAL_TYPES)
    price = above_zero(asked.get("price"))
    if trails and "trail" not in kind:
        kind = f"trailing_stop_{kind}"
    elif conditional and kind in ("market", "limit"):
        kind = f"stop_{kind}"
    whole = params.get("closePosition") in (True, "true")
    value = by_value or params.get("cost") is not None or params.get("quoteOrderQty") is not None
    return Terms(
        symbol=str(asked.get("symbol")),
        side=side,
        type=kind or "limit",
        amount=None if whole or value else above_zero(asked.get("amount")),
        price=None if kind.endswith("market") else price,
        trigger_price=triggers[0] if triggers else None,
        second_trigger_price=triggers[1] if len(triggers) > 1 and triggers[1] != triggers[0] else None,
        conditional=conditional,
        leg=_leg(params, side) if hedge else None,
        client_id=client_id_in(params),
        attached=any(params.get(name) is not None for name in ATTACHED),
    )


def client_id_in(params: Mapping[str, Any]) -> Optional[str]:
    for name in CLIENT_IDS:
        value = params.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
            return str(value)
    return None


def asks_conditional(params: Mapping[str, Any]) -> bool:
    """Whether a read or a cancel asks for conditional orders."""
    return any(params.get(name) not in (None, False) for name in CONDITIONAL_LISTS)


def _leg(params: Mapping[str, Any], side: str) -> str:
    """The side of the position that the order is for, in hedge mode."""
    named = str(params.get("positionSide") or params.get("posSide") or params.get("holdSide") or "").lower()
    if named in ("long", "short"):
        return named
    index = str(params.get("positionIdx") or "")
    if index in ("1", "2"):
        return "long" if index == "1" else "short"
    closes = params.get("reduceOnly") in (True, "true")
    return "long" if (side == "buy") != closes else "short"


def each_request(request: Any, count: int) -> List[Mapping[str, Any]]:
    """The part of a request for each of its `count` orders."""
    if isinstance(request, Mapping):
        if count == 1 and client_id_in(request) is not None:
            return [request]
        lists = [value for value in request.values() if isinstance(value, list) and len(value) == count]
        request = lists[0] if lists else []
    if isinstance(request, list) and len(request) == count:
        return [each if isinstance(each, Mapping) else {} for each in request]
    return [{} for _ in range(count)]
