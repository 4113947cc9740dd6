"""The file of a bot's record: its first line is the whole record, each further line is what one call changed.

A line is written before its request is sent, so the record of a process that is killed has each order that may be
on the exchange. One process writes: a lock of the operating system, which ends with the process, holds others back.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict, Iterator, List, Mapping, Optional

from .export import write_whole

# Bytes from which the file is rewritten at the next export, and from which it is rewritten at once.
COMPACT_BYTES = 1 << 20
FULL_BYTES = 1 << 24


class RecordInUse(Exception):
    """Another process, or another `watch` of this one, writes the record."""


class RecordUnreadable(Exception):
    """The record's file is damaged, or is the record of something else."""


class Journal:
    def __init__(self, path: str, head: Mapping[str, Any]) -> None:
        self.path = os.path.abspath(path)
        self._head = dict(head)
        self._lock = _Lock(f"{self.path}.lock")
        self._handle: Optional[int] = None
        self.bytes = 0
        # Whether a line could not be written: only a whole record repairs the file.
        self.is_behind = False

    def read(self) -> Iterator[Dict[str, Any]]:
        """The lines of an earlier process. Raises RecordUnreadable."""
        try:
            with open(self.path, "rb") as file:
                content = file.read()
        except FileNotFoundError:
            return
        lines = content.split(b"\n")
        # A power failure may have cut the last line; its request was then not sent, or was not answered.
        lines.pop()
        for at, line in enumerate(lines, 1):
            try:
                parsed = json.loads(line)
            except ValueError:
                parsed = None
            if not isinstance(parsed, dict):
                raise RecordUnreadable(f"{self.path}, line {at} cannot be read: restore the file, or remove it and state the positions")
            if at == 1:
                told = {name: parsed.get(name) for name in self._head}
                if told != self._head:
                    raise RecordUnreadable(f"{self.path} is the record of {told}, not of {self._head}: give each bot its own file")
            yield parsed

    def append(self, line: Mapping[str, Any]) -> None:
        """Adds a line. Raises OSError."""
        content = _line(line)
        if self._handle is None:
            raise OSError("the record is closed")
        try:
            written = os.write(self._handle, content)
            if written != len(content):
                raise OSError(f"{self.path}: the disk is full")
        except OSError:
            self.is_behind = True
            raise
        self.bytes += len(content)

    def rewrite(self, whole: Mapping[str, Any]) -> None:
        """Replaces the file by one line that has the whole record. Raises OSError."""
        content = _line({**self._head, **whole})
        write_whole(self.path, content)
        before, self._handle = self._handle, os.open(self.path, os.O_WRONLY | os.O_APPEND)
        if before is not None:
            os.close(before)
        self.bytes = len(content)
        self.is_behind = False

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        self._lock.release()


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("utf-8") + b"\n"


class _Lock:
    """Raises RecordInUse if somebody has it."""

    # On some systems flock does not exclude a second lock of the same process.
    _of_this_process: List[str] = []

    def __init__(self, path: str) -> None:
        self._path = path
        if path in self._of_this_process:
            raise RecordInUse(f"{path}: this process already writes this record")
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(self._handle)
        except OSError as error:
            os.close(self._handle)
            raise RecordInUse(f"{path}: another process writes this record; each bot needs a record of its own") from error
        self._of_this_process.append(path)

    def release(self) -> None:
        if self._path in self._of_this_process:
            self._of_this_process.remove(self._path)
            os.close(self._handle)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
