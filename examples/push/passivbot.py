"""Pushes the positions of a Passivbot (version 8) to Plumbline: docs/recipes-push.md.

    PLUMBLINE=http://127.0.0.1:9400 ACCOUNT=main TOKEN=... python passivbot.py monitor/bybit/bybit_01/state.latest.json

The bot writes the file in each cycle (`monitor`, on by default). With --once the script pushes once and ends.
"""

import json
import os
import sys
import time
from datetime import datetime, timezone
from decimal import Decimal

from plumbline_bot import Pusher, PushFailed

SECONDS = 10


def state_of(snapshot):
    """The document. Sizes are contracts as ccxt counts them. A snapshot without its parts raises KeyError or TypeError."""
    positions = [
        {"symbol": symbol, "side": side, "amount": abs(size)}
        for symbol, sides in snapshot["positions"].items()
        for side in ("long", "short")
        for size in [Decimal(sides[side]["size"])]
        if size != 0
    ]
    # Orders are left out: the file does not say how much of an order is filled.
    at = datetime.fromtimestamp(int(snapshot["meta"]["current_cycle_ts_ms"]) / 1000, timezone.utc)
    return {"as_of": at, "position_mode": "hedge", "scopes": ["positions"], "positions": positions}


def main():
    path, once = sys.argv[1], "--once" in sys.argv
    pusher = Pusher(os.environ["PLUMBLINE"], os.environ["ACCOUNT"], os.environ["TOKEN"])
    pushed = None
    while True:
        problem = None
        try:
            with open(path, encoding="utf-8") as file:
                state = state_of(json.load(file, parse_float=Decimal))
            if state["as_of"] != pushed:  # The same snapshot again is no sign of life.
                pusher.push(state)
                pushed = state["as_of"]
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError, PushFailed) as error:
            problem = f"{type(error).__name__}: {error}"
            print(problem, file=sys.stderr)
        if once:
            sys.exit(problem is not None)
        time.sleep(SECONDS)


if __name__ == "__main__":
    main()
