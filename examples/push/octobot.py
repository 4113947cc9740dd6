"""Pushes the positions of an OctoBot to Plumbline: docs/recipes-push.md.

    PLUMBLINE=http://127.0.0.1:9400 ACCOUNT=main TOKEN=... python octobot.py http://127.0.0.1:5001 binance

Asks the web interface, which must need no password (listen on loopback only). The second argument is OctoBot's name of the
exchange. With --once the script pushes once and ends.
"""

import json
import os
import sys
import time
import urllib.request
from decimal import Decimal

from plumbline_bot import Pusher, PushFailed

SECONDS = 10
MOST_BYTES = 10_000_000


def state_of(rows, exchange):
    """The document of the rows of /api/positions. A row that is not understood raises KeyError, TypeError or ValueError."""
    if not isinstance(rows, list):
        raise ValueError("the answer is not a list")
    positions = []
    for row in rows:
        if row["SoR"] != "Real" or row["exchange"] != exchange:
            continue
        size = Decimal(str(row["amount"]))
        if row["side"] in ("long", "short"):
            positions.append({"symbol": row["symbol"], "side": row["side"], "amount": abs(size)})
        elif row["side"] == "both":  # One-way mode: the sign says the side.
            positions.append({"symbol": row["symbol"], "amount": size})
        else:
            raise ValueError(f"a position of {row['symbol']} has the side {row['side']}")
    # Orders are left out: /api/orders says neither the side of a stop nor how much of an order is filled.
    return {"scopes": ["positions"], "positions": positions}


def ask(url):
    with urllib.request.urlopen(f"{url.rstrip('/')}/api/positions", timeout=5) as answer:
        return json.loads(answer.read(MOST_BYTES), parse_float=Decimal)


def main():
    url, exchange, once = sys.argv[1], sys.argv[2], "--once" in sys.argv
    pusher = Pusher(os.environ["PLUMBLINE"], os.environ["ACCOUNT"], os.environ["TOKEN"])
    while True:
        problem = None
        try:
            pusher.push(state_of(ask(url), exchange))
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError, PushFailed) as error:
            problem = f"{type(error).__name__}: {error}"
            print(problem, file=sys.stderr)
        if once:
            sys.exit(problem is not None)
        time.sleep(SECONDS)


if __name__ == "__main__":
    main()
