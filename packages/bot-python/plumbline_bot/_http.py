"""One request to `plumbline serve`, with one deadline for all of it except the resolution of a name."""

from __future__ import annotations

import http.client
import math
import socket
import ssl
import threading
from typing import Any, Mapping, Optional
from urllib.parse import quote, urlsplit

# A gate's document has about 500 bytes.
_MAX_BODY_BYTES = 65_536


class Doubt(Exception):
    """The answer does not show clearly what it says."""


def require_timeout(timeout: float) -> None:
    if not (math.isfinite(timeout) and timeout > 0):
        raise ValueError("timeout must be a number of seconds above 0")


class Endpoint:
    """One resource of one account. `subject` is who answers, for messages."""

    def __init__(self, url: str, account: str, name: str, token: Optional[str], subject: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("url must be an http:// or https:// address")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._path = f"{parts.path.rstrip('/')}/v1/accounts/{quote(account, safe='')}/{name}"
        self._subject = subject
        self._token = token

    def request(
        self,
        method: str,
        query: str,
        headers: Mapping[str, str],
        seconds: float,
        pending: "OpenRequest",
        body: Optional[bytes] = None,
    ) -> tuple[int, Any, bytes]:
        """Status, headers and body. Raises Doubt, or an error of the connection."""
        every = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "plumbline-bot", **headers}
        if self._token is not None:
            every["Authorization"] = f"Bearer {self._token}"
        # http.client follows no redirects and uses no proxy.
        if self._secure:
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                self._host, self._port, timeout=seconds, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=seconds)
        pending.take(connection)
        # The timeout above applies to each packet, this one to the whole request.
        alarm = threading.Timer(seconds, pending.drop)
        alarm.daemon = True
        alarm.start()
        try:
            connection.connect()
            pending.connected()
            connection.request(method, self._path + query, body=body, headers=every)
            response = connection.getresponse()
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise Doubt("the answer is compressed, although no compression was requested")
            answer = response.read(_MAX_BODY_BYTES + 1)
            if len(answer) > _MAX_BODY_BYTES:
                raise Doubt("the answer is too large")
            # The connection ended before the announced length.
            if response.status != 304 and response.length not in (None, 0):
                raise Doubt("the answer ended early")
            return response.status, response.headers, answer
        except Exception as error:
            if pending.dropped and not isinstance(error, Doubt):
                raise Doubt(f"{self._subject} did not answer within {seconds:g} s") from error
            raise
        finally:
            alarm.cancel()
            connection.close()


class OpenRequest:
    """Holds the connection of a request, so that another thread can drop it."""

    def __init__(self) -> None:
        self._connection: Optional[http.client.HTTPConnection] = None
        self._socket: Optional[socket.socket] = None
        self.dropped = False

    def take(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection

    def connected(self) -> None:
        """Keeps the socket, because http.client forgets it when the server announces that it closes the connection."""
        self._socket = None if self._connection is None else self._connection.sock
        if self.dropped:
            self.drop()

    def drop(self) -> None:
        self.dropped = True
        # While it connects, the socket is only there.
        sock = self._socket or (None if self._connection is None else self._connection.sock)
        try:
            if sock is not None:
                sock.shutdown(socket.SHUT_RDWR)
        except (OSError, ValueError):
            pass
