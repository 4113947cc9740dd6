"""One order of the bot, as its record keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Dict, Optional, Tuple

from ._numbers import ZERO, multiply, number, plain

# The create call was not answered, so nobody knows whether the exchange has the order.
DOUBT = "doubt"
OPEN = "open"
# The bot knows that the order is not open; an answer may still say how much was filled, or that it is open after all.
GONE = "gone"
ENDED = "ended"


@dataclass
class Order:
    """Amounts are in the exchange's unit; `size` is the contract size, None while it is not known."""

    ref: int
    symbol: str
    side: str
    type: str
    state: str
    conditional: bool
    id: Optional[str] = None
    client_id: Optional[str] = None
    amount: Optional[Decimal] = None
    price: Optional[Decimal] = None
    trigger_price: Optional[Decimal] = None
    second_trigger_price: Optional[Decimal] = None
    filled: Decimal = ZERO
    size: Optional[Decimal] = None
    leg: Optional[str] = None
    # The earlier id of an order that continued under another one.
    former: Optional[str] = None
    # Why the order or its terms are in doubt.
    doubt: Optional[str] = None
    attached: bool = False
    # The fee in the base currency of a spot market, which makes the holding smaller.
    fee: Decimal = ZERO
    # Amount and base fee of each reported trade, by its identity.
    trades: Dict[str, Tuple[Decimal, Decimal]] = field(default_factory=dict)

    def is_open(self) -> bool:
        return self.state in (OPEN, DOUBT)

    def base(self, amount: Optional[Decimal]) -> Optional[Decimal]:
        return None if amount is None or self.size is None else multiply(amount, self.size)

    def row(self) -> Dict[str, Any]:
        """The order's row in the internal-state document."""
        row: Dict[str, Any] = {
            "id": self.id,
            "client_order_id": self.client_id,
            "symbol": self.symbol,
            "side": self.side,
            "type": self.type,
            "price": plain(self.price),
            "trigger_price": plain(self.trigger_price),
            "amount": plain(self.base(self.amount)),
            "filled": plain(self.base(self.filled)),
            "conditional": self.conditional,
        }
        if self.second_trigger_price is not None:
            row["second_trigger_price"] = plain(self.second_trigger_price)
        if self.doubt is not None:
            row["in_doubt"] = self.doubt
        return row

    def saved(self) -> Dict[str, Any]:
        """The form in the record's file, without what is empty."""
        values = {name: plain(value) if isinstance(value, Decimal) else value for name, value in vars(self).items()}
        del values["trades"]
        return {name: value for name, value in values.items() if value is not None and value is not False}

    @staticmethod
    def restored(saved: Dict[str, Any]) -> "Order":
        values = dict(saved)
        for name in ("amount", "price", "trigger_price", "second_trigger_price", "size"):
            values[name] = number(values.get(name))
        for name in ("filled", "fee"):
            values[name] = number(values.get(name)) or ZERO
        values.setdefault("conditional", False)
        return Order(**values)
