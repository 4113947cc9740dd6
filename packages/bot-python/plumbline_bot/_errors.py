"""What an error of ccxt says about an order. Classes are recognised by name, so ccxt need not be installed."""

from __future__ import annotations

from typing import List, Optional

# Refusals by the exchange that ccxt classes as network errors.
_REFUSALS = {"RateLimitExceeded", "DDoSProtection", "OnMaintenance", "InvalidNonce"}
_FAILURES = {"NetworkError", "OperationFailed", "BadResponse", "NullResponse"}


def classes_of(error: BaseException) -> List[str]:
    """The class names of an error, its own first."""
    return [each.__name__ for each in type(error).__mro__]


def is_refusal(error: BaseException, status: Optional[int]) -> bool:
    """Whether the error says that the exchange did not take the order. Anything else leaves that open.

    status: the HTTP status of the answer, if there was one.
    """
    classes = classes_of(error)
    if _REFUSALS.intersection(classes):
        return True
    # ccxt also uses this class for an answer that broke off, and for a gateway's error in JSON.
    if classes[0] == "ExchangeError" and (error.__cause__ is not None or (status or 0) >= 500):
        return False
    return "ExchangeError" in classes and not _FAILURES.intersection(classes)
