"""Does with the Python client what a test says: one JSON command a line in, JSON lines out."""

import json
import sys
import threading

from plumbline_bot import Gate, GateClosed

watched = {}
output = threading.Lock()


def say(document):
    with output:
        print(json.dumps(document), flush=True)


def told(answer):
    return {"open": answer.open, "reasons": answer.reasons, "accepted": answer.accepted}


def ask(gate):
    called = []
    error = None
    try:
        gate.hold(lambda: called.append(True))
    except GateClosed as closed:
        error = {"reasons": closed.reasons, "text": str(closed)}
    return {"called": bool(called), "closed": error}


def do(command):
    key = command["id"]
    if command["do"] == "close":
        watched.pop(command["watch"]).close()
        return say({"id": key})
    if command["do"] == "now":
        return say({"id": key, **ask(watched[command["watch"]])})
    gate = Gate(command["url"], command["account"], **command["options"])
    if command["do"] == "watch":
        gate.watch(on_change=lambda answer: say({"watch": key, "changed": told(answer)}))
        watched[key] = gate
        return say({"id": key})
    asked = ask(gate)
    say({"id": key, **asked, "open": gate.open() if asked["called"] else False})


for line in sys.stdin:
    # Each in its own thread, because hostile servers make some wait.
    threading.Thread(target=do, args=(json.loads(line),), daemon=True).start()
