"""Exact decimal numbers. A float counts as the shortest text that means it, which is what ccxt sends for it."""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation
from typing import Any, Optional

# Digits: enough for every product of an amount and a contract size, so nothing is rounded.
_EXACT = Context(prec=200)
ZERO = Decimal(0)


def number(value: Any) -> Optional[Decimal]:
    """The value as an exact number; None if it is not a number."""
    if value is None or isinstance(value, bool):
        return None
    try:
        parsed = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    except (InvalidOperation, ValueError):
        return None
    return parsed if parsed.is_finite() else None


def above_zero(value: Any) -> Optional[Decimal]:
    """Exchanges write 0 for "no price"."""
    parsed = number(value)
    return parsed if parsed is not None and parsed > 0 else None


def plain(value: Optional[Decimal]) -> Optional[str]:
    """Plain digits without trailing zeros: "0.5", never "5E-1"."""
    if value is None:
        return None
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def add(a: Decimal, b: Decimal) -> Decimal:
    return _EXACT.add(a, b)


def subtract(a: Decimal, b: Decimal) -> Decimal:
    return _EXACT.subtract(a, b)


def multiply(a: Decimal, b: Decimal) -> Decimal:
    return _EXACT.multiply(a, b)
