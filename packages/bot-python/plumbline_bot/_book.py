"""The bot's own record: its orders, what it knows of their fills, and the positions that these fills add up to.

- An order's terms are what the bot asked, as the answer to that very call confirms them. A later answer only fills in what is
  not known, so an amendment by hand stays a difference.
- An order's state and fills are what answers said that the bot fetched. Fills only grow; of two sources the larger counts.
- A position is its start plus the fills of the record's orders. Orders and trades of others are not counted.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple

from ._answers import ENDS, base_fee, trade_key, trigger_of, triggered_id
from ._numbers import ZERO, above_zero, add, multiply, number, plain, subtract
from ._order import DOUBT, ENDED, GONE, OPEN, Order
from ._orders import Orders, text_of
from ._terms import Terms

# The most answers that are kept while a create call runs: they may be about its order.
MAX_EARLY = 1_000
# The symbol and, in hedge mode, the side.
Leg = Tuple[str, Optional[str]]


class Book:
    def __init__(self, size_of: Callable[[str], Optional[Decimal]]) -> None:
        self._size_of = size_of
        self.orders = Orders()
        # Base units; below zero is short.
        self.positions: Dict[Leg, Decimal] = {}
        # Symbols whose orders got a stop or take profit of the exchange's own.
        self.attached: Set[str] = set()
        # Which kinds of orders each kind of list has shown: only there does absence mean something.
        self.seen: Set[str] = set()
        # Orders whose create call has not returned. Meanwhile answers about ids that nobody knows yet are kept: a websocket may
        # tell of a fill before the call returns.
        self._running: Set[int] = set()
        self._early: List[Tuple[Callable[[Any], Any], Mapping[str, Any]]] = []
        self._changed_orders: Set[int] = set()
        self._changed_legs: Set[Leg] = set()
        self._new_trades: List[List[Any]] = []

    # What the bot asks

    def ask(self, terms: Terms) -> Order:
        ref = self.orders.next_ref()
        order = Order(ref, terms.symbol, terms.side, terms.type, DOUBT, terms.conditional, leg=terms.leg)
        self.orders.put(order)
        order.amount, order.price = terms.amount, terms.price
        order.trigger_price, order.second_trigger_price = terms.trigger_price, terms.second_trigger_price
        order.doubt = "create_order has not been answered yet"
        self._identify(order, None, terms.client_id)
        self.changed(order)
        if terms.attached:
            order.attached = True
            self.attached.add(terms.symbol)
        return order

    def refuse(self, order: Order) -> None:
        """The exchange refused the order, so it never existed."""
        self._become(order, ENDED)

    def accept(self, order: Order, answer: Any) -> None:
        """The answer to the call that created the order."""
        row = answer if isinstance(answer, Mapping) else {}
        has_id = text_of(row.get("id")) is not None
        if not has_id and row.get("status") == "rejected":
            self.refuse(order)
            return
        self.changed(order)
        self._confirm_terms(order, row)
        order.doubt = None if has_id else "the answer to create_order has no id"
        # Another answer may already have reported its end.
        if has_id and order.state == DOUBT:
            self._become(order, OPEN)
        for other in self.orders.with_client_id(order.client_id):
            # The exchange accepts a client order id once, so an earlier call with it did not arrive, or its order has ended.
            if other is not order and other.state == DOUBT:
                self._become(other, GONE)
        self.learn(row, order)
        early, self._early = self._early, []
        for learn_again, told in early:
            learn_again(told)

    def begin(self, order: Order) -> None:
        """The call that creates the order has begun."""
        self._running.add(order.ref)

    def is_running(self, order: Order) -> bool:
        return order.ref in self._running

    def end(self, order: Order) -> None:
        """The call that creates the order has returned."""
        self._running.discard(order.ref)
        if not self._running:
            self._early = []

    def edit(self, order: Order, terms: Terms, answer: Any) -> None:
        """The answer to the call that changed the order."""
        row = answer if isinstance(answer, Mapping) else {}
        new_id = text_of(row.get("id"))
        if new_id is not None and order.id is not None and new_id not in (order.id, order.former):
            self._replace(order, terms, row)
            return
        order.amount = terms.amount or order.amount
        if not order.type.endswith("market"):
            order.price = terms.price or order.price
        order.trigger_price = terms.trigger_price or order.trigger_price
        order.doubt = None
        self.changed(order)
        self._confirm_terms(order, row)
        self.learn(row, order)

    def _replace(self, replaced: Order, terms: Terms, row: Mapping[str, Any]) -> None:
        """Some exchanges replace an order by another one."""
        order = self.ask(
            terms._replace(
                client_id=text_of(row.get("clientOrderId")),
                leg=replaced.leg,
                conditional=replaced.conditional,
                type=replaced.type,
                amount=terms.amount or replaced.amount,
                price=terms.price or replaced.price,
                trigger_price=terms.trigger_price or replaced.trigger_price,
            )
        )
        self.gone([replaced])
        self.accept(order, row)

    def doubt_edit(self, order: Order, terms: Terms, why: str) -> None:
        """The edit was not answered: the terms that it was to change are unknown until an answer has them."""
        if terms.amount is not None and terms.amount != order.amount:
            order.amount = None
        if terms.price is not None and terms.price != order.price:
            order.price = None
        if terms.trigger_price is not None and terms.trigger_price != order.trigger_price:
            order.trigger_price = None
        order.doubt = why
        self.changed(order)

    def gone(self, orders: Iterable[Order]) -> None:
        """The bot knows that these are not open."""
        for order in orders:
            if order.is_open():
                self._become(order, GONE)

    # What the exchange answers the bot

    def learn(self, row: Any, known: Optional[Order] = None) -> Optional[Order]:
        """One order as an answer shows it. Returns the record's order that it is; None if it is not the bot's."""
        if not isinstance(row, Mapping):
            return None
        id, client_id = text_of(row.get("id")), text_of(row.get("clientOrderId"))
        order = known or self.orders.find(id, client_id, row.get("symbol"))
        if order is None:
            self._keep_early(self.learn, row)
            return None
        before = order.saved()
        self._take(order, row, id, client_id)
        if order.saved() != before:
            self.changed(order)
        return order

    def _keep_early(self, learn: Callable[[Any], Any], told: Mapping[str, Any]) -> None:
        if self._running and len(self._early) < MAX_EARLY:
            self._early.append((learn, told))

    def _take(self, order: Order, row: Mapping[str, Any], id: Optional[str], client_id: Optional[str]) -> None:
        is_former = id is not None and id == order.former
        if id is not None and not is_former and order.id not in (None, id):
            self._continue_as(order, id, row)
        self._identify(order, None if is_former else id, client_id)
        self._fill_in(order, row)
        self._take_fills(order, number(row.get("filled")), base_fee(order.symbol, row))
        status = row.get("status")
        child = None if is_former else triggered_id(row, order)
        if child is not None:
            self._continue_as(order, child, {})
            self._become(order, OPEN)
        elif not is_former and order.state != ENDED and (status == "open" or status in ENDS):
            order.doubt = None
            self._become(order, OPEN if status == "open" else ENDED)

    def learn_trade(self, trade: Any) -> None:
        if not isinstance(trade, Mapping):
            return
        order = self.orders.find(trade.get("order"), trade.get("clientOrderId"), trade.get("symbol"))
        amount = number(trade.get("amount"))
        if order is None:
            self._keep_early(self.learn_trade, trade)
            return
        if amount is None:
            return
        fee, key = base_fee(order.symbol, trade), trade_key(trade)
        if order.trades.get(key) == (amount, fee):
            return
        order.trades[key] = (amount, fee)
        filled = fees = ZERO
        for each, each_fee in order.trades.values():
            filled, fees = add(filled, each), add(fees, each_fee)
        if order.amount is not None and filled > order.amount:
            filled = order.amount
        self._take_fills(order, filled, fees)
        self._new_trades.append([order.ref, key, plain(amount), plain(fee)])

    # The positions

    def set_position(self, leg: Leg, amount: Decimal) -> None:
        self.positions[leg] = amount
        self._changed_legs.add(leg)

    def _take_fills(self, order: Order, filled: Optional[Decimal], fee: Decimal) -> None:
        more = subtract(filled, order.filled) if filled is not None and filled > order.filled else ZERO
        fees = subtract(fee, order.fee) if fee > order.fee else ZERO
        if more == 0 and fees == 0:
            return
        if order.size is None:
            raise ValueError(f"the contract size of {order.symbol} is not known: load the markets first")
        leg, amount = (order.symbol, order.leg), multiply(more, order.size)
        before = self.positions.get(leg, ZERO)
        moved = add(before, amount) if order.side == "buy" else subtract(before, amount)
        self.set_position(leg, subtract(moved, fees))
        order.filled, order.fee = add(order.filled, more), add(order.fee, fees)
        self.changed(order)
        if order.amount is not None and order.filled >= order.amount:
            order.doubt = None
            self._become(order, ENDED)

    # Changes of one order

    def changed(self, order: Order) -> None:
        self._changed_orders.add(order.ref)

    def _identify(self, order: Order, id: Optional[str], client_id: Optional[str]) -> None:
        order.id = id or order.id
        order.client_id = order.client_id or client_id
        order.size = order.size or self._size_of(order.symbol)
        self.orders.index(order)

    def _continue_as(self, order: Order, id: str, row: Mapping[str, Any]) -> None:
        """The order continues under another id: its trigger was reached, or it was replaced."""
        order.former = order.id
        self._identify(order, id, None)
        if not order.conditional or above_zero(row.get("triggerPrice")) is not None:
            return
        order.conditional, order.trigger_price, order.second_trigger_price = False, None, None
        order.type = "market" if order.type.endswith("market") else "limit"

    def _confirm_terms(self, order: Order, row: Mapping[str, Any]) -> None:
        if order.amount is not None:
            order.amount = above_zero(row.get("amount")) or order.amount
        if order.price is not None:
            order.price = above_zero(row.get("price")) or order.price
        if order.trigger_price is not None and order.second_trigger_price is None:
            order.trigger_price = trigger_of(row) or order.trigger_price

    def _fill_in(self, order: Order, row: Mapping[str, Any]) -> None:
        order.amount = order.amount or above_zero(row.get("amount"))
        if not order.type.endswith("market"):
            order.price = order.price or above_zero(row.get("price"))
        if order.conditional:
            order.trigger_price = order.trigger_price or trigger_of(row)

    def _become(self, order: Order, state: str) -> None:
        if order.state == state:
            return
        order.state = state
        self.orders.settle(order)
        self.changed(order)

    # The file

    def take_changes(self) -> Optional[Dict[str, Any]]:
        """What changed since the last call, as a line of the record's file; None if nothing did."""
        changed = [self.orders.get(ref) for ref in sorted(self._changed_orders)]
        orders = [order for order in changed if order is not None]
        legs = sorted(self._changed_legs, key=str)
        line = self._line(orders, legs, self._new_trades)
        self._changed_orders, self._changed_legs, self._new_trades = set(), set(), []
        return line if line["orders"] or line["positions"] or line["trades"] else None

    def everything(self) -> Dict[str, Any]:
        self.take_changes()
        orders = self.orders.all()
        trades = [[each.ref, key, plain(amount), plain(fee)] for each in orders for key, (amount, fee) in each.trades.items()]
        return self._line(orders, list(self.positions), trades)

    def _line(self, orders: Sequence[Order], legs: Sequence[Leg], trades: List[List[Any]]) -> Dict[str, Any]:
        return {
            "orders": [order.saved() for order in orders],
            "positions": [[*leg, plain(self.positions[leg])] for leg in legs],
            "trades": trades,
            "attached": sorted(self.attached),
            "seen": sorted(self.seen),
        }

    def restore(self, line: Mapping[str, Any]) -> None:
        for saved in line["orders"]:
            self.orders.put(Order.restored(saved))
        for symbol, leg, amount in line["positions"]:
            self.positions[symbol, leg] = number(amount) or ZERO
        for ref, key, amount, fee in line["trades"]:
            order = self.orders.get(ref)
            if order is not None:
                order.trades[key] = (number(amount) or ZERO, number(fee) or ZERO)
        self.attached, self.seen = set(line["attached"]), set(line["seen"])
