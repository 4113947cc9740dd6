"""The watched methods of a ccxt object. They take, return and raise what they did before.

ccxt's own methods call each other on the object, so they are replaced on the object itself, and a variable that follows each call
through its awaits shows which call runs inside another one.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
from typing import Any, Callable, Dict, List, Optional, Tuple

from ._calls import Calls, Frame
from ._methods import METHODS

Note = Callable[[], None]


class Hooks:
    def __init__(self, exchange: Any, calls: Calls, record: Callable[[str, Note], None]) -> None:
        """record: records a call; never raises."""
        self._exchange = exchange
        self._calls = calls
        self._record = record
        self._frame: "contextvars.ContextVar[Optional[Frame]]" = contextvars.ContextVar("plumbline_frame", default=None)
        # The object's own attributes under watched names, if it had any.
        self._originals: List[Tuple[str, bool, Any]] = []
        for name in METHODS:
            for alias in (name, _camel(name)):
                self._replace(alias, functools.partial(self._watched, name))
        self._replace("sign", self._watched_sign)
        for alias in ("handle_errors", "handleErrors"):
            self._replace(alias, self._watched_status)

    def remove(self) -> None:
        for name, was_own, original in self._originals:
            if was_own:
                setattr(self._exchange, name, original)
            else:
                delattr(self._exchange, name)
        self._originals = []

    def _replace(self, name: str, watched: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        original = getattr(self._exchange, name, None)
        if callable(original):
            self._originals.append((name, name in vars(self._exchange), original))
            setattr(self._exchange, name, watched(original))

    def _watched(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(original):

            @functools.wraps(original)
            async def call_async(*args: Any, **kwargs: Any) -> Any:
                frame, outer = self._begin(name, args, kwargs)
                try:
                    answer = await original(*args, **kwargs)
                except BaseException as error:
                    self._failed(frame, outer, error)
                    raise
                self._answered(frame, outer, answer)
                return answer

            return call_async

        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            frame, outer = self._begin(name, args, kwargs)
            try:
                answer = original(*args, **kwargs)
            except BaseException as error:
                self._failed(frame, outer, error)
                raise
            self._answered(frame, outer, answer)
            return answer

        return call

    def _watched_sign(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def sign(*args: Any, **kwargs: Any) -> Any:
            frame = self._frame.get()
            if frame is not None:
                asked = {**dict(zip(("path", "api", "method", "params"), args)), **kwargs}
                if asked.get("method", "GET") != "GET" and "public" not in str(asked.get("api")).lower():
                    self._record(frame.name, lambda: self._calls.sent(frame, asked.get("params")))
            return original(*args, **kwargs)

        return sign

    def _watched_status(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def handle_errors(*args: Any, **kwargs: Any) -> Any:
            frame = self._frame.get()
            if frame is not None and args and isinstance(args[0], int):
                frame.status = args[0]
            return original(*args, **kwargs)

        return handle_errors

    def _begin(self, name: str, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Tuple[Frame, Optional[Frame]]:
        kind, names = METHODS[name]
        outer = self._frame.get()
        frame = Frame(name, kind, {**dict(zip(names, args)), **kwargs}, None if outer is None or outer.ended else outer)
        self._frame.set(frame)
        self._record(name, lambda: self._calls.begin(frame))
        return frame, outer

    def _answered(self, frame: Frame, outer: Optional[Frame], answer: Any) -> None:
        self._frame.set(outer)
        frame.ended = True
        self._record(frame.name, lambda: self._calls.answered(frame, answer))

    def _failed(self, frame: Frame, outer: Optional[Frame], error: BaseException) -> None:
        self._frame.set(outer)
        frame.ended = True
        self._record(frame.name, lambda: self._calls.failed(frame, error))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
