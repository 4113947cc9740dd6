"""The record's file, its lock, its threads and its bounds."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from plumbline_bot import RecordFailed, RecordInUse, RecordUnreadable, export, watch  # noqa: E402

SYMBOL = "BTC/USDT:USDT"


class Exchange:
    id = "stub"

    def __init__(self):
        self.markets = {SYMBOL: {"contractSize": 1}}
        self.count = 0
        self.on_request = lambda: None
        self.lock = threading.Lock()

    def sign(self, path, api="public", method="GET", params={}, headers=None, body=None):
        return {}

    def create_order(self, symbol, type, side, amount, price=None, params={}):
        with self.lock:
            self.count += 1
            id = str(self.count)
        self.sign("order", "private", "POST", {"newClientOrderId": f"c{id}"})
        self.on_request()
        return {"id": id, "clientOrderId": f"c{id}", "status": "closed" if type == "market" else "open", "filled": amount if type == "market" else 0}

    def fetch_order(self, id, symbol=None, params={}):
        return {"id": id, "symbol": symbol, "status": "canceled", "filled": "not a number"}


class Record(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "record")
        self.state = os.path.join(folder.name, "state.json")

    def test_a_killed_process_leaves_the_order_that_it_was_sending(self):
        code = (
            "import os, signal, sys; sys.path[:0] = sys.argv[2:4]\n"
            "from test_record import Exchange, SYMBOL\nfrom plumbline_bot import watch\n"
            "exchange = Exchange(); watch(exchange, sys.argv[1]); exchange.create_order(SYMBOL, 'limit', 'buy', 1, 100)\n"
            "exchange.on_request = lambda: os.kill(os.getpid(), signal.SIGKILL)\nexchange.create_order(SYMBOL, 'limit', 'buy', 2, 100)\n"
        )
        here = os.path.dirname(os.path.abspath(__file__))
        run = subprocess.run([sys.executable, "-c", code, self.path, here, os.path.dirname(here)], timeout=60)
        self.assertEqual(run.returncode, -signal.SIGKILL)
        with watch(Exchange(), self.path) as record:
            rows = [(row["id"], row["client_order_id"], row["amount"]) for row in record.state()["orders"]]
            self.assertEqual(rows, [("1", "c1", "1"), (None, "c2", "2")])
            self.assertEqual([row["client_order_id"] for row in record.in_doubt], ["c2"])

    def test_one_bot_has_a_record(self):
        with watch(Exchange(), self.path):
            self.assertRaises(RecordInUse, watch, Exchange(), self.path)
            code = "import sys; sys.path[:0] = sys.argv[2:4]\nfrom test_record import Exchange\nfrom plumbline_bot import watch\nwatch(Exchange(), sys.argv[1])"
            here = os.path.dirname(os.path.abspath(__file__))
            run = subprocess.run([sys.executable, "-c", code, self.path, here, os.path.dirname(here)], capture_output=True, text=True, timeout=60)
            self.assertIn("another process writes this record", run.stderr)
        watch(Exchange(), self.path).close()

    def test_a_damaged_file_is_refused(self):
        exchange = Exchange()
        with watch(exchange, self.path):
            exchange.create_order(SYMBOL, "limit", "buy", 1, 100)
        with open(self.path, encoding="utf-8") as file:
            lines = file.readlines()
        with open(self.path, "w", encoding="utf-8") as file:
            file.writelines([lines[0], "{half\n", *lines[1:]])
        self.assertRaisesRegex(RecordUnreadable, "line 2", watch, Exchange(), self.path)
        with open(self.path, "w", encoding="utf-8") as file:
            file.writelines([*lines, '{"orders": [{"ref'])
        with watch(Exchange(), self.path) as record:
            self.assertEqual(len(record.state()["orders"]), 1)
        other = Exchange()
        other.id = "other"
        self.assertRaisesRegex(RecordUnreadable, "give each bot its own file", watch, other, self.path)

    def test_threads_lose_nothing(self):
        exchange = Exchange()
        with watch(exchange, self.path) as record:
            def trade():
                for _ in range(50):
                    exchange.create_order(SYMBOL, "market", "buy", 0.1)
                    record.export(self.state)

            threads = [threading.Thread(target=trade) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(record.export(self.state)["positions"], [{"symbol": SYMBOL, "amount": "40"}])
        with watch(Exchange(), self.path) as record:
            self.assertEqual(record.state()["positions"], [{"symbol": SYMBOL, "amount": "40"}])

    def test_memory_and_file_are_bounded(self):
        exchange = Exchange()
        with watch(exchange, self.path) as record:
            for _ in range(6_000):
                exchange.create_order(SYMBOL, "market", "buy", 1)
            record.state()
            self.assertLessEqual(len(record._book.orders.all()), 2_000)
            self.assertEqual(sum(len(refs) for refs in record._book.orders._by_id.values()), 2_000)
            self.assertLess(os.path.getsize(self.path), 2_000_000)
            self.assertEqual(record.state()["positions"], [{"symbol": SYMBOL, "amount": "6000"}])

    def test_what_cannot_be_recorded_ends_the_export_and_not_the_bot(self):
        exchange = Exchange()
        exchange.markets = None
        with watch(exchange, self.path) as record:
            self.assertEqual(exchange.create_order(SYMBOL, "market", "buy", 1)["id"], "1")
            self.assertRaisesRegex(RecordFailed, "create_order could not be recorded.*load the markets", record.state)
        exchange = Exchange()
        with watch(exchange, self.path) as record:
            self.assertRaisesRegex(RecordFailed, "load the markets", record.export, self.state)
            record.correct({SYMBOL: Decimal("1.0")})
            self.assertEqual(record.state()["positions"], [{"symbol": SYMBOL, "amount": "1"}])
            self.assertEqual(exchange.fetch_order("1", SYMBOL)["status"], "canceled")

    def test_a_full_disk_does_not_reach_the_bot_and_is_made_up_for(self):
        exchange = Exchange()
        with watch(exchange, self.path) as record:
            append = record._journal.append
            handle, record._journal._handle = record._journal._handle, -1
            exchange.create_order(SYMBOL, "market", "buy", 1)
            record._journal._handle = handle
            self.assertTrue(record._journal.is_behind)
            record.state()
            self.assertEqual(append, record._journal.append)
        with watch(Exchange(), self.path) as record:
            self.assertEqual(record.state()["positions"], [{"symbol": SYMBOL, "amount": "1"}])

    def test_a_closed_record_leaves_the_object_as_it_was(self):
        exchange = Exchange()
        watch(exchange, None).close()
        self.assertEqual(set(vars(exchange)), {"markets", "count", "on_request", "lock"})
        record = watch(exchange, None)
        self.assertRaises(ValueError, watch, exchange, None)
        record.close()

    def test_options(self):
        for positions in ({SYMBOL: "much"}, {SYMBOL: {"long": 1}}, {SYMBOL: None}):
            self.assertRaises(ValueError, watch, Exchange(), None, positions)
        self.assertRaises(ValueError, watch, Exchange(), None, {}, "netting")


class Export(unittest.TestCase):
    def test_the_file_is_whole_and_later_each_time(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "state.json")
            first = export({"positions": [{"symbol": SYMBOL, "amount": Decimal("0.50")}]}, path)
            second = export({"positions": [], "orders": []}, path)
            self.assertLess(first["as_of"], second["as_of"])
            self.assertEqual(first["scopes"], ["positions"])
            for bad in ({"positions": [{"amount": float("nan")}]}, {"positions": [object()]}):
                self.assertRaises((TypeError, ValueError), export, bad, path)
            with open(path, encoding="utf-8") as file:
                self.assertEqual(json.load(file), second)
            self.assertEqual(os.listdir(folder), ["state.json"])
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o644)
            self.assertRaises(OSError, export, {}, os.path.join(folder, "none", "state.json"))


if __name__ == "__main__":
    unittest.main()
