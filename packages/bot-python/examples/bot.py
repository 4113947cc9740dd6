"""A bot that places an order every second, if it may. Ends after the given number of orders.

    PYTHONPATH=packages/bot-python python3 packages/bot-python/examples/bot.py http://127.0.0.1:9400 futures-main 3
"""

import sys
import time

from plumbline_bot import Gate, GateClosed


def place_order() -> str:
    return "order placed"  # exchange.create_order(...) of your bot


def main(url: str, account: str, orders: int) -> None:
    with Gate(url, account) as gate:
        gate.watch(on_change=lambda answer: print("gate:", "open" if answer.open else answer.reasons, flush=True))
        while orders > 0:
            try:
                print(gate.hold(place_order), flush=True)
                orders -= 1
            except GateClosed as closed:
                print("held back:", closed, flush=True)
            time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 10)
