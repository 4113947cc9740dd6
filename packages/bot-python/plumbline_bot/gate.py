"""The trading gate as a bot sees it.

Open means one thing only: Plumbline answered 200, about this account, with `"open": true` and no reason against it, and
the answer is not older than allowed. Anything else is closed: a timeout, an error, a redirect, a body that is not
understood. No method returns "unknown".
"""

from __future__ import annotations

import json
import math
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, TypeVar

from ._http import Doubt, Endpoint, OpenRequest, require_timeout

Result = TypeVar("Result")

_MAX_REASONS = 100
_MAX_REASON_LENGTH = 1_000
# The pause between two requests of the watcher, so that no server can make it spin. It doubles after a failure.
_MIN_REST_SECONDS = 0.1
_MAX_REST_SECONDS = 2.0
# How long the watcher asks without `wait` after a server refused to let it wait.
_WITHOUT_WAIT_SECONDS = 30.0


class GateClosed(Exception):
    """The bot may not trade now. `reasons` says why, in one line each; there is at least one."""

    def __init__(self, account: str, reasons: list[str]) -> None:
        super().__init__(f"the trading gate of {account} is closed: {'; '.join(reasons)}")
        self.account = account
        self.reasons = reasons


@dataclass(frozen=True)
class GateAnswer:
    """What is known of the gate."""

    open: bool
    reasons: list[str] = field(default_factory=list)
    # Discrepancies that a human accepted for now: they do not close the gate.
    accepted: int = 0


@dataclass(frozen=True)
class _Known:
    """An answer with its age. The age counts from when the request was sent, on both clocks."""

    answer: GateAnswer
    tag: Optional[str]
    # Age of the answer inside the server, seconds.
    age: float
    sent_monotonic: float
    sent_wall: float

    def age_now(self) -> float:
        # The monotonic clock stops while a machine sleeps, and the wall clock may be set back: the larger age counts.
        passed = max(0.0, time.monotonic() - self.sent_monotonic, time.time() - self.sent_wall)
        return self.age + passed


class Gate:
    """The trading gate of one account.

    url:      where `plumbline serve` listens, such as "http://127.0.0.1:9400".
    account:  the account's name in Plumbline's configuration.
    token:    a bearer token, if `serve` asks for one.
    max_age:  how old an answer may be, in seconds, to count as open. At least 1.
    timeout:  how long one request may take, in seconds.

    Without `watch()` each call asks the server. With it, a thread keeps the newest answer, and the calls return at once.
    The methods may be called from any thread.
    """

    def __init__(
        self,
        url: str,
        account: str,
        token: Optional[str] = None,
        max_age: float = 30.0,
        timeout: float = 2.0,
    ) -> None:
        endpoint = Endpoint(url, account, "gate", token, "the gate")
        if not (math.isfinite(max_age) and max_age >= 1):
            raise ValueError("max_age must be a number of seconds, at least 1")
        require_timeout(timeout)
        self.account = account
        self._endpoint = endpoint
        self._max_age = max_age
        self._timeout = timeout
        self._watcher: Optional[_Watcher] = None

    def check(self) -> GateAnswer:
        """Returns the answer if the gate is open. Raises GateClosed otherwise, and nothing else."""
        answer = self.answer()
        if not answer.open:
            raise GateClosed(self.account, answer.reasons)
        return answer

    def open(self) -> bool:
        """Whether the bot may trade now. Never raises."""
        return self.answer().open

    def answer(self) -> GateAnswer:
        """The answer, open or closed. Never raises."""
        watcher = self._watcher
        known = None if watcher is None else watcher.known
        return self._judge(self._ask() if known is None else known)

    def hold(self, order_function: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
        """Calls the function and returns its result if the gate is open. Otherwise raises GateClosed and does not call it."""
        self.check()
        return order_function(*args, **kwargs)

    def watch(self, on_change: Optional[Callable[[GateAnswer], None]] = None) -> None:
        """Keeps the answer up to date in a thread of its own.

        `on_change` gets the first answer and each that is another. It runs in that thread: it should be short.
        """
        if self._watcher is None:
            self._watcher = _Watcher(self, on_change)
            self._watcher.start()

    def close(self) -> None:
        """Ends the watcher; the gate then asks for each call again."""
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.stop()

    def __enter__(self) -> "Gate":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _judge(self, known: _Known) -> GateAnswer:
        if known.answer.open and not known.age_now() <= self._max_age:
            return _closed(f"the answer is older than {self._max_age:g} s")
        return known.answer

    def _ask(self, known: Optional[_Known] = None, wait: int = 0, pending: Optional[OpenRequest] = None) -> _Known:
        """One request. Closed if the answer is in doubt."""
        sent_monotonic, sent_wall = time.monotonic(), time.time()
        try:
            status, headers, body = self._request(known, wait, pending or OpenRequest())
            if status == 304:
                answer, tag, age = self._unchanged(known, headers)
            else:
                answer, age = self._read(status, body)
                tag = headers.get("etag")
        except Exception as error:  # Whatever went wrong, nobody knows that the bot may trade.
            doubt = str(error) if isinstance(error, Doubt) else f"the gate cannot be asked ({type(error).__name__}: {error})"
            answer, tag, age = _closed(doubt), None, 0.0
        return _Known(answer, tag, age, sent_monotonic, sent_wall)

    def _request(self, known: Optional[_Known], wait: int, pending: OpenRequest) -> tuple[int, Any, bytes]:
        headers = {}
        query = ""
        if known is not None and known.tag is not None:
            headers["If-None-Match"] = known.tag
            if wait > 0:
                query = f"?wait={wait}"
        return self._endpoint.request("GET", query, headers, self._timeout + wait, pending)

    def _unchanged(self, known: Optional[_Known], headers: Any) -> tuple[GateAnswer, Optional[str], float]:
        """A 304 counts only if the known answer is open and has the same tag, and with an age."""
        if known is None or not known.answer.open or known.tag is None or headers.get("etag") != known.tag:
            raise Doubt("the gate answered 304 to a request without this tag")
        text = headers.get("age") or ""
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Doubt("the answer does not say how old it is")
        # Whole seconds, rounded down.
        return known.answer, known.tag, float(int(text) + 1)

    def _read(self, status: int, body: bytes) -> tuple[GateAnswer, float]:
        try:
            document = json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise Doubt(f"the gate answered {status} with a body that is not understood") from error
        if not isinstance(document, dict) or document.get("account") != self.account:
            raise Doubt(f"the gate answered {status}, and not about this account")
        reasons = _reasons(document.get("reasons"))
        if status != 200 or document.get("open") is not True or reasons is None or reasons:
            return _closed(*(reasons or [f"the gate answered {status}, which does not mean open"])), 0.0
        age = document.get("age_ms")
        if isinstance(age, bool) or not isinstance(age, (int, float)) or not (0 <= age < 1e12):
            raise Doubt("the answer does not say how old it is")
        accepted = document.get("accepted")
        count = accepted if isinstance(accepted, int) and not isinstance(accepted, bool) else 0
        return GateAnswer(True, [], count), age / 1_000


class _Watcher(threading.Thread):
    def __init__(self, gate: Gate, on_change: Optional[Callable[[GateAnswer], None]]) -> None:
        super().__init__(name=f"plumbline-bot {gate.account}", daemon=True)
        self._gate = gate
        self._on_change = on_change
        self._stopped = threading.Event()
        self._pending = OpenRequest()
        # None before the first answer; until then each call asks the server itself.
        self.known: Optional[_Known] = None

    def stop(self) -> None:
        self._stopped.set()
        self._pending.drop()

    def run(self) -> None:
        gate = self._gate
        # An answer comes at least this often, so that a lost answer does not let the previous one expire.
        wait = max(1, int(min(gate._max_age / 3, 60)))
        rest = _MIN_REST_SECONDS
        without_wait_until = 0.0
        while not self._stopped.is_set():
            waits = gate._max_age >= 3 and time.monotonic() >= without_wait_until
            # A new holder for each request, so that a late timer does not drop the next connection.
            self._pending = OpenRequest()
            if self._stopped.is_set():
                return
            known = gate._ask(self.known, wait if waits else 0, self._pending)
            if self._stopped.is_set():
                return
            asked_to_wait = waits and self.known is not None and self.known.tag is not None
            changed = self.known is None or known.answer != self.known.answer
            self.known = known
            if known.tag is None:
                rest = min(2 * rest, _MAX_REST_SECONDS)
                if asked_to_wait:
                    without_wait_until = time.monotonic() + _WITHOUT_WAIT_SECONDS
            else:
                rest = _MIN_REST_SECONDS
            if changed and self._on_change is not None:
                try:
                    self._on_change(known.answer)
                except Exception:  # The bot's own fault must not end the watcher.
                    pass
            self._stopped.wait(rest if waits or known.tag is None else min(gate._max_age / 3, 1.0))


def _closed(*reasons: str) -> GateAnswer:
    return GateAnswer(False, list(reasons))


def _reasons(value: object) -> Optional[list[str]]:
    """The reasons; None if they are not understood."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return None
    return [each[:_MAX_REASON_LENGTH] for each in value[:_MAX_REASONS]]
