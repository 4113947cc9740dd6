"""Pushes with the Python client what a test says: one JSON command a line in, one JSON line out."""

import json
import sys
import threading
import time
from decimal import Decimal

from plumbline_bot import PushFailed, Pusher

pushers = {}
output = threading.Lock()


def pushed(command):
    key = json.dumps([command["url"], command["account"], command["timeout"]])
    if key not in pushers:
        pushers[key] = Pusher(command["url"], command["account"], "bot-7", timeout=command["timeout"])
    began = time.monotonic()
    try:
        answer = pushers[key].push(json.loads(command["state"], parse_float=Decimal))
        told = {"pushed": {"as_of": answer.as_of, "unread": answer.unread}, "failed": None}
    except PushFailed as failed:
        told = {
            "pushed": None,
            "failed": {
                "reason": failed.reason,
                "text": str(failed),
                "status": failed.status,
                "fields": failed.fields,
                "retry_after": failed.retry_after,
            },
        }
    return {"id": command["id"], "ms": (time.monotonic() - began) * 1_000, **told}


def do(command):
    answer = pushed(command)
    with output:
        print(json.dumps(answer), flush=True)


for line in sys.stdin:
    # Each in its own thread, because hostile servers make some wait.
    threading.Thread(target=do, args=(json.loads(line),), daemon=True).start()
