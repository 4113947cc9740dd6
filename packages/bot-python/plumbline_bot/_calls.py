"""What each call of a ccxt object means for the bot's record.

ccxt's methods call each other (create_market_order calls create_order), so of calls that write only the innermost counts. `sent`
tells that a request is about to be sent, and which client order id ccxt gave it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Callable, Dict, List, Mapping, Optional, Set, Tuple

from ._answers import rows_for
from ._book import Book
from ._errors import classes_of, is_refusal
from ._methods import CREATES, PLACES, WRITES
from ._order import DOUBT, Order
from ._terms import Terms, asks_conditional, client_id_in, each_request, terms_of

# Parameters that choose a kind of order and do not filter within it.
_LIST_PARAMETERS = ("trigger", "stop", "type", "subType", "settle", "marginMode")
# Parameters of a cancel with the client order ids of many orders.
_CLIENT_ID_LISTS = ("clientOrderIds", "clientOrderId", "clOrdId")
_UNTOLD = "the exchange made the order itself"


class Frame:
    """One call while it runs."""

    def __init__(self, name: str, kind: str, asked: Dict[str, Any], outer: Optional["Frame"]) -> None:
        self.name = name
        self.kind = kind
        self.asked = asked
        self.outer = outer
        # Whether a nested call is recorded instead.
        self.delegated = False
        # The orders that it creates or changes, with what it asks of each.
        self.orders: List[Tuple[Order, Terms]] = []
        # The orders that were open when it began.
        self.open_before: List[Order] = []
        self.sent = False
        # The HTTP status of the last answer.
        self.status: Optional[int] = None
        # A task that ccxt starts in a call, such as a websocket's, outlives it.
        self.ended = False

    @property
    def params(self) -> Mapping[str, Any]:
        params = self.asked.get("params")
        return params if isinstance(params, Mapping) else {}

    def listed(self) -> List[Mapping[str, Any]]:
        orders = self.asked.get("orders")
        return [each for each in orders if isinstance(each, Mapping)] if isinstance(orders, (list, tuple)) else []

    def around(self) -> List["Frame"]:
        return [] if self.outer is None else [self.outer, *self.outer.around()]


class Calls:
    def __init__(
        self,
        book: Book,
        hedge: bool,
        rounded: Callable[[str, str, Decimal], Decimal],
        signs: bool,
        unified: Callable[[str], str],
        lists_stops_by_kind: bool,
        settings: Callable[[], Any],
    ) -> None:
        """rounded: what ccxt sends for an "amount" or a "price" of a symbol. signs: whether `sent` is called for each request.

        unified: the symbol of what a bot names its market, such as "BTCUSDT". lists_stops_by_kind: whether a list of conditional
        orders has some of their kinds only, as on OKX and Bitget. settings: the options of the ccxt object.
        """
        self._book = book
        self._hedge = hedge
        self._rounded = rounded
        self._signs = signs
        self._unified_symbol = unified
        self._by_kind = lists_stops_by_kind
        self._settings = settings
        # References of orders that a list of conditional orders has shown, where such lists have one kind only.
        self._listed: Set[int] = set()

    def _is_by_cost(self, asked: Mapping[str, Any]) -> bool:
        """Where ccxt needs no price for a market buy on spot, its amount is what it may cost."""
        name, settings, params = "createMarketBuyOrderRequiresPrice", self._settings(), asked.get("params") or {}
        needs_price = params.get(name, settings.get(name) if isinstance(settings, Mapping) else None)
        is_spot = ":" not in str(asked.get("symbol"))
        return needs_price is False and asked.get("type") == "market" and asked.get("side") == "buy" and is_spot

    def _unified(self, asked: Mapping[str, Any]) -> Dict[str, Any]:
        symbol = asked.get("symbol")
        return {**asked, "symbol": self._unified_symbol(symbol)} if isinstance(symbol, str) else dict(asked)

    def begin(self, frame: Frame) -> None:
        if frame.kind in WRITES:
            for outer in frame.around():
                outer.delegated = outer.delegated or outer.kind in WRITES
        if frame.kind in ("open", "cancel_all"):
            frame.open_before = [order for order in self._book.orders.open() if not self._book.is_running(order)]
        if frame.kind in PLACES and (not self._signs or frame.name.endswith("_ws")):
            self._send(frame, {})

    def sent(self, frame: Frame, request: Any) -> None:
        """A request of the call is about to be sent."""
        if frame.delegated or frame.ended:
            return
        if frame.kind in PLACES:
            self._send(frame, request)
        elif frame.kind == "untold":
            frame.sent = True

    def _send(self, frame: Frame, request: Any) -> None:
        if frame.sent or frame.params.get("test") in (True, "true"):
            return
        frame.sent = True
        each_asked = [self._unified(asked) for asked in (frame.listed() if frame.kind.endswith("_all") else [frame.asked])]
        by_value = any(outer.kind == "by_value" for outer in frame.around())
        for asked, wire in zip(each_asked, each_request(request, len(each_asked))):
            terms = self._terms(asked, wire, by_value or self._is_by_cost(asked))
            if frame.kind in CREATES:
                order = self._book.ask(terms)
                self._book.begin(order)
                frame.orders.append((order, terms))
            else:
                client_id = client_id_in(asked.get("params") or {})
                edited = self._book.orders.find(asked.get("id"), client_id, asked.get("symbol"))
                if edited is not None:
                    frame.orders.append((edited, terms))

    def _terms(self, asked: Mapping[str, Any], wire: Mapping[str, Any], by_value: bool) -> Terms:
        terms = terms_of(asked, self._hedge, by_value)

        def rounded(what: str, value: Optional[Decimal]) -> Optional[Decimal]:
            return None if value is None else self._rounded(terms.symbol, what, value)

        return terms._replace(
            amount=rounded("amount", terms.amount),
            price=rounded("price", terms.price),
            trigger_price=rounded("price", terms.trigger_price),
            # ccxt replaces or extends the bot's id on some exchanges.
            client_id=client_id_in(wire) or terms.client_id,
        )

    def answered(self, frame: Frame, answer: Any) -> None:
        frame.asked = self._unified(frame.asked)
        kind = frame.kind
        if kind in WRITES and frame.delegated:
            return
        if kind == "untold":
            raise ValueError(_UNTOLD)
        rows = list(answer) if isinstance(answer, (list, tuple)) else [answer]
        if kind in PLACES:
            self._placed(frame, rows)
        elif kind == "trades":
            for row in rows:
                self._book.learn_trade(row)
        elif kind != "by_value":
            learned = [self._book.learn(row) for row in rows]
            found = [order for order in learned if order is not None]
            if kind == "open":
                self._absent(frame, rows, found)
            if kind == "cancel":
                self._book.gone(self._named(frame))
            if kind == "cancel_all":
                self._book.gone(found)
                if frame.asked.get("symbol") is not None:
                    self._book.gone(order for order in frame.open_before if self._is_meant(frame, order))

    def _placed(self, frame: Frame, rows: List[Any]) -> None:
        self._send(frame, {})
        own = rows_for(rows, [order for order, _ in frame.orders])
        for (order, terms), row in zip(frame.orders, own):
            if frame.kind in CREATES:
                self._book.accept(order, row)
                self._book.end(order)
            else:
                self._book.edit(order, terms, row)

    def failed(self, frame: Frame, error: BaseException) -> None:
        frame.asked = self._unified(frame.asked)
        kind = frame.kind
        if kind in WRITES and frame.delegated:
            return
        if kind == "untold" and frame.sent and not is_refusal(error, frame.status):
            raise ValueError(_UNTOLD)
        classes = classes_of(error)
        if "OrderNotFound" in classes and kind in ("cancel", "one", "edit"):
            # Conditional orders may have an endpoint of their own: only an answer about this kind says that the order is gone.
            asks_for = asks_conditional(frame.params)
            self._book.gone(order for order in self._named(frame) if order.conditional == asks_for)
        why = f"{frame.name} was not answered: {classes[0]}"
        for order, terms in frame.orders:
            self._book.end(order)
            if is_refusal(error, frame.status):
                if kind in CREATES:
                    self._book.refuse(order)
            elif kind in CREATES:
                order.doubt = why if order.state == DOUBT else None
                self._book.changed(order)
            else:
                self._book.doubt_edit(order, terms, why)

    def _named(self, frame: Frame) -> List[Order]:
        """The record's orders that a call names by id or client order id."""
        ids, symbol, find = frame.asked.get("ids"), frame.asked.get("symbol"), self._book.orders.find
        client_id = client_id_in(frame.params)
        if isinstance(frame.asked.get("orders"), (list, tuple)):
            named = [self._unified(each) for each in frame.listed()]
            found = [find(each.get("id"), client_id_in(each), each.get("symbol")) for each in named]
        elif isinstance(ids, (list, tuple)):
            lists = [frame.params.get(name) for name in _CLIENT_ID_LISTS]
            found = [find(id, None, symbol) for id in ids]
            found += [find(None, each, symbol) for listed in lists if isinstance(listed, (list, tuple)) for each in listed]
        else:
            # If both are given, the client order id decides.
            found = [find(frame.asked.get("id") if client_id is None else None, client_id, symbol)]
        return [order for order in found if order is not None]

    def _absent(self, frame: Frame, rows: List[Any], found: List[Order]) -> None:
        """Orders that a list of open orders does not have are not open, if the list is whole and shows orders of their kind."""
        symbol, limit, seen = frame.asked.get("symbol"), frame.asked.get("limit"), self._book.seen
        kind = "conditional" if asks_conditional(frame.params) else "plain"
        of_list = f"{'all' if symbol is None else 'symbol'} {kind}"
        by_kind = self._by_kind and asks_conditional(frame.params)
        seen.update(f"{of_list} {_kind_of(order)}" for order in found)
        if by_kind:
            self._listed.update(order.ref for order in found)
        others = [name for name in frame.params if name not in _LIST_PARAMETERS]
        # Pages have 10, 20, 50 or 100 rows: a list of that length may be one.
        is_page = len(rows) > 0 and len(rows) % 10 == 0
        if others or frame.asked.get("since") is not None or is_page or (isinstance(limit, int) and len(rows) >= limit):
            return
        for order in frame.open_before:
            is_shown = symbol in (None, order.symbol) and f"{of_list} {_kind_of(order)}" in seen
            if by_kind:
                is_missing = symbol in (None, order.symbol) and order.ref in self._listed
            else:
                is_missing = self._is_meant(frame, order) or is_shown
            if is_missing and order not in found:
                self._listed.discard(order.ref)
                self._book.gone([order])

    def _is_meant(self, frame: Frame, order: Order) -> bool:
        asks_for = asks_conditional(frame.params)
        if asks_for and self._by_kind:
            return False
        return order.symbol == frame.asked.get("symbol") and order.conditional == asks_for


def _kind_of(order: Order) -> str:
    """Orders of one kind are in the same lists: "conditional USDT", "regular spot"."""
    settle = order.symbol.split(":")[1] if ":" in order.symbol else "spot"
    return f"{'conditional' if order.conditional else 'regular'} {settle}"
