"""Sends the bot's internal state to Plumbline.

A push has one content: the state that the bot has now. It is sent at the end of each loop, also when nothing changed, because a bot
that is silent counts as one that does not run.
"""

from __future__ import annotations

import json
import math
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Mapping, Optional

from ._http import Doubt, Endpoint, OpenRequest, require_timeout
from .export import Clock, completed, text_of

_MAX_TEXT = 1_000


class PushFailed(Exception):
    """The state was not taken, or nobody knows whether it was. The next push replaces it either way.

    reason:      one line.
    status:      the HTTP status; None without an answer.
    fields:      the wrong fields of the state, as {"path": ..., "problem": ...}.
    retry_after: seconds that the server asks to wait; None if it does not.
    """

    def __init__(
        self,
        account: str,
        reason: str,
        status: Optional[int] = None,
        fields: Optional[list[dict[str, str]]] = None,
        retry_after: Optional[float] = None,
    ) -> None:
        super().__init__(f"the state of {account} was not pushed: {reason}")
        self.account = account
        self.reason = reason
        self.status = status
        self.fields = fields or []
        self.retry_after = retry_after


@dataclass(frozen=True)
class Pushed:
    """The state was taken."""

    as_of: str
    # The rows that could not be read, as {"scope": ..., "symbol": ..., "reason": ...}: they are not compared.
    unread: list[dict[str, Any]] = field(default_factory=list)


class Pusher:
    """Pushes the state of one account.

    url:     where `plumbline serve` listens, such as "http://127.0.0.1:9400".
    account: the account's name in Plumbline's configuration, where it has `internal: {kind: push}`.
    token:   a token with the role `push`.
    timeout: how long a push may hold the bot up, in seconds, whatever the network does.

    The methods may be called from any thread. After a `fork`, make a new Pusher.
    """

    def __init__(self, url: str, account: str, token: str, timeout: float = 2.0) -> None:
        require_timeout(timeout)
        self.account = account
        self._endpoint = Endpoint(url, account, "state", token, "serve")
        self._timeout = timeout
        self._busy = threading.Lock()
        self._clock = Clock()

    def push(self, state: Mapping[str, Any]) -> Pushed:
        """Sends the internal-state document. Raises PushFailed, and nothing else.

        The fields `version`, `as_of` (now, and always later than in the push before) and `scopes` (the lists that the state
        has) are filled in if they are missing. Numbers may be Decimal, int, float or text.
        """
        until = time.monotonic() + self._timeout
        # One at a time, so that a newer state never overtakes an older one.
        if not self._busy.acquire(timeout=self._timeout):
            raise PushFailed(self.account, f"the push before has not ended within {self._timeout:g} s")
        try:
            as_of, body = self._document(state)
        except PushFailed:
            self._busy.release()
            raise
        attempt = _Attempt(self._endpoint, body, self._timeout, self._busy)
        # In a thread of its own, because no timeout ends the resolution of a name.
        threading.Thread(target=attempt.run, name=f"plumbline-push {self.account}", daemon=True).start()
        if not attempt.ended.wait(max(0.0, until - time.monotonic())):
            attempt.pending.drop()
            raise PushFailed(self.account, f"there was no answer within {self._timeout:g} s")
        if attempt.error is not None:
            error = attempt.error
            reason = str(error) if isinstance(error, Doubt) else f"{type(error).__name__}: {error}"
            raise PushFailed(self.account, reason) from error
        return self._read(as_of, *attempt.answer)

    def _document(self, state: Mapping[str, Any]) -> tuple[str, bytes]:
        try:
            document = completed(state, self._clock)
            text = text_of(document)
        except (TypeError, ValueError, RecursionError) as error:
            raise PushFailed(self.account, f"the state cannot be written as JSON: {error}") from error
        as_of = document["as_of"]
        return as_of.isoformat() if isinstance(as_of, datetime) else str(as_of), text.encode("utf-8")

    def _read(self, as_of: str, status: int, headers: Any, body: bytes) -> Pushed:
        if status == 204:
            return Pushed(as_of)
        try:
            document = json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            document = {}
        unread = _maps(document.get("unread"))
        if status == 200 and document.get("account") == self.account and unread:
            return Pushed(as_of, unread)
        error = document.get("error")
        told = error if isinstance(error, dict) else {}
        message = told.get("message")
        remedy = told.get("remedy")
        reason = f"{message} ({remedy})" if isinstance(message, str) else "an answer that is not understood"
        raise PushFailed(
            self.account,
            f"HTTP {status}: {reason}"[:_MAX_TEXT],
            status,
            _maps(told.get("fields")),
            _seconds(headers.get("retry-after")),
        )


class _Attempt:
    def __init__(self, endpoint: Endpoint, body: bytes, timeout: float, busy: threading.Lock) -> None:
        self.pending = OpenRequest()
        self.ended = threading.Event()
        self.answer: tuple[int, Any, bytes] = (0, {}, b"")
        self.error: Optional[Exception] = None
        self._send = lambda: endpoint.request(
            "PUT", "", {"Content-Type": "application/json"}, timeout, self.pending, body
        )
        self._busy = busy

    def run(self) -> None:
        try:
            self.answer = self._send()
        except Exception as error:  # It is raised in the bot's own thread.
            self.error = error
        finally:
            self._busy.release()
            self.ended.set()


def _maps(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _seconds(value: Optional[str]) -> Optional[float]:
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
