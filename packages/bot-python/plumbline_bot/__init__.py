"""Plumbline for a bot in Python: its own record of a ccxt object, the export of its state, and the trading gate.

    from plumbline_bot import Gate, Pusher, watch

    record = watch(exchange, "bot-record.jsonl")
    record.export("state.json")  # at the end of each loop

    gate = Gate("http://127.0.0.1:9400", "futures-main")
    gate.hold(lambda: exchange.create_order("BTC/USDT:USDT", "limit", "buy", 0.01, 50_000))
"""

from ._journal import RecordInUse, RecordUnreadable
from .export import export
from .gate import Gate, GateAnswer, GateClosed
from .push import Pushed, Pusher, PushFailed
from .watched import RecordFailed, Watched, watch

__all__ = [
    "Gate",
    "GateAnswer",
    "GateClosed",
    "Pushed",
    "Pusher",
    "PushFailed",
    "RecordFailed",
    "RecordInUse",
    "RecordUnreadable",
    "Watched",
    "export",
    "watch",
]
__version__ = "0.1.0"
