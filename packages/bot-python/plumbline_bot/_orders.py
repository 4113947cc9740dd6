"""The orders of a record, by reference, id and client order id. Those that are not open are bounded in number."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from ._order import Order

# Orders that are not open are kept for late answers.
MAX_CLOSED = 2_000


class Orders:
    def __init__(self) -> None:
        self._orders: Dict[int, Order] = {}
        self._by_id: Dict[str, List[int]] = {}
        self._by_client: Dict[str, List[int]] = {}
        # Orders that are not open, the first that ended first.
        self._closed: Dict[int, None] = {}
        self._last_ref = 0

    def next_ref(self) -> int:
        return self._last_ref + 1

    def all(self) -> List[Order]:
        return list(self._orders.values())

    def open(self) -> List[Order]:
        return [order for order in self._orders.values() if order.is_open()]

    def get(self, ref: int) -> Optional[Order]:
        return self._orders.get(ref)

    def with_client_id(self, client_id: Optional[str]) -> List[Order]:
        return self._those(self._by_client, client_id)

    def find(self, id: Any, client_id: Any, symbol: Any) -> Optional[Order]:
        for found in (self._those(self._by_id, text_of(id)), self._those(self._by_client, text_of(client_id))):
            # Ids are unique for one symbol only.
            meant = [order for order in found if not isinstance(symbol, str) or order.symbol == symbol]
            if meant:
                return next((order for order in reversed(meant) if order.is_open()), meant[-1])
        return None

    def put(self, order: Order) -> None:
        """Adds an order, or replaces what is known of it."""
        before = self._orders.get(order.ref)
        if before is not None:
            order.trades = before.trades
        self._orders[order.ref] = order
        self._last_ref = max(self._last_ref, order.ref)
        self.index(order)
        self.settle(order)

    def index(self, order: Order) -> None:
        """Call it when an id becomes known."""
        for id in (order.id, order.former):
            _add(self._by_id, id, order.ref)
        _add(self._by_client, order.client_id, order.ref)

    def settle(self, order: Order) -> None:
        """Call it when the state changes. Forgets the orders that ended first above the bound."""
        self._closed.pop(order.ref, None)
        if order.is_open():
            return
        self._closed[order.ref] = None
        while len(self._closed) > MAX_CLOSED:
            self._forget(next(iter(self._closed)))

    def _forget(self, ref: int) -> None:
        del self._closed[ref]
        order = self._orders.pop(ref)
        for id in (order.id, order.former):
            _remove(self._by_id, id, ref)
        _remove(self._by_client, order.client_id, ref)

    def _those(self, index: Dict[str, List[int]], key: Optional[str]) -> List[Order]:
        return [self._orders[ref] for ref in index.get(key or "", []) if ref in self._orders]


def text_of(value: Any) -> Optional[str]:
    """An id as text; None if there is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return str(value) or None


def _add(index: Dict[str, List[int]], key: Optional[str], ref: int) -> None:
    if key is not None:
        refs = index.setdefault(key, [])
        if ref not in refs:
            refs.append(ref)


def _remove(index: Dict[str, List[int]], key: Optional[str], ref: int) -> None:
    left = [each for each in index.get(key or "", []) if each != ref]
    if left:
        index[key or ""] = left
    else:
        index.pop(key or "", None)
