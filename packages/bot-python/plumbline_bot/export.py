"""Writes the bot's internal state to a file that Plumbline reads (`internal: {kind: file, path: ...}`)."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, Dict, Mapping, Union

_LISTS = ("positions", "orders", "balances")


class Clock:
    """Milliseconds since the epoch, always later than the previous result, because a clock may be set back."""

    def __init__(self) -> None:
        self._last_ms = 0
        self._lock = threading.Lock()

    def now(self) -> str:
        with self._lock:
            self._last_ms = max(self._last_ms + 1, int(time.time() * 1_000))
            seconds, milliseconds = divmod(self._last_ms, 1_000)
        whole = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{whole}.{milliseconds:03d}Z"


_clock = Clock()


def export(state: Mapping[str, Any], path: Union[str, "os.PathLike[str]"]) -> Dict[str, Any]:
    """Writes the internal-state document, whole or not at all. Call it at the end of each loop, also when nothing changed.

    The fields `version`, `as_of` (now) and `scopes` (the lists that the state has) are filled in if they are missing. Numbers may
    be Decimal, int, float or text. Returns the document. Raises OSError if it cannot be written, and ValueError or TypeError if it
    cannot be written as JSON; the document before is then still there.
    """
    document = completed(state, _clock)
    write_whole(path, text_of(document).encode("utf-8"))
    return document


def completed(state: Mapping[str, Any], clock: Clock) -> Dict[str, Any]:
    document = dict(state)
    document.setdefault("version", 1)
    document.setdefault("as_of", clock.now())
    document.setdefault("scopes", [name for name in _LISTS if document.get(name) is not None])
    return document


def text_of(document: Mapping[str, Any]) -> str:
    return json.dumps(document, default=_exact, allow_nan=False)


def write_whole(path: Union[str, "os.PathLike[str]"], content: bytes) -> None:
    """Replaces the file: a reader and a power failure find the old content or the new one."""
    target = os.path.abspath(path)
    folder = os.path.dirname(target)
    handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes a file for its owner alone; Plumbline may run as another user.
        os.chmod(temporary, _mode_of(target))
        os.replace(temporary, target)
    except BaseException:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise
    _sync_folder(folder)


def _mode_of(target: str) -> int:
    try:
        return os.stat(target).st_mode & 0o777
    except OSError:
        return 0o644


def _sync_folder(folder: str) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # Some file systems have no such thing; the content itself is on the disk.
    finally:
        os.close(handle)


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} {value!r} cannot be written as JSON")
