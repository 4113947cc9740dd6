"""Keeps the bot's own record from what it asks of a ccxt object and what it is answered."""

from __future__ import annotations

import os
import threading
from decimal import Decimal
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from ._book import Book, Leg
from ._calls import Calls
from ._hooks import Hooks, Note
from ._journal import COMPACT_BYTES, FULL_BYTES, Journal
from ._numbers import number, plain
from .export import export

# With more open orders than this, the bot does not fetch how its orders end.
MAX_OPEN = 10_000
Path = Union[str, "os.PathLike[str]"]
# {"BTC/USDT:USDT": "0.5"}, short below zero; in hedge mode {"BTC/USDT:USDT": {"long": "0.5", "short": "0.2"}}.
Positions = Mapping[str, Any]


class RecordFailed(Exception):
    """The record may be wrong, so there is no state to export. The message says what happened and what to do."""


def watch(
    exchange: Any,
    record: Optional[Path],
    positions: Optional[Positions] = None,
    position_mode: str = "one-way",
) -> "Watched":
    """Watches a ccxt object, sync or async, from now on. The object stays the same; its calls, answers and errors do too.

    exchange:      the bot's ccxt object.
    record:        the file of the record, which outlives the process. None: memory only, and a restart forgets.
    positions:     what the bot holds at the start of a new record, in base units (quote value of inverse contracts); else it is
                   flat. An existing record goes on instead.
    position_mode: "one-way" or "hedge".

    Raises RecordInUse if another process writes the record, RecordUnreadable if its file is damaged.
    """
    return Watched(exchange, record, positions, position_mode)


class Watched:
    """The record of one ccxt object. The methods may be called from any thread. After a `fork`, watch anew."""

    def __init__(self, exchange: Any, record: Optional[Path], positions: Optional[Positions], position_mode: str) -> None:
        if position_mode not in ("one-way", "hedge"):
            raise ValueError('position_mode must be "one-way" or "hedge"')
        if getattr(exchange, "plumbline_watched", False) is True:
            raise ValueError("this exchange object is already watched")
        self._exchange = exchange
        self._hedge = position_mode == "hedge"
        self._lock = threading.RLock()
        self._book = Book(self._contract_size)
        self._problem: Optional[str] = None
        self._hooks: Optional[Hooks] = None
        signs = callable(getattr(exchange, "sign", None))
        by_kind = any(name in str(getattr(exchange, "id", "")) for name in ("okx", "bitget"))
        calls = Calls(
            self._book, self._hedge, self._sent_number, signs, self._unified_symbol, by_kind, lambda: getattr(exchange, "options", None)
        )
        start = _legs(positions or {}, self._hedge)
        head = {"plumbline_record": 1, "exchange": str(getattr(exchange, "id", "")), "position_mode": position_mode}
        self._journal: Optional[Journal] = None if record is None else Journal(os.fspath(record), head)
        try:
            self._restore(start)
        except BaseException:
            self.close()
            raise
        self._hooks = Hooks(exchange, calls, self._record)
        exchange.plumbline_watched = True

    # What the bot uses

    def state(self) -> Dict[str, Any]:
        """The bot's state now, without `as_of`: for `export` or `Pusher.push`. Raises RecordFailed, or OSError if the record's
        file cannot be written."""
        with self._lock:
            if self._problem is not None:
                raise RecordFailed(f"{self._problem}; state the positions with correct() once you have checked them")
            shown = self._book.orders.open()
            if len(shown) > MAX_OPEN:
                raise RecordFailed(f"{len(shown)} orders are open or in doubt: fetch them, so that the record learns how they ended")
            self._tidy()
            return {
                "version": 1,
                "position_mode": "hedge" if self._hedge else "one-way",
                "scopes": ["positions", "orders"],
                "gaps": self._gaps(),
                "positions": [self._position(leg, amount) for leg, amount in self._book.positions.items() if amount != 0],
                "orders": [order.row() for order in shown],
            }

    def export(self, path: Path) -> Dict[str, Any]:
        """Writes the state to a file: see `export`. Raises as `state` and `export` do."""
        return export(self.state(), path)

    @property
    def in_doubt(self) -> List[Dict[str, Any]]:
        """The open orders whose create call was not answered, as rows of the state. Fetching them ends the doubt."""
        with self._lock:
            return [order.row() for order in self._book.orders.open() if order.doubt is not None]

    def correct(self, positions: Positions) -> None:
        """States the positions anew: the bot took something over, or its record was wrong. Symbols that are not named stay."""
        with self._lock:
            for leg, amount in _legs(positions, self._hedge):
                self._book.set_position(leg, amount)
            self._problem = None
            self._save({"problem": None})

    def close(self) -> None:
        """Ends the record and releases its file. The exchange object stays usable, and is not watched any more."""
        with self._lock:
            journal, self._journal = self._journal, None
            if journal is not None:
                journal.close()
            hooks, self._hooks = self._hooks, None
            if hooks is not None:
                hooks.remove()
                del self._exchange.plumbline_watched

    def __enter__(self) -> "Watched":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The record's file

    def _restore(self, start: List[Tuple[Leg, Decimal]]) -> None:
        lines = 0
        if self._journal is not None:
            for line in self._journal.read():
                lines += 1
                self._book.restore(line)
                self._problem = line.get("problem", self._problem) if "problem" in line else self._problem
        if lines == 0:
            for leg, amount in start:
                self._book.set_position(leg, amount)
        self._book.take_changes()
        if self._journal is not None:
            self._journal.rewrite(self._whole())

    def _whole(self) -> Dict[str, Any]:
        return {**self._book.everything(), "problem": self._problem}

    def _save(self, more: Optional[Mapping[str, Any]] = None) -> None:
        line = self._book.take_changes()
        if self._journal is None or (line is None and more is None):
            return
        try:
            self._journal.append({**(line or self._nothing()), **(more or {})})
            if self._journal.bytes > FULL_BYTES:
                self._journal.rewrite(self._whole())
        except OSError:
            pass  # The next export writes the whole record, or says that it cannot.

    def _nothing(self) -> Dict[str, Any]:
        book = self._book
        return {"orders": [], "positions": [], "trades": [], "attached": sorted(book.attached), "seen": sorted(book.seen)}

    def _tidy(self) -> None:
        journal = self._journal
        if journal is not None and (journal.is_behind or journal.bytes > COMPACT_BYTES):
            journal.rewrite(self._whole())

    # The state

    def _position(self, leg: Leg, amount: Decimal) -> Dict[str, Any]:
        symbol, side = leg
        if side is None:
            return {"symbol": symbol, "amount": plain(amount)}
        return {"symbol": symbol, "side": side, "amount": plain(amount if side == "long" else -amount)}

    def _gaps(self) -> List[Dict[str, str]]:
        """Stops that the exchange itself makes for an order have ids that the bot does not know."""
        book = self._book
        held = {symbol for (symbol, _), amount in book.positions.items() if amount != 0}
        held |= {order.symbol for order in book.orders.open() if order.attached}
        book.attached &= held
        if not book.attached:
            return []
        return [{"scope": "orders:conditional", "reason": f"stop or take profit attached to orders of {', '.join(sorted(book.attached))}"}]

    # The exchange object

    def _market(self, symbol: str) -> Optional[Mapping[str, Any]]:
        markets = getattr(self._exchange, "markets", None)
        market = markets.get(symbol) if isinstance(markets, Mapping) else None
        return market if isinstance(market, Mapping) else None

    def _contract_size(self, symbol: str) -> Optional[Decimal]:
        if ":" not in symbol:
            return Decimal(1)
        market = self._market(symbol)
        return None if market is None else number(market.get("contractSize")) or Decimal(1)

    def _unified_symbol(self, symbol: str) -> str:
        """ccxt takes the exchange's own id of a market ("BTCUSDT") for a symbol, too, and answers with the symbol."""
        if self._market(symbol) is not None:
            return symbol
        try:
            return str(self._exchange.market(symbol)["symbol"])
        except Exception:  # The market is not known, or the object has no such method.
            return symbol

    def _sent_number(self, symbol: str, what: str, value: Decimal) -> Decimal:
        """What ccxt sends: it rounds amounts and prices to the market's precision."""
        try:
            text = getattr(self._exchange, f"{what}_to_precision")(symbol, plain(value))
        except Exception:  # The market is not known, or the object has no such method.
            return value
        return number(text) or value

    def _record(self, name: str, note: Note) -> None:
        """The bot's call goes on whatever happens to its record."""
        with self._lock:
            try:
                note()
                self._save()
            except Exception as error:
                self._problem = self._problem or f"{name} could not be recorded ({type(error).__name__}: {error})"
                self._save({"problem": self._problem})


def _legs(positions: Positions, hedge: bool) -> List[Tuple[Leg, Decimal]]:
    legs: List[Tuple[Leg, Decimal]] = []
    for symbol, held in positions.items():
        if isinstance(held, Mapping):
            if not hedge or not set(held) <= {"long", "short"}:
                raise ValueError(f"positions: {symbol} has sides; that needs position_mode \"hedge\" and the sides long and short")
            for side, amount in held.items():
                legs.append(((symbol, side), _stated(symbol, amount) * (1 if side == "long" else -1)))
            continue
        amount = _stated(symbol, held)
        legs.append(((symbol, ("long" if amount >= 0 else "short") if hedge else None), amount))
    return legs


def _stated(symbol: str, amount: Any) -> Decimal:
    parsed = number(amount)
    if parsed is None:
        raise ValueError(f"positions: {symbol} is {amount!r}, and must be an amount in base units")
    return parsed
