"""Pushes the holdings of a LEAN algorithm on QuantConnect's cloud to Plumbline: docs/recipes-push.md.

    PLUMBLINE=... ACCOUNT=main TOKEN=... QC_USER_ID=1 QC_TOKEN=... QC_PROJECT_ID=2 python lean.py

With --cash the script pushes the cash book as balances (spot) instead of the holdings as positions (futures). With --once it
pushes once and ends.
"""

import base64
import hashlib
import json
import os
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from plumbline_bot import Pusher, PushFailed

SECONDS = 60
MOST_BYTES = 10_000_000
# QuantConnect renews the snapshot about every 10 minutes and does not say when it was taken.
OLDEST = timedelta(minutes=10)


def state_of(answer, asked_at, cash):
    """The document of an answer of /live/portfolio/read. An answer that is not understood raises KeyError or ValueError."""
    if answer.get("success") is not True:
        raise ValueError(f"the answer reports a failure: {answer.get('errors')}")
    portfolio = answer["portfolio"]
    state = {"as_of": asked_at - OLDEST}
    if cash:
        balances = [{"currency": name, "total": row["amount"]} for name, row in portfolio["cash"].items()]
        return {**state, "scopes": ["balances"], "balances": balances}
    # The key is the symbol's id: the ticker (the exchange's own id), and LEAN's code of the market.
    held = [(key.split(" ")[0], row["q"]) for key, row in portfolio["holdings"].items()]
    positions = [{"symbol": ticker, "amount": quantity} for ticker, quantity in held if quantity != 0]
    return {**state, "position_mode": "one-way", "scopes": ["positions"], "positions": positions}


def ask(path):
    at = str(int(time.time()))
    digest = hashlib.sha256(f"{os.environ['QC_TOKEN']}:{at}".encode()).hexdigest()
    login = base64.b64encode(f"{os.environ['QC_USER_ID']}:{digest}".encode()).decode()
    request = urllib.request.Request(
        os.environ.get("QC_API", "https://www.quantconnect.com/api/v2") + path,
        json.dumps({"projectId": int(os.environ["QC_PROJECT_ID"])}).encode(),
        {"Authorization": f"Basic {login}", "Timestamp": at, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read(MOST_BYTES), parse_float=Decimal)


def main():
    once, cash = "--once" in sys.argv, "--cash" in sys.argv
    pusher = Pusher(os.environ["PLUMBLINE"], os.environ["ACCOUNT"], os.environ["TOKEN"])
    while True:
        problem = None
        try:
            status = ask("/live/read").get("status")
            if status != "Running":  # A stopped algorithm keeps its last portfolio.
                raise ValueError(f"the algorithm is {status}, not Running")
            asked_at = datetime.now(timezone.utc)
            pusher.push(state_of(ask("/live/portfolio/read"), asked_at, cash))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, PushFailed) as error:
            problem = f"{type(error).__name__}: {error}"
            print(problem, file=sys.stderr)
        if once:
            sys.exit(problem is not None)
        time.sleep(SECONDS)


if __name__ == "__main__":
    main()
